"""Explorers in a real JupyterLab: what is drawn is what the figure function gives, however the controls are moved."""

import nbformat
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from driving import Driven, assert_draws

FIGURES = '''
import time
import numpy as np
import plotly.graph_objects as go

def wave(step_size, width_ratio=2.0, activation="relu"):
    """A wave to look at."""
    x = np.linspace(0, 1, 200)
    y = np.sin(2 * np.pi * width_ratio * x) * np.log10(1 + step_size) / 4
    y[::40] = np.nan
    data = [dict(type="scatter", x=x, y=y, name=f"theory, {activation}", line=dict(color="#e8820c")),
            dict(type="scatter", x=x[::10], y=y[::10] ** 2, mode="markers", name="measured", marker=dict(color="#6b8cae")),
            dict(type="heatmap", z=np.outer(y[1:9], y[1:6]), xaxis="x2", yaxis="y2", showscale=False)]
    notes = [dict(text=f"η = {step_size:g}", x=0.5, y=1, showarrow=False)] if step_size < 1000 else []
    layout = dict(title=dict(text=f"β = {width_ratio:g}"), annotations=notes, template="none", height=360,
                  xaxis=dict(range=[0, 1], domain=[0, 0.7]), xaxis2=dict(domain=[0.75, 1]),
                  yaxis=dict(range=[-1.2, 1.2]), yaxis2=dict(anchor="x2"),
                  meta=dict(alt=f"a wave of height {np.log10(1 + step_size) / 4:.2f}"))
    return go.Figure(data, layout)

def slow(step_size, pause=0.0):
    """A picture that takes its time."""
    time.sleep(pause)
    return go.Figure([dict(type="scatter", x=[0, 1], y=[0, step_size])], dict(template="none", height=250))

def broken(spike):
    """A picture that fails beyond ten."""
    if spike > 10:
        raise ValueError(f"spike must be at most 10, got {spike:g}")
    return go.Figure([dict(type="scatter", x=[0, 1], y=[0, spike])], dict(template="none", height=250))
'''
CELLS = [
    "from figures import broken, slow, wave\nimport ipywidgets\nfrom fmspace_nb.explorer import Choice, Linear, Log, explore",
    "first = explore(wave, caption='Turn it up.', step_size=Log(1, 1e4, start=100), width_ratio=Log(0.25, 8, start=2),"
    " activation=Choice('relu', 'erf'))\nfirst",
    "second = explore(slow, step_size=Log(1, 1000, start=10), pause=Choice(0.0, 0.03, 0.6))\nsecond",
    "third = explore(broken, spike=Linear(0, 20, start=5, steps=21))\nthird",
    "slider = ipywidgets.FloatSlider(value=10, min=1, max=1000, description='linked')\n"
    "ipywidgets.link((slider, 'value'), (second, 'step_size'))\nslider",
]


def notebook(*cells):
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells], metadata={"kernelspec": kernel})


@pytest.fixture(scope="module")
def figures(lab):
    """The figure functions by name, here and as a module beside the notebooks."""
    (lab.folder / "figures.py").write_text(FIGURES)
    names = {}
    exec(FIGURES, names)
    return names


@pytest.fixture(scope="module")
def opened(lab, figures):
    """The notebook of CELLS, run, in one page for all tests of this module."""
    nbformat.write(notebook(*CELLS), lab.folder / "explorers.ipynb")
    page = lab.open("explorers.ipynb")
    page.folder = lab.folder
    lab.run_all(page)
    page.locator("[data-explorer][data-state=ready]").nth(2).wait_for()
    yield page
    lab.close(page)


@pytest.fixture
def page(opened):
    """The page, with every explorer back at its start."""
    for figure in opened.locator("[data-explorer]").all():
        figure.get_by_role("button", name="Back to the start").click()
    for name in ("wave", "slow", "broken"):
        Driven(opened, name).settle()
    opened.complaints.clear()
    yield opened
    assert opened.complaints == []


def run(page, code):
    """Run code in the notebook's kernel, as a cell would."""
    page.evaluate("""code => jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute({code}).done""", code)


VALUES = {"step_size": (1, 1e4), "width_ratio": (0.25, 8)}


@pytest.mark.parametrize("parameter", VALUES)
def test_dragging_a_slider_draws_what_the_function_gives_there(page, figures, parameter):
    wave = Driven(page, "wave")
    start = {"step_size": 100, "width_ratio": 2, "activation": "relu"}
    for share, value in ((1, VALUES[parameter][1]), (0, VALUES[parameter][0])):
        wave.drag(parameter, share)
        wave.settle()
        assert_draws(wave, figures["wave"](**start | {parameter: value}))


def test_keys_move_a_slider_and_not_the_notebooks_cell(page, figures):
    wave = Driven(page, "wave")
    wave.press("step_size", "ArrowRight")
    cell = page.evaluate("jupyterapp.shell.currentWidget.content.activeCellIndex")
    wave.press("step_size", "ArrowUp", "ArrowLeft")
    wave.settle()
    assert_draws(wave, figures["wave"](112.0))
    wave.press("step_size", "Home")
    wave.settle()
    assert_draws(wave, figures["wave"](1.0))
    wave.press("step_size", "End")
    wave.settle()
    assert_draws(wave, figures["wave"](1e4))
    assert page.evaluate("jupyterapp.shell.currentWidget.content.activeCellIndex") == cell


def test_a_choice_changes_names_and_comes_back(page, figures):
    wave = Driven(page, "wave")
    wave.control("activation").select_option("erf")
    wave.settle()
    assert_draws(wave, figures["wave"](100.0, activation="erf"))
    wave.press("activation", "ArrowUp")
    wave.settle()
    assert_draws(wave, figures["wave"](100.0, activation="relu"))


def test_controls_have_names_and_say_their_values(page):
    wave = Driven(page, "wave")
    slider = page.get_by_role("slider", name="step size η").first
    assert slider.get_attribute("aria-valuetext") == "100"
    wave.press("step_size", "End")
    wave.settle()
    assert slider.get_attribute("aria-valuetext") == "10\u202f000"
    assert page.get_by_role("img", name="a wave of height 1.00").count() == 1
    page.locator("[data-explorer=wave] [aria-live=polite]").get_by_text("a wave of height 1.00").wait_for(state="attached")


def test_setting_a_value_in_python_moves_the_slider(page, figures):
    wave = Driven(page, "wave")
    run(page, "first.step_size, first.activation = 1e4, 'erf'")
    page.wait_for_function("f => f.dataset.shown.endsWith(',1') && f.dataset.state === 'ready'", arg=wave.figure.element_handle())
    wave.settle()
    assert wave.at[0] == wave.stops("step_size") - 1
    assert_draws(wave, figures["wave"](1e4, activation="erf"))


def test_another_widget_linked_to_a_value_moves_the_slider_and_is_moved_by_it(page):
    slow = Driven(page, "slow")
    linked = page.locator(".widget-slider .noUi-handle")
    linked.focus()
    page.keyboard.press("End")
    page.wait_for_function("f => f.querySelector('output').textContent === '1\u202f000'", arg=slow.figure.element_handle())
    slow.settle()
    assert slow.drawn(["data.0.y"]) == [[0, 1000]]
    slow.press("step_size", "Home")
    slow.settle()
    assert float(linked.get_attribute("aria-valuenow")) == 1.0


def test_figures_follow_the_theme(page):
    colour = lambda: page.locator("[data-explorer=wave] .xtitle, [data-explorer=wave] .xtick text").first.evaluate(  # noqa: E731
        "t => getComputedStyle(t).fill")
    light = colour()
    for theme, like in (("JupyterLab Dark", lambda c: c != light), ("JupyterLab Light", lambda c: c == light)):
        page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
        page.wait_for_function("light => document.body.dataset.jpThemeLight === light", arg=str("Light" in theme).lower())
        page.wait_for_timeout(300)
        assert like(colour()), (theme, colour())
        paper = page.locator("[data-explorer=wave] .main-svg").first.evaluate("p => getComputedStyle(p).backgroundColor")
        assert paper in ("rgba(0, 0, 0, 0)", "transparent")


def test_a_drag_leaves_no_queue_behind(page):
    """Sixty moves in a second, 30 ms a picture: the kernel draws fewer pictures than moves, and the last one is the newest."""
    slow = Driven(page, "slow")
    slow.control("pause").select_option("0.03")
    slow.settle()
    run(page, "drawn = []; second.observe(lambda c: drawn.append(c.new['indices']), '_picture')")
    slow.control("step_size").evaluate("""async slider => {
      for (let k = 0; k < 60; k++) {
        slider.value = k % slider.max
        slider.dispatchEvent(new Event('input', {bubbles: true}))
        await new Promise(resolve => setTimeout(resolve, 16))
      }
      slider.value = 7
      slider.dispatchEvent(new Event('input', {bubbles: true}))
    }""")
    slow.settle(seconds=2)
    run(page, "open('drawn.txt', 'w').write(repr(drawn))")
    page.wait_for_timeout(300)
    drawn = eval((page.folder / "drawn.txt").read_text())
    assert drawn[-1] == [7, 1]
    assert 5 < len(drawn) < 55


def test_a_slow_picture_says_that_it_is_being_made(page):
    slow = Driven(page, "slow")
    slow.control("pause").select_option("0.6")
    page.wait_for_function("f => f.dataset.state === 'busy'", arg=slow.figure.element_handle(), timeout=500)
    assert slow.plot.get_attribute("aria-busy") == "true"
    slow.settle()
    assert slow.plot.get_attribute("aria-busy") == "false"


def test_a_quick_picture_does_not_flicker_as_busy(page):
    slow = Driven(page, "slow")
    slow.figure.evaluate("""f => { f.states = []; new MutationObserver(() => f.states.push(f.dataset.state))
      .observe(f, {attributes: true, attributeFilter: ['data-state']}) }""")
    slow.press("step_size", "ArrowRight")
    slow.settle()
    assert "busy" not in slow.figure.evaluate("f => f.states")


def test_an_error_is_shown_and_the_last_picture_kept(page):
    broken = Driven(page, "broken")
    broken.drag("spike", 1)
    alert = broken.figure.get_by_role("alert")
    alert.get_by_text("spike must be at most 10, got 20").wait_for()
    assert broken.drawn(["data.0.y"])[0][1] <= 10
    broken.press("spike", "Home")
    broken.settle()
    assert alert.inner_text() == "" and broken.drawn(["data.0.y"]) == [[0, 0]]


def test_a_zoomed_figure_goes_home_with_reset(page, figures):
    wave = Driven(page, "wave")
    area = wave.plot.locator(".nsewdrag").first.bounding_box()
    page.mouse.move(area["x"] + 50, area["y"] + 50)
    page.mouse.down()
    page.mouse.move(area["x"] + 200, area["y"] + 150, steps=5)
    page.mouse.up()
    page.wait_for_function("p => p.layout.xaxis.range[0] > 0.01", arg=wave.plot.element_handle())
    wave.figure.get_by_role("button", name="Back to the start").click()
    page.wait_for_function("p => p.layout.xaxis.range[0] === 0", arg=wave.plot.element_handle())
    assert_draws(wave, figures["wave"](100.0))


def test_the_values_and_the_figure_can_be_downloaded(page, figures):
    wave = Driven(page, "wave")
    saved = {}
    for kind in ("CSV", "SVG", "PNG"):
        with page.expect_download() as download:
            wave.figure.get_by_role("button", name=kind).click()
        saved[kind] = download.value.path().read_bytes()
        assert download.value.suggested_filename == f"wave step_size=100 width_ratio=2 activation=relu.{kind.lower()}"
    assert b"<svg" in saved["SVG"][:200] and saved["PNG"].startswith(b"\x89PNG")
    comment, header, *rows = saved["CSV"].decode().splitlines()
    assert (comment, header) == ("# wave step_size=100 width_ratio=2 activation=relu", "trace,x,y,z")
    y = figures["wave"](100.0).data[0].y
    theory = [row.split(",") for row in rows if row.startswith('"theory, relu"')]
    got = np.array([float(row[-2] or "nan") for row in theory])
    np.testing.assert_allclose(got, y, rtol=1e-6, atol=1e-9)


def test_plotly_is_sent_once_for_all_explorers_of_a_page(lab, figures):
    nbformat.write(notebook(*CELLS[:4]), lab.folder / "once.ipynb")
    page = lab.open("once.ipynb")
    big = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda data: len(data) > 3_000_000 and big.append(len(data))))
    page.reload()
    page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for(timeout=60_000)
    lab.run_all(page)
    page.locator("[data-explorer][data-state=ready]").nth(2).wait_for()
    assert len(big) == 1
    assert page.complaints == []
    lab.close(page)


def test_a_wide_cell_and_a_narrow_one_both_fill(page):
    wave = Driven(page, "wave")
    widths = []
    for width in (1280, 760):
        page.set_viewport_size({"width": width, "height": 1000})
        page.wait_for_timeout(500)
        plot, drawing = wave.plot.bounding_box(), wave.plot.locator(".main-svg").first.bounding_box()
        assert abs(plot["width"] - drawing["width"]) < 2
        widths.append(plot["width"])
    page.set_viewport_size({"width": 1280, "height": 1000})
    assert widths[0] > widths[1] + 200


def test_values_from_outside_move_the_controls_and_nonsense_does_not(page, figures):
    wave = Driven(page, "wave")
    wave.figure.evaluate("f => f.explorer.set({step_size: '301', width_ratio: 1e9, activation: 'erf', nobody: 1})")
    wave.settle()
    assert wave.figure.evaluate("f => f.explorer.values()") == {"step_size": 315, "width_ratio": 2, "activation": "erf"}
    assert_draws(wave, figures["wave"](315.0, activation="erf"))
    at = wave.at
    wave.figure.evaluate("f => f.explorer.set({step_size: '', width_ratio: 'NaN', activation: '<b>'})")
    assert wave.at == at


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing_serious(page, theme):
    page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    page.wait_for_function("light => document.body.dataset.jpThemeLight === light", arg=str("Light" in theme).lower())
    found = Axe().run(page, context="[data-explorer]").response["violations"]
    page.evaluate("jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Light'})")
    page.wait_for_function("document.body.dataset.jpThemeLight === 'true'")
    assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in found if v["impact"] in ("serious", "critical")] == []
