"""Explorers in a real JupyterLab: they fit the page they are in, and the page serves them all alike."""

import io

import nbformat
import numpy as np
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from driving import Driven
from labs import CELLS, notebook


def put_on(page, theme):
    page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    page.wait_for_function("light => document.body.dataset.jpThemeLight === light", arg=str("Light" in theme).lower())
    # a second change before the veil of the first is gone makes JupyterLab remove the veil twice
    page.locator("#jupyterlab-splash").wait_for(state="detached")


def test_figures_follow_the_theme(page):
    fill = "getComputedStyle(document.querySelector('[data-explorer=wave] .xtick text')).fill"
    light = page.evaluate(fill)
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        put_on(page, theme)
        page.wait_for_function(f"([light, dark]) => ({fill} !== light) === dark", arg=[light, "Dark" in theme])
        paper = page.locator("[data-explorer=wave] .main-svg").first.evaluate(
            "p => getComputedStyle(p).backgroundColor"
        )
        assert paper in ("rgba(0, 0, 0, 0)", "transparent")


def test_a_wide_cell_and_a_narrow_one_both_fill(page):
    plot, widths = Driven(page, "wave").plot.element_handle(), []
    for width in (1280, 760):
        page.set_viewport_size({"width": width, "height": 1000})
        page.wait_for_function("""([plot, before]) => plot.clientWidth !== before
          && Math.abs(plot.clientWidth - plot.querySelector('.main-svg').clientWidth) < 2""", arg=[plot, (widths or
          [None])[-1]])
        widths.append(plot.evaluate("plot => plot.clientWidth"))
    page.set_viewport_size({"width": 1280, "height": 1000})
    assert widths[0] > widths[1] + 200


def test_the_values_and_the_figure_can_be_downloaded(page, figures):
    wave = Driven(page, "wave")
    saved = {}
    for kind in ("CSV", "SVG", "PNG"):
        with page.expect_download() as download:
            wave.figure.get_by_role("button", name=kind).click()
        saved[kind] = download.value.path().read_bytes()
        assert download.value.suggested_filename == f"wave step_size=100 width_ratio=2 activation=relu.{kind.lower()}"
    assert b"<svg" in saved["SVG"][:200] and saved["PNG"].startswith(b"\x89PNG")
    table = pd.read_csv(io.BytesIO(saved["CSV"]))
    assert list(table) == ["figure", "step size η", "width / dimension β = m/d", "activation σ", "trace", "x", "y", "z"]
    assert (table.iloc[:, :4] == ["wave", 100, 2, "relu"]).all(axis=None)
    y = figures["wave"](100.0).data[0].y
    np.testing.assert_allclose(table.y[table.trace == "theory, relu"], y, rtol=1e-6, atol=1e-9)


def test_plotly_is_sent_once_to_a_browser_for_all_explorers_of_all_pages(lab, figures):
    nbformat.write(notebook(*CELLS[:4]), lab.folder / "once.ipynb")
    page = lab.open("once.ipynb", own="context")
    big = []
    for again in (False, True):  # loaded again, the page takes it from its shelf
        if again:
            page.sockets.clear()
            page.reload()
            page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for(timeout=60_000)
        for socket in page.sockets:
            socket.on("framereceived", lambda data: len(data) > 3_000_000 and big.append(len(data)))
        lab.run_all(page)
        page.locator("[data-explorer][data-state=ready]").nth(2).wait_for()
        assert len(big) == 1
    assert page.complaints == []
    lab.close(page)


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing_serious(page, theme):
    put_on(page, theme)
    found = Axe().run(page, context="[data-explorer]", options={"resultTypes": ["violations"]}).response["violations"]
    put_on(page, "JupyterLab Light")
    assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in found if v["impact"] in ("serious", "critical")] == []


def figure(number):
    """What is read before the caption of a figure."""
    return f'"Figure {number}.\u2002"'


def test_figures_have_the_numbers_of_an_exported_page_in_whatever_order_cells_are_run_or_moved(lab, figures):
    declared = [
        f"explore(broken, name='{name}', caption='See {name}.', spike=Linear(0, 20, start=5))"
        for name in ("one", "two", "three")
    ]
    nbformat.write(notebook(CELLS[0], *declared), lab.folder / "numbers.ipynb")
    page = lab.open("numbers.ipynb")

    def cell(k, *commands):
        page.evaluate("k => { jupyterapp.shell.currentWidget.content.activeCellIndex = k }", k)
        for command in commands:
            page.evaluate("command => jupyterapp.commands.execute(`notebook:${command}`)", command)

    def numbers(*names):
        """Wait for these figures and no other, and give what is read before their captions."""
        for name in names:
            Driven(page, name).settle()
        assert page.locator("[data-explorer]").count() == len(names)
        return [
            Driven(page, name).figure.locator("figcaption").evaluate("c => getComputedStyle(c, '::before').content")
            for name in names
        ]

    cell(0, "run-cell")
    cell(3, "run-cell")
    assert numbers("three") == [figure(3)]
    cell(1, "run-cell")
    cell(2, "run-cell")
    cell(1, "run-cell")
    assert numbers("one", "two", "three") == [figure(1), figure(2), figure(3)]
    cell(3, "move-cell-up", "move-cell-up")
    assert numbers("three", "one", "two") == [figure(1), figure(2), figure(3)]
    cell(2, "delete-cell")
    assert numbers("three", "two") == [figure(1), figure(2)]
    assert page.complaints == []
    lab.close(page)


def test_a_bar_stays_at_the_head_of_the_notebook_and_moves_the_others(lab, figures):
    bar = "explore(broken, name='bar', leads=True, spike=Linear(0, 10, start=5, steps=11))"
    empty = ["# a line\n" * 60] * 2
    nbformat.write(notebook(CELLS[0], bar, *empty, "explore(broken, name='led', spike=Linear(0, 8, start=5, steps=9))"),
                   lab.folder / "bar.ipynb")
    page = lab.open("bar.ipynb")
    lab.run_all(page)
    led = Driven(page, "led")
    led.settle()
    assert page.locator("[data-journey][data-explorer]").bounding_box()["y"] < 250
    leading = Driven(page, "bar")
    leading.press("spike", "ArrowLeft", "ArrowLeft")
    led.settle()
    assert led.figure.evaluate("f => f.explorer.values().spike") == 3
    leading.press("spike", "End")
    led.settle()
    assert led.figure.evaluate("f => f.explorer.values().spike") == 8  # as far as it goes
    assert page.complaints == []
    lab.close(page)


def test_a_saved_notebook_shows_its_pictures_and_one_of_somebody_elses_their_words(lab, figures):
    nbformat.write(notebook(CELLS[0], CELLS[3]), lab.folder / "saved.ipynb")
    page = lab.open("saved.ipynb")
    lab.run_all(page)
    Driven(page, "broken").settle()
    words = page.get_by_text("This picture was saved. Run its cell")
    assert words.count() == 1 and not words.is_visible()
    page.evaluate("jupyterapp.shell.currentWidget.context.save()")
    lab.close(page)

    page = lab.open("saved.ipynb")
    words.wait_for()
    assert page.locator(".fm-saved svg[role=img]").is_visible()
    assert not page.get_by_text("model not found").is_visible() and not page.get_by_text("It shows").is_visible()
    lab.run_all(page)
    words.wait_for(state="hidden")
    Driven(page, "broken").settle()
    lab.close(page)

    foreign = nbformat.read(lab.folder / "saved.ipynb", 4)
    foreign.cells[1].outputs[1].data["text/html"] += " "
    nbformat.write(foreign, lab.folder / "foreign.ipynb")
    page = lab.open("foreign.ipynb")
    page.get_by_text("It shows: A picture that fails beyond ten.").wait_for()
    assert page.locator(".fm-saved svg").count() == 0
    page.complaints.clear()
    lab.close(page)
