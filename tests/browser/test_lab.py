"""Explorers in a real JupyterLab: what is drawn is what the figure function gives, however the controls are moved."""

import json

import nbformat
import pytest
from driving import Driven, assert_draws
from labs import CELLS, notebook, run, shut
from PIL import Image

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
    page.locator("[data-explorer=wave] [aria-live=polite]").get_by_text("a wave of height 1.00").wait_for(
        state="attached"
    )


def test_setting_a_value_in_python_moves_the_slider(page, figures):
    wave = Driven(page, "wave")
    run(page, "first.step_size, first.activation = 1e4, 'erf'")
    page.wait_for_function(
        "f => f.dataset.shown.endsWith(',1') && f.dataset.state === 'ready'", arg=wave.figure.element_handle()
    )
    wave.settle()
    assert wave.at[0] == wave.stops("step_size") - 1
    assert_draws(wave, figures["wave"](1e4, activation="erf"))


def test_another_widget_linked_to_a_value_moves_the_slider_and_is_moved_by_it(page):
    gated = Driven(page, "gated")
    linked = page.locator(".widget-slider .noUi-handle")
    linked.focus()
    page.keyboard.press("End")
    page.wait_for_function(
        "f => f.querySelector('[data-value]').value === '1\u202f000'", arg=gated.figure.element_handle()
    )
    gated.settle()
    assert gated.drawn(["data.0.y"]) == [[0, 1000]]
    gated.press("step_size", "Home")
    gated.settle()
    assert float(linked.get_attribute("aria-valuenow")) == 1.0


def test_a_drag_leaves_no_queue_behind(page):
    """Sixty moves while a picture is being made: the kernel makes that one, then only the newest."""
    gated = Driven(page, "gated")
    run(page, "drawn = []; second.observe(lambda c: drawn.append(c.new['indices'][0]), '_picture')")
    with shut(page):
        gated.control("step_size").evaluate("""async slider => {
          for (const value of [...Array(60).keys(), 7]) {
            slider.value = value
            slider.dispatchEvent(new Event('input', {bubbles: true}))
            await new Promise(requestAnimationFrame)
          }
        }""")
    gated.settle()
    gated.press("step_size", "ArrowRight")
    gated.settle()
    run(page, "import json; open('drawn.json', 'w').write(json.dumps(drawn))")
    made = json.loads((page.folder / "drawn.json").read_text())
    assert len(made) == 3 and made[1:] == [7, 8]


def test_a_slow_picture_says_that_it_is_being_made(page):
    gated = Driven(page, "gated")
    with shut(page):
        gated.press("step_size", "ArrowRight")
        page.locator("[data-explorer=gated][data-state=busy]").wait_for()
        assert gated.plot.get_attribute("aria-busy") == "true"
    gated.settle()
    assert gated.plot.get_attribute("aria-busy") == "false"


def test_an_error_is_shown_and_the_last_picture_kept(page):
    broken = Driven(page, "broken")
    broken.drag("spike", 1)
    alert = broken.figure.get_by_role("alert")
    alert.get_by_text("spike must be at most 10, got 20").wait_for()
    assert broken.drawn(["data.0.y"])[0][1] <= 10
    broken.press("spike", "Home")
    broken.settle()
    assert alert.inner_text() == "" and broken.drawn(["data.0.y"]) == [[0, 0]]


def test_a_film_is_made_of_the_kernels_pictures_and_one_that_cannot_be_says_so(page, figures):
    wave, broken = Driven(page, "wave"), Driven(page, "broken")
    wave.send("width_ratio", 3)
    wave.settle()
    at = wave.at
    with page.expect_download() as download:
        wave.figure.get_by_role("button", name="Download a film").click()
    with Image.open(download.value.path()) as film:
        assert download.value.suggested_filename == "wave width_ratio.gif"
        assert film.n_frames == min(48, wave.stops("width_ratio"))
    wave.settle()
    assert wave.at == at
    broken.figure.get_by_role("button", name="Download a film").click()
    broken.figure.get_by_text("Nothing was saved. Error: there is no picture at spike=11").wait_for()
    assert broken.at == [5] and broken.figure.get_by_role("button", name="Download a film").is_enabled()


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


def test_values_from_outside_move_the_controls_and_nonsense_does_not(page, figures):
    wave = Driven(page, "wave")
    wave.figure.evaluate("f => f.explorer.set({step_size: '301', width_ratio: 1e9, activation: 'erf', nobody: 1})")
    wave.settle()
    assert wave.values() == {"step_size": 315, "width_ratio": 2, "activation": "erf"}
    assert_draws(wave, figures["wave"](315.0, activation="erf"))
    at = wave.at
    wave.figure.evaluate("f => f.explorer.set({step_size: '', width_ratio: 'NaN', activation: '<b>'})")
    assert wave.at == at


GONE = {"restart": "await kernel.restart()", "shutdown": "await session.shutdown()",
        "death": "kernel.requestExecute({code: 'import os; os._exit(1)'})"}


@pytest.mark.parametrize("end", GONE.values(), ids=GONE)
def test_a_slider_whose_kernel_is_gone_says_what_to_do(lab, figures, end):
    nbformat.write(notebook(CELLS[0], CELLS[3]), lab.folder / "gone.ipynb")
    page = lab.open("gone.ipynb")
    lab.run_all(page)
    third = Driven(page, "broken")
    third.settle()
    page.evaluate(f"""async () => {{
      const session = jupyterapp.shell.currentWidget.sessionContext, kernel = session.session.kernel
      const left = new Promise(resolve => {{ kernel.statusChanged.connect((_, status) => {{
        if (/restart|dead|terminating/.test(status)) resolve() }}); kernel.disposed.connect(() => resolve()) }})
      {end}
      await left
    }}""")
    third.send("spike", 3)
    third.figure.get_by_role("alert").get_by_text("run this cell again").wait_for()
    page.wait_for_timeout(300)  # twice the time after which a picture that is on its way is busy
    assert third.figure.get_attribute("data-state") == "error"
    lab.close(page)
