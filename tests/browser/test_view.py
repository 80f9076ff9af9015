"""What an explorer shows when pictures come late, in another order, or not at all."""

import json

import plotly.graph_objects as go
import pytest
from bare import bare_page
from driving import Driven, assert_draws
from tabs import stopped_clock

from fmspace_nb.explorer import Linear
from fmspace_nb.explorer.assets import LIVE
from fmspace_nb.explorer.spec import ExplorerSpec

HOLD = """method => {
  const call = Plotly[method]
  Plotly[method] = (...all) => new Promise((resolve, reject) => {
    Plotly[method] = call
    window.refuse = () => { all[0].data?.forEach(trace => { trace.y = [9, 9] }); reject(Error("gave up half-way")) }
    window.release = () => resolve(call(...all))
  })
}"""
FRAMES = "async () => { for (let k = 0; k < 4; k++) await new Promise(requestAnimationFrame) }"


def line(spike):
    """A line on axes that fit themselves, so that plotly draws every move."""
    return go.Figure([{"type": "scatter", "x": [0, 1], "y": [0, spike]}], {"template": "none", "height": 250})


@pytest.fixture
def open_line(tabs):
    """open_line(script): the line with five stops, in a page of its own, whose plotly can hold its work back."""
    pages = []

    def opened(script=";"):
        pages.append(bare_page(tabs, {"line": (line, {"spike": Linear(0, 4, start=0, steps=5)})}, script))
        return Driven(pages[-1], "line")

    yield opened
    for page in pages:
        assert page.complaints == []
        page.leave()


@pytest.fixture
def drawn(open_line):
    """The line, drawn."""
    found = open_line()
    found.settle()
    return found


def hold(driven, method="update"):
    """Hold plotly's next call of a method back, until window.release() lets it go or window.refuse() makes it fail."""
    driven.page.evaluate(HOLD, method)


def frozen(driven, code):
    """Run code on the element that the explorer is in."""
    return driven.page.locator(".fm-frozen").evaluate(code)


def alert(driven):
    return driven.figure.get_by_role("alert").inner_text()


def test_an_error_stays_when_a_picture_asked_for_before_is_drawn_after_it(drawn):
    hold(drawn)
    drawn.send("spike", 1)
    drawn.page.wait_for_function("Boolean(window.release)")  # the picture at 1 is being drawn, the one at 2 waits
    drawn.send("spike", 2)
    frozen(drawn, "f => { f.deaf = true }")
    drawn.send("spike", 3)
    frozen(drawn, "f => f.show({indices: [3], error: 'no picture at 3'})")
    drawn.page.evaluate("release()")
    drawn.page.locator("[data-shown='1']").wait_for()
    drawn.page.evaluate(FRAMES)
    assert drawn.drawn(["data.0.y"]) == [[0, 1]]
    assert (alert(drawn), drawn.figure.get_attribute("data-state")) == ("no picture at 3", "error")
    frozen(drawn, "f => { f.deaf = false }")
    drawn.send("spike", 4)
    drawn.settle()
    assert alert(drawn) == ""


def test_the_newest_error_is_the_one_that_is_said(drawn):
    hold(drawn)
    drawn.send("spike", 1)
    drawn.page.wait_for_function("Boolean(window.release)")
    frozen(drawn, "f => { f.deaf = true }")
    drawn.send("spike", 3)
    frozen(drawn, "f => f.show({indices: [3], error: 'no picture at 3'})")
    drawn.page.evaluate("refuse()")
    drawn.page.evaluate(FRAMES)
    assert alert(drawn) == "no picture at 3"


def test_a_picture_that_comes_after_all_takes_the_place_of_its_error(drawn):
    frozen(drawn, "f => { f.deaf = true }")
    drawn.send("spike", 3)
    frozen(drawn, "f => f.show({indices: [3], error: 'no picture at 3'})")
    assert (alert(drawn), drawn.figure.get_attribute("data-state")) == ("no picture at 3", "error")
    drawn.page.wait_for_function("Boolean(document.querySelector('.fm-frozen').missed)")
    frozen(drawn, "f => f.show(f.missed)")
    drawn.page.locator("[data-state=ready][data-shown='3']").wait_for()
    assert alert(drawn) == ""


def test_a_newer_picture_takes_the_place_of_an_older_error(drawn):
    hold(drawn)
    drawn.send("spike", 1)
    drawn.page.wait_for_function("Boolean(window.release)")
    drawn.send("spike", 2)
    drawn.page.evaluate("refuse()")
    drawn.page.locator("[data-shown='2']").wait_for()
    drawn.settle()
    assert alert(drawn) == ""
    assert_draws(drawn, line(2.0))


@pytest.mark.parametrize("stop", [1, 0], ids=["asked for again", "left for the one before"])
def test_a_picture_that_plotly_could_not_draw_is_drawn_anew(drawn, stop):
    hold(drawn)
    drawn.send("spike", 1)
    drawn.page.wait_for_function("Boolean(window.release)")
    drawn.page.evaluate("refuse()")
    drawn.page.locator("[data-state=error]").wait_for()
    assert "half-way" in alert(drawn)
    drawn.send("spike", stop)
    drawn.settle()
    assert_draws(drawn, line(float(stop)))


def test_an_explorer_that_leaves_while_plotly_draws_it_leaves_nothing(open_line):
    leaving = open_line("(" + HOLD + ")('newPlot')")
    leaving.page.wait_for_function("Boolean(window.release)")
    plot = leaving.plot.element_handle()
    frozen(leaving, "f => f.view.destroy()")
    leaving.page.evaluate("release()")
    leaving.page.evaluate(FRAMES)
    assert plot.evaluate("gd => [gd.data, gd._fullLayout, gd.children.length]") == [None, None, 0]


def test_an_explorer_that_left_before_plotly_came_is_not_drawn(open_line):
    leaving = open_line("window.library = new Promise(come => { window.come = come })")
    hold(leaving, "newPlot")
    frozen(leaving, "f => f.view.destroy()")
    leaving.page.evaluate("async () => { come(Plotly); await library }")
    leaving.page.evaluate(FRAMES)
    assert not leaving.page.evaluate("Boolean(window.release)")


def test_an_explorer_is_busy_once_its_picture_takes_150_milliseconds(drawn):
    clock = stopped(drawn)
    frozen(drawn, "f => { f.deaf = true }")
    drawn.send("spike", 1)
    clock.run_for(149)
    assert states(drawn) == ["ready"]
    clock.run_for(2)
    assert states(drawn) == ["ready", "busy"] and drawn.plot.get_attribute("aria-busy") == "true"
    frozen(drawn, "f => { f.deaf = false }")
    drawn.send("spike", 2)
    clock.run_for(1000)
    drawn.settle()
    assert states(drawn) == ["ready", "busy", "ready"] and drawn.plot.get_attribute("aria-busy") == "false"


def test_a_picture_that_takes_longer_than_a_second_says_that_it_is_computed(drawn):
    said = "() => getComputedStyle(document.querySelector('.fm-busy'), '::after').opacity"
    assert drawn.page.evaluate(said) == "0"
    frozen(drawn, "f => { f.deaf = true }")
    drawn.send("spike", 3)
    drawn.page.locator("figure[data-state='busy']").wait_for()
    drawn.page.evaluate("""() => Promise.all(document.querySelector('.fm-busy').getAnimations({subtree: true})
      .filter(({animationName}) => animationName === 'fm-late').map(({finished}) => finished))""")
    assert drawn.page.evaluate(said) == "1"
    frozen(drawn, "f => { f.deaf = false }")
    drawn.send("spike", 2)
    drawn.settle()
    assert drawn.page.evaluate(said) == "0"


def test_a_quick_picture_does_not_flicker_as_busy(drawn):
    clock = stopped(drawn)
    drawn.send("spike", 1)
    clock.run_for(149)
    drawn.page.locator("[data-shown='1']").wait_for()  # a busy machine would need longer than the clock takes
    clock.run_for(1000)
    drawn.settle()
    assert states(drawn) == ["ready"]


def stopped(driven):
    """The clock of the page, which from now on stands still between the milliseconds it is told to run."""
    clock = stopped_clock(driven.page)
    driven.figure.evaluate("""f => {
      f.states = [f.dataset.state]
      const note = () => f.states.at(-1) === f.dataset.state || f.states.push(f.dataset.state)
      new MutationObserver(note).observe(f, {attributes: true})
    }""")
    return clock


def states(driven):
    """The states of the explorer, one after the other, since its clock was stopped."""
    return driven.figure.evaluate("f => f.states")


# The models of a front end that gives each an object of its own as its manager of widgets, as marimo does.
ALONE = """for (const [name, told] of Object.entries(TOLD)) {
  const picture = {indices: [0], patch: {}, alt: name, widths: [8, 8], arrays: [[0, 1], [0, 1]].map(
    numbers => new DataView(new Float64Array(numbers).buffer))}
  const known = {_spec: told, _picture: picture, _plotly: Plotly.version, spike: 0}
  const model = {get: key => known[key], set: (key, value) => { known[key] = value }, on() {}, off() {},
    save_changes() { (window.saved ??= {})[name] = known.spike }, send() {}, widget_manager: {async get_model() {}}}
  view.render({model, el: document.body.appendChild(document.createElement("div"))})
}"""


def live_page(tabs, *names, script=ALONE):
    """Live explorers of these names in a bare page."""
    told = {name: ExplorerSpec(line, {"spike": Linear(0, 4, start=0, steps=5)}, name=name).json() for name in names}
    page = bare_page(tabs, {})
    page.add_script_tag(type="module", content=LIVE.replace("export default", "const view =") +
                        script.replace("TOLD", json.dumps(told)))
    return page


def test_a_figure_whose_plotly_is_on_a_slow_line_says_so(tabs):
    page = live_page(tabs, "late", script=ALONE.replace("Plotly.version", "'another'"))
    late = Driven(page, "late")
    words = "getComputedStyle(document.querySelector('.fm-busy'), '::after')"
    assert "waiting for plotly.js (5 MB)" in page.evaluate(f"{words}.content")
    page.wait_for_function(f"{words}.opacity === '1'")
    assert late.ask("f => f.dataset.state") == "busy" and page.complaints == []
    page.leave()


def test_live_explorers_move_together_where_every_model_has_a_manager_of_its_own(tabs):
    page = live_page(tabs, "one", "other")
    one, other = Driven(page, "one"), Driven(page, "other")
    one.settle()
    one.figure.get_by_role("button", name="Move all pictures").click()
    one.send("spike", 3)
    assert other.at == [3] and page.evaluate("saved") == {"one": 3, "other": 3} and page.complaints == []
    page.leave()
