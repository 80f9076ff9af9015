"""A reader's hands and eyes on an explorer in a page, live or frozen: move its controls, read what is drawn."""

import importlib
import json

import numpy as np

from fmspace_nb.explorer.traces import take_apart

READ = """(plot, paths) => paths.map(path => {
  const value = path.split('.').reduce((node, key) => node?.[key], {data: plot.data, layout: plot.layout})
  const plain = v => ArrayBuffer.isView(v) ? Array.from(v, plain) : Array.isArray(v) ? v.map(plain)
    : typeof v === 'number' && !Number.isFinite(v) ? null : v ?? null
  return JSON.stringify(plain(value))
})"""


class Driven:
    """One explorer of a page. `.controls` are the names of its controls; `.at` where they stand."""

    def __init__(self, page, name):
        self.page, self.name = page, name
        self.figure = page.locator(f"[data-explorer='{name}']").first
        self.plot = self.figure.locator(".fm-plot")
        self.figure.scroll_into_view_if_needed()

    @property
    def controls(self) -> list[str]:
        return self.figure.locator("[data-control]").evaluate_all("all => all.map(c => c.dataset.control)")

    @property
    def at(self) -> list[int]:
        return self.figure.locator("[data-control]").evaluate_all("all => all.map(c => Number(c.value))")

    def control(self, parameter):
        return self.figure.locator(f"[data-control='{parameter}']")

    def stops(self, parameter) -> int:
        return self.control(parameter).evaluate("c => c.options?.length ?? Number(c.max) + 1")

    def settle(self, seconds=20):
        """Wait until the picture of where the controls stand is drawn."""
        shown = ",".join(map(str, self.at))
        drawn = self.page.locator(f"[data-explorer='{self.name}'][data-state='ready'][data-shown='{shown}']")
        drawn.first.wait_for(state="attached", timeout=1000 * seconds)  # not wait_for_function: a page's Content-Security-Policy forbids its eval

    def drag(self, parameter, share):
        """Press the mouse on a slider's thumb and drag it to this share of the track."""
        control = self.control(parameter)
        control.scroll_into_view_if_needed()
        box, thumb = control.bounding_box(), 18
        now = self.at[self.controls.index(parameter)] / (self.stops(parameter) - 1)
        x = lambda s: box["x"] + thumb / 2 + s * (box["width"] - thumb)  # noqa: E731
        y = box["y"] + box["height"] / 2
        self.page.mouse.move(x(now), y)
        self.page.mouse.down()
        for step in range(1, 9):
            self.page.mouse.move(x(now + (share - now) * step / 8), y)
        self.page.mouse.up()

    def press(self, parameter, *keys):
        """Focus a control by keyboard and press keys."""
        self.control(parameter).focus()
        for key in keys:
            self.page.keyboard.press(key)

    def drawn(self, paths) -> list:
        return [json.loads(text) for text in self.plot.evaluate(READ, list(paths))]

    def summary(self) -> str:
        return self.plot.get_attribute("aria-label")


def figure_function(driven):
    """The figure function an explorer shows, imported by the name it carries."""
    module, _, name = driven.figure.get_attribute("data-figure").partition(":")
    return getattr(importlib.import_module(module), name)


def assert_draws(driven, figure, relative=0.0):
    """What the page has drawn is the figure: every array (as float32, or to a relative error), every text, range and colour."""
    tree, arrays, alt = take_apart(figure)
    for path, got in zip(arrays, driven.drawn(arrays), strict=True):
        expected = arrays[path]
        got = np.array(got, dtype=expected.dtype)
        finite = np.where(np.isfinite(expected), expected, np.nan)
        np.testing.assert_allclose(got, finite, rtol=relative, atol=relative and relative * np.nanmax(np.abs(finite), initial=0.0),
                                   err_msg=f"{driven.name}: {path}")
    rest = dict(_leaves(tree))
    for path, got in zip(rest, driven.drawn(rest), strict=True):
        assert got == rest[path], f"{driven.name}: {path} is {got!r} in the page, {rest[path]!r} in the figure"
    assert driven.summary() == alt or not alt


def _leaves(value, path=""):
    if isinstance(value, dict) or path == "data":
        for key, v in value.items() if isinstance(value, dict) else enumerate(value):
            if f"{path}.{key}" not in ("layout.template", "layout.height"):  # the theme is the page's, the height the element's
                yield from _leaves(v, f"{path}.{key}" if path else str(key))
    else:
        yield path, value
