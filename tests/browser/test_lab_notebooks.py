"""Every chapter in a real JupyterLab: run all, move every control, and what is drawn is what the figure function
gives."""

from pathlib import Path

import nbformat
import pytest
from driving import Driven, assert_draws, figure_function
from labs import notebook

FOLDER = Path(__file__).parents[2] / "notebooks"
CHAPTERS = sorted(FOLDER.glob("*.ipynb"))


def test_there_are_chapters():
    assert CHAPTERS, f"no notebook in {FOLDER}: nothing else in this file would be tested"


def test_a_cell_that_fails_would_be_noticed(lab):
    nbformat.write(notebook("1 / 0", "2"), lab.folder / "fails.ipynb")
    page = lab.open("fails.ipynb")
    with pytest.raises(AssertionError, match=r"division by zero.*did not run: 2"):
        lab.run_all(page)
    lab.close(page)


@pytest.fixture(scope="module", params=CHAPTERS, ids=lambda path: path.stem)
def chapter(lab, request):
    """A chapter, opened and run from top to bottom."""
    (lab.folder / request.param.name).write_bytes(request.param.read_bytes())
    page = lab.open(request.param.name)
    lab.run_all(page)
    yield page
    lab.close(page)


def explorers(page):
    """Every explorer of the page, scrolled to and drawn."""
    for name in page.locator("[data-explorer]").evaluate_all("all => all.map(f => f.dataset.explorer)"):
        explorer = Driven(page, name)
        explorer.settle(seconds=60)
        yield explorer


def test_every_control_draws_what_the_function_gives(chapter):
    """One move a control, by mouse and keyboard in turn, then the picture of them all: the transport is the same for
    all; in pages thrice, each with its picture."""
    seen = []
    if chapter.locator("[data-journey]").count():  # each move of one picture would redraw them all
        chapter.get_by_role("button", name="Move all pictures").first.click()
    for explorer in explorers(chapter):
        figure = figure_function(explorer)
        assert_draws(explorer, figure(**explorer.values()))
        for parameter in explorer.controls:
            move(explorer, parameter, by_mouse=len(seen) % 2 == 0)
            seen.append(f"{explorer.name}.{parameter}")
        if explorer.controls:
            explorer.settle(seconds=60)
            assert_draws(explorer, figure(**explorer.values()))
    assert len(seen) == len(set(seen)), f"two explorers of one name: {seen}"
    assert chapter.complaints == []


def move(explorer, parameter, by_mouse):
    """A slider to its high end by mouse, or to its low end by keyboard; a list to its last option."""
    if explorer.is_list(parameter):
        explorer.control(parameter).select_option(index=explorer.stops(parameter) - 1)
    elif by_mouse:
        explorer.drag(parameter, 1)
    else:
        explorer.press(parameter, "Home")
