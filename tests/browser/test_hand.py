"""The reader's hand: ▶ plays a slider, a number can be typed, the picture can be dragged, pictures move together."""

import plotly.graph_objects as go
import pytest
from bare import bare_page
from driving import Driven
from tabs import stopped_clock

from fmspace_nb.explorer import Choice, Linear, Log

STOPS = 21


def law(step_size, width_ratio=2.0, kind="line"):
    """A point on a law, at the step size and the width ratio."""
    layout = {"template": "none", "height": 300, "margin": {"l": 40, "r": 10, "t": 10, "b": 30},
              "meta": {"drives": {"x": "step_size", "y": "width_ratio"}}, "dragmode": False,
              "xaxis": {"type": "log", "range": [0, 4]}, "yaxis": {"range": [0, 8]}}
    point = {"type": "scatter", "x": [step_size], "y": [width_ratio], "mode": "markers", "name": kind}
    return go.Figure([point], layout)


def other(step_size, width_ratio=2.0):
    """The same without axes that move anything."""
    return go.Figure([{"type": "scatter", "x": [0, 1], "y": [0, step_size * width_ratio]}],
                     {"template": "none", "height": 200, "yaxis": {"range": [0, 1e5]}})


STEP = Log(1, 1e4, start=100, steps=STOPS, frozen=STOPS)
CONTROLS = {"step_size": STEP, "width_ratio": Linear(0, 8, start=2, steps=9, frozen=9)}


@pytest.fixture(scope="module")
def opened(tabs):
    """Both explorers in one page for all tests of this file."""
    found = two(tabs)
    yield found
    found.leave()


def two(tabs):
    return bare_page(tabs, {"law": (law, CONTROLS | {"kind": Choice("line", "dot")}), "other": (other, CONTROLS)})


@pytest.fixture
def page(opened):
    """The page with its explorers at their start, the mouse away and nothing in focus."""
    opened.mouse.move(0, 0)
    opened.evaluate("document.activeElement.blur()")
    for name in ("law", "other"):
        Driven(opened, name).ask("f => f.explorer.set({step_size: 100, width_ratio: 2, kind: 'line'})")
        Driven(opened, name).settle()
    opened.complaints.clear()
    yield opened
    assert opened.complaints == []


@pytest.fixture
def alone(tabs):
    """The first of them in a page of its own: whoever stops the clock or listens in leaves it behind."""
    found = two(tabs)
    driven = Driven(found, "law")
    driven.settle()
    yield driven
    assert found.complaints == []
    found.leave()


@pytest.fixture
def first(page):
    return Driven(page, "law")


def value(driven, parameter):
    return driven.figure.evaluate("(f, parameter) => f.explorer.values()[parameter]", parameter)


def play(driven, parameter="step_size"):
    return driven.figure.locator(f"[data-play={parameter}]")


WATCH = """f => {
  f.seen = [f.explorer.values().step_size]
  f.querySelector('[data-control=step_size]').setAttribute = function (name, text) {
    if (name === 'aria-valuetext') f.seen.push(f.explorer.values().step_size)
    Element.prototype.setAttribute.call(this, name, text)
  }
}"""


def watched(driven):
    """Note every value that the first control takes from now on."""
    driven.figure.evaluate(WATCH)
    return lambda: driven.figure.evaluate("f => f.seen.filter((v, k) => v !== f.seen[k - 1])")


def test_play_runs_through_all_stops_there_and_back_once(alone):
    first, seen = alone, watched(alone)
    clock = stopped_clock(alone.page)  # a busy machine would leave stops out
    play(first).click()
    clock.run_for(3900)
    assert play(first).get_attribute("aria-pressed") == "true"
    clock.run_for(300)
    assert play(first).get_attribute("aria-pressed") == "false"
    way = seen()
    top, bottom = way.index(1e4), way.index(1)
    assert way[0] == way[-1] == 100 and way[:top] == sorted(way[:top]) and way[bottom:] == sorted(way[bottom:])
    assert way[top:bottom] == sorted(way[top:bottom], reverse=True) and len(set(way)) == STOPS


@pytest.mark.parametrize("touch", ["key", "mouse"])
def test_play_stops_at_any_touch(page, first, touch):
    first.control("step_size").focus()
    page.keyboard.press("Space")
    first.figure.locator("[data-play=step_size][aria-pressed=true]").wait_for()
    page.keyboard.press("Shift") if touch == "key" else page.mouse.click(5, 5)
    first.figure.locator("[data-play=step_size][aria-pressed=false]").wait_for(timeout=1000)
    stands = value(first, "step_size")
    page.wait_for_timeout(400)
    assert value(first, "step_size") == stands


def test_space_plays_a_slider_and_stops_it(page, first):
    first.control("step_size").focus()
    for state in ("true", "false"):
        page.keyboard.press("Space")
        first.figure.locator(f"[data-play=step_size][aria-pressed={state}]").wait_for(timeout=1000)


def test_less_motion_makes_steps(alone):
    alone.page.emulate_media(reduced_motion="reduce")
    seen = watched(alone)
    play(alone).click()
    alone.figure.locator("[data-play=step_size][aria-pressed=false]").wait_for(timeout=8000)
    assert 8 <= len(seen()) <= 17


def test_a_menu_has_neither_play_nor_a_field(first):
    assert play(first, "kind").count() == 0 and first.figure.locator("[data-value=kind]").count() == 0


@pytest.mark.parametrize("typed, taken", [("300", 251.0), ("1 000", 1e3), ("6,3", 6.31), ("10", 10.0), ("1×10³", 1e3),
                                          ("1e4", 1e4)])
def test_a_typed_number_goes_to_the_nearest_stop(page, first, typed, taken):
    field = first.figure.locator("[data-value=step_size]")
    field.fill(typed)
    page.keyboard.press("Enter")
    first.settle()
    nearest = min(STEP.values, key=lambda v: abs(v / taken - 1))
    assert value(first, "step_size") == nearest and abs(nearest / taken - 1) < 0.02
    assert field.input_value() == first.control("step_size").get_attribute("aria-valuetext")


@pytest.mark.parametrize("typed, said", [("20000", "step size η takes numbers from 1 to 10\u202f000, not 20000."),
                                         ("much", "step size η takes a number from 1 to 10\u202f000, not “much”.")])
def test_what_cannot_be_taken_gets_a_sentence_and_moves_nothing(page, first, typed, said):
    field = first.figure.locator("[data-value=step_size]")
    field.fill(typed)
    page.keyboard.press("Enter")
    assert first.figure.get_by_role("alert").inner_text() == said and value(first, "step_size") == 100
    page.keyboard.press("Escape")
    assert field.input_value() == "100"


def test_the_wheel_moves_nothing(page, first):
    for place in ("[data-control=step_size]", "[data-value=step_size]"):
        first.figure.locator(place).click(position={"x": 3, "y": 3}) if "value" in place else None
        first.figure.locator(place).hover()
        page.mouse.wheel(0, 200)
    assert value(first, "step_size") == 100


def place(driven, step_size, width_ratio):
    """The pixel of a place on the picture."""
    return driven.plot.evaluate("""(gd, [x, y]) => {
      const {xaxis, yaxis} = gd._fullLayout, box = gd.getBoundingClientRect()
      return [box.left + xaxis._offset + xaxis.d2p(x), box.top + yaxis._offset + yaxis.d2p(y)]
    }""", [step_size, width_ratio])


def test_a_place_on_the_picture_is_clicked_and_dragged_to(page, first):
    page.mouse.click(*place(first, 1000, 5))
    first.settle()
    assert (value(first, "step_size"), value(first, "width_ratio")) == (1000, 5)
    page.mouse.move(*place(first, 1000, 5))
    page.mouse.down()
    for step in (500, 100, 10):
        page.mouse.move(*place(first, step, 3))
    page.mouse.move(-5, 20)  # beyond the picture nothing moves
    page.mouse.up()
    page.mouse.move(*place(first, 5000, 7))
    first.settle()
    assert (value(first, "step_size"), value(first, "width_ratio")) == (10, 3)
    assert "pointer" in first.plot.locator(".nsewdrag").first.evaluate("e => getComputedStyle(e).cursor")


def test_a_place_beside_the_axes_moves_nothing(page, first):
    x, y = place(first, 1, 0)
    page.mouse.click(x - 20, y + 15)
    assert (value(first, "step_size"), value(first, "width_ratio")) == (100, 2)


def test_pictures_move_together_once_the_reader_wants_it(page, first):
    second = Driven(page, "other")
    switch = first.figure.get_by_role("button", name="Move all pictures")
    assert switch.get_attribute("aria-pressed") == "false"
    first.send("step_size", STOPS - 1)
    assert value(second, "step_size") == 100
    switch.click()
    assert value(second, "step_size") == 1e4
    second.send("width_ratio", 7)
    second.settle()
    first.settle()
    assert value(first, "width_ratio") == 7
    second.figure.get_by_role("button", name="Move all pictures").click()
    assert switch.get_attribute("aria-pressed") == "false"
    first.send("step_size", 0)
    assert value(second, "step_size") == 1e4


def test_an_explorer_without_others_has_no_switch(tabs):
    only = bare_page(tabs, {"law": (law, CONTROLS)})
    Driven(only, "law").settle()
    assert not only.get_by_role("button", name="Move all pictures").is_visible()
    only.leave()


def test_a_drive_that_is_no_parameter_gets_a_sentence_and_the_rest_works(tabs):
    def odd(step_size):
        figure = law(step_size)
        figure.layout.meta = {"drives": {"x": "step_size", "y": "height"}}
        return figure

    said = "axis 'y' drives 'height', which is no parameter of it; its parameters are step_size"
    with pytest.warns(UserWarning, match=said):
        page = bare_page(tabs, {"odd": (odd, {"step_size": STEP})})
    driven = Driven(page, "odd")
    driven.settle()
    page.mouse.click(*place(driven, 1000, 5))
    driven.settle()
    assert value(driven, "step_size") == 1000
    page.leave()
