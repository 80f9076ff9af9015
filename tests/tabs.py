"""Tabs of a browser that tests use in turn: what a tab has compiled, plotly.js above all, its next page need not, and
opens with a third of the work."""

DRIVER = "GL Driver Message (OpenGL, Performance"  # a graphics driver's remark on its own speed: not the page's


class Tabs:
    """`.open()` gives an empty tab with `.complaints` (errors and warnings), `.requests` (addresses, but of data) and
    `.leave()`, which gives it back; one that is `.spoiled`, by a clock or a script it cannot lose, is closed then."""

    def __init__(self, browser):
        self.browser, self.free = browser, {}

    def open(self, viewport=None, media=None, **context):
        """A tab of a context with these options; `viewport` and `media` (as for emulate_media) are set in any tab."""
        free = self.free.setdefault(tuple(sorted(context.items())), [])
        page = free.pop() if free else self._new(context)
        page.complaints, page.requests, page.spoiled = [], [], False
        page.leave = lambda: self._left(page, free)
        page.set_viewport_size(viewport or {"width": 1280, "height": 900})
        unset = dict.fromkeys(("media", "color_scheme", "reduced_motion", "forced_colors"), "null")
        page.emulate_media(**unset | (media or {}))
        return page

    def _new(self, context):
        page = self.browser.new_context(**context).new_page()
        page.on("request", lambda r: page.requests.append(r.url) if not r.url.startswith(("data:", "blob:")) else None)
        page.on("console", lambda m: page.complaints.append(m.text)
                if m.type in ("error", "warning") and DRIVER not in m.text else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        return page

    def _left(self, page, free):
        if page.spoiled:
            page.context.close()
            return
        for other in page.context.pages:
            if other is not page:
                other.close()
        page.evaluate("() => { try { localStorage.clear() } catch { /* a sandbox keeps nothing */ } }")
        page.unroute_all()
        page.mouse.move(0, 0)
        page.goto("about:blank")
        free.append(page)


def stopped_clock(page):
    """The clock of a page, which from now on stands still between the milliseconds that it is told to run."""
    page.spoiled = True
    page.clock.install()
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 60)  # a slow machine must not have passed it by then
    return page.clock
