"""File ▸ Save and Export Notebook As ▸ Interactive HTML and Interactive slides, in a real JupyterLab, from both halves
of a pair."""

import subprocess
import sys

import nbformat
import pytest
from driving import Driven
from pages import ELSEWHERE, ROOT, all_drawn, open_file

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


@pytest.fixture(scope="module")
def page(lab):
    """JupyterLab with the notebook from elsewhere as a pair, nothing run and nothing saved in it, and with one that
    fails."""
    for name in ("beats.py", "shape.svg", "membrane.md"):
        (lab.folder / name).write_bytes((ELSEWHERE / name).read_bytes())
    (lab.folder / "jupytext.toml").write_bytes((ROOT / "jupytext.toml").read_bytes())
    subprocess.run(
        [sys.executable, "-m", "jupytext", "--sync", "membrane.md"], cwd=lab.folder, check=True, capture_output=True
    )
    nbformat.write(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 / 0  # η")], metadata=KERNEL),
        lab.folder / "broken.ipynb",
    )
    opened = lab.open("membrane.ipynb", own="tab")
    yield opened
    lab.close(opened)


def choose(page, path, label):
    """Open the notebook, in whichever form, as a notebook, and take the label from File ▸ Save and Export Notebook
    As."""
    page.evaluate("path => jupyterapp.commands.execute('docmanager:open', {path, factory: 'Notebook'})", path)
    page.locator(".lm-TabBar-tab.lm-mod-current", has_text=path).first.wait_for()
    page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell").first.wait_for()
    page.locator(".lm-MenuBar-itemLabel", has_text="File").first.click()
    page.locator(".lm-Menu-itemLabel", has_text="Save and Export Notebook As").hover()
    page.locator("[data-command='notebook:export-to-format']", has_text=label).click()


@pytest.mark.parametrize("path, label, ending", [("membrane.ipynb", "Interactive_HTML", ".html"),
                                                 ("membrane.md", "Interactive_slides", ".slides.html")])
def test_the_menu_gives_a_file_whose_sliders_live(page, tabs, tmp_path, path, label, ending):
    downloads = []
    arrived = lambda download: downloads.append(download)  # noqa: E731, PLW0108 (Playwright takes no built-in method)
    page.context.once("page", lambda opened: opened.on("download", arrived))  # the tab closes as the file arrives
    page.once("download", arrived)
    choose(page, path, label)
    for _ in range(600):
        if downloads:
            break
        page.wait_for_timeout(100)
    assert [download.suggested_filename for download in downloads] == [f"membrane{ending}"]
    downloads[0].save_as(tmp_path / "kept.html")
    kept = open_file(tabs, tmp_path / "kept.html")
    if label == "Interactive_slides":
        kept.keyboard.press("ArrowRight")
        kept.keyboard.press("ArrowRight")
    else:
        all_drawn(kept)
    beats = Driven(kept, "beats")
    beats.settle()
    beats.press("detuning", "End")
    beats.settle()
    assert beats.summary() == "Two tones of 2 Hz, detuned by 0.5; the envelope is shown."
    assert kept.complaints == []
    kept.leave()


def test_a_notebook_that_fails_says_where(page):
    with page.context.expect_event("page", timeout=60_000) as opened:
        choose(page, "broken.ipynb", "Interactive_HTML")
    answer = opened.value.locator("body")
    answer.get_by_text("ZeroDivisionError: division by zero").first.wait_for(timeout=60_000)
    assert "broken, cell 1 of 1 (1 / 0  # η) failed" in answer.inner_text()
