"""A reader's hands and eyes on an explorer in a page, live or frozen: move its controls, read what is drawn."""

import importlib
import json
import math

import numpy as np

from fmspace_nb.explorer.traces import take_apart

READ = """(f, paths) => paths.map(path => {
  const plot = f.querySelector('.fm-plot')
  const value = path.split('.').reduce((node, key) => node?.[key], {data: plot.data, layout: plot.layout})
  const plain = v => ArrayBuffer.isView(v) ? Array.from(v, plain) : Array.isArray(v) ? v.map(plain)
    : typeof v === 'number' && !Number.isFinite(v) ? null : v ?? null
  return JSON.stringify(plain(value))
})"""


# Waits in the page: a locator searches the whole of it each time it is asked.
SETTLED = """async (f, seconds) => {
  const at = () => [...f.querySelectorAll('[data-control]')].map(c => Number(c.value)).join()
  for (const end = performance.now() + 1000 * seconds; performance.now() < end;) {
    const {state, shown} = f.dataset
    if (state === 'error' || state === 'ready' && shown === at()) return state
    await new Promise(go => setTimeout(go, 5))
  }
  return `${f.dataset.state} with ${f.dataset.shown}, not with ${at()}, after ${seconds} s`
}"""
STILL = """async (f, parameter) => {
  const control = f.querySelector(`[data-control='${parameter}']`)
  control.scrollIntoViewIfNeeded()
  for (let k = 0, before; k < 600; k++) {
    await new Promise(requestAnimationFrame)
    const {x, y, width, height} = control.getBoundingClientRect(), now = [x, y, width, height]
    const above = control.getRootNode().elementFromPoint(x + width / 2, y + height / 2)
    if (now.join() === before) {
      if (above === control) return now
      control.scrollIntoView({block: ['center', 'end', 'start'][k % 3]})  // out from under what covers it
    }
    before = now.join()
  }
  throw Error(`${parameter} does not stand still, or something covers it`)
}"""


class Driven:
    """One explorer of a page. `.controls` are the names of its controls; `.at` where they stand."""

    def __init__(self, page, name):
        self.page, self.name = page, name
        self.figure = page.locator(f"[data-explorer='{name}']").first
        self.plot = self.figure.locator(".fm-plot")
        self._element = None
        self.ask("f => f.scrollIntoViewIfNeeded()")

    def ask(self, script, argument=None):
        """What a function of the explorer's element answers; once it has left the page, that of the one in its
        place."""
        asked = f"async (f, a) => f.isConnected ? [await ({script})(f, a)] : null"
        told = self._element and self._element.evaluate(asked, argument)
        if not told:
            self._element = self.figure.element_handle()
            return self._element.evaluate(script, argument)
        return told[0]

    @property
    def controls(self) -> list[str]:
        return self.ask("""f => [...f.querySelectorAll('[data-control]')]
          .filter(c => !c.closest('.fm-control').hidden).map(c => c.dataset.control)""")

    @property
    def at(self) -> list[int]:
        return self.ask("f => [...f.querySelectorAll('[data-control]')].map(c => Number(c.value))")

    def values(self) -> dict:
        """{parameter: value} where the controls stand."""
        return self.ask("f => f.explorer.values()")

    def control(self, parameter):
        return self.figure.locator(f"[data-control='{parameter}']")

    def is_list(self, parameter) -> bool:
        return self._of(parameter, "c => c.tagName === 'SELECT'")

    def stops(self, parameter) -> int:
        return self._of(parameter, "c => Number(c.dataset.stops ?? c.options?.length ?? +c.max + 1)")

    def _of(self, parameter, script, argument=None):
        """What a function of a control answers."""
        control = "f.querySelector(`[data-control='${parameter}']`)"
        return self.ask(f"(f, [parameter, argument]) => ({script})({control}, argument)", [parameter, argument])

    def settle(self, seconds=20):
        """Wait until the picture of where the controls stand is drawn."""
        said = self.ask(SETTLED, seconds)
        assert said == "ready", said if said != "error" else self.figure.get_by_role("alert").inner_text()

    def drag(self, parameter, share, events=3):
        """Press the mouse on a slider's thumb and drag it to this share of the track in so many moves."""
        left, top, width, height = self.ask(STILL, parameter)
        thumb, y = 18, top + height / 2
        now = self._of(parameter, "c => Number(c.value)") / (self.stops(parameter) - 1)
        x = lambda s: left + thumb / 2 + s * (width - thumb)  # noqa: E731
        self.page.mouse.move(x(now), y)
        self.page.mouse.down()
        for step in range(1, events + 1):
            self.page.mouse.move(x(now + (share - now) * step / events), y)
        self.page.mouse.up()

    def send(self, parameter, index):
        """Put a control on a stop by one event, however far it is."""
        self._of(parameter, "(c, k) => { c.value = k; c.dispatchEvent(new Event('input', {bubbles: true})) }",
                 str(index))

    def send_all(self, indices):
        """Put all controls on these stops in one frame, so that one picture is drawn."""
        self.ask("""(f, indices) => {
          for (const [parameter, k] of Object.entries(indices)) {
            const control = f.querySelector(`[data-control='${parameter}']`)
            control.value = k
            control.dispatchEvent(new Event('input', {bubbles: true}))
          }
        }""", {parameter: str(index) for parameter, index in indices.items()})

    def press(self, parameter, *keys):
        """Focus a control by keyboard and press keys."""
        self._of(parameter, "c => c.focus()")
        for key in keys:
            self.page.keyboard.press(key)

    def drawn(self, paths) -> list:
        return [json.loads(text) for text in self.ask(READ, list(paths))]

    def summary(self) -> str:
        return self.ask("f => f.querySelector('.fm-plot').getAttribute('aria-label')")


def figure_function(driven):
    """The figure function an explorer shows, imported by the name it carries."""
    module, _, name = driven.ask("f => f.dataset.figure").partition(":")
    return getattr(importlib.import_module(module), name)


def assert_draws(driven, figure):
    """What the page has drawn is the figure: every array to its rounding, every text, range and colour."""
    tree, arrays, alt = take_apart(figure)
    rest = dict(_leaves(tree))
    drawn = dict(zip([*arrays, *rest], driven.drawn([*arrays, *rest]), strict=True))
    for path in arrays:
        expected = np.where(np.isfinite(arrays[path]), arrays[path], np.nan)
        spread = np.nanmax(expected) - np.nanmin(expected) if np.isfinite(expected).any() else 0.0
        got = np.array(drawn[path], dtype=expected.dtype)
        np.testing.assert_allclose(got, expected, rtol=4 * np.finfo(expected.dtype).eps, atol=1e-6 * spread,
                                   err_msg=f"{driven.name}: {path}")
    tied = any("scaleanchor" in axis for axis in tree["layout"].values() if isinstance(axis, dict))
    for path in rest:
        got = drawn[path]
        said = f"{driven.name}: {path} is {got!r} in the page, {rest[path]!r} in the figure"
        if tied and path.endswith("axis.range"):  # plotly widens one of two axes of one scale to fill the frame
            assert got[0] <= rest[path][0] and rest[path][1] <= got[1], said
        else:
            assert _close(got, rest[path]), said
    assert driven.summary() == alt or not alt


def _close(got, expected):
    """Equal JSON, numbers to twelve digits: they are computed in two processes."""
    if isinstance(expected, dict):
        return (
            isinstance(got, dict)
            and got.keys() == expected.keys()
            and all(_close(got[k], v) for k, v in expected.items())
        )
    if isinstance(expected, list):
        return isinstance(got, list) and len(got) == len(expected) and all(map(_close, got, expected))
    number = isinstance(expected, (int, float)) and not isinstance(expected, bool)
    return math.isclose(got, expected, rel_tol=1e-12, abs_tol=1e-12) if number and got is not None else got == expected


def _leaves(value, path=""):
    if isinstance(value, dict) or path == "data":
        for key, v in value.items() if isinstance(value, dict) else enumerate(value):
            # the theme is the page's, the height the element's
            if f"{path}.{key}" not in ("layout.template", "layout.height"):
                yield from _leaves(v, f"{path}.{key}" if path else str(key))
    else:
        yield path, value
