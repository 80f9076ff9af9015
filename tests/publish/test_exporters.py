"""The exporters as nbconvert and JupyterLab's menu find them."""

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import nbformat
import pytest
from nbconvert.exporters import get_exporter

from fmspace_nb.publish import InteractiveHTMLExporter
from fmspace_nb.publish.pyodide import CDN
from fmspace_nb.publish.run import ExportError

ELSEWHERE = Path(__file__).parent / "elsewhere"
NAMES = {"Interactive_HTML": ".html", "Interactive_slides": ".slides.html"}


@pytest.mark.parametrize("name", NAMES)
def test_an_exporter_is_registered_by_the_name_the_menu_shows(name):
    assert name in {point.name for point in entry_points(group="nbconvert.exporters")}
    exporter = get_exporter(name)()
    assert (exporter.output_mimetype, exporter.file_extension, exporter.enabled) == ("text/html", NAMES[name], True)


def test_opening_the_menu_loads_neither_plotly_nor_a_kernel_nor_a_template():
    """An exporter that fails to import takes JupyterLab's whole menu down: the menu imports next to nothing of ours."""
    code = (
        "import sys; from nbconvert.exporters import get_exporter; "
        "get_exporter('Interactive_HTML'); get_exporter('Interactive_slides'); "
        "print([n for n in ('plotly', 'numpy', 'anywidget', 'tqdm', 'jupytext', 'fmspace_nb.explorer') if n in "
        "sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


def test_outputs_saved_in_the_notebook_are_not_trusted(write_notebook):
    notebook = nbformat.read(write_notebook("a", "# A", code="print(1 + 1)"), 4)
    notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="stale")]
    text, resources = InteractiveHTMLExporter().from_notebook_node(notebook, {"metadata": {"name": "a", "path": ""}})
    assert "stale" not in text and ">2\n</pre>" in text and resources["output_extension"] == ".html"
    assert notebook.cells[1].outputs[0].text == "stale"  # the caller's notebook is left as it is


def test_both_halves_of_a_pair_give_one_page(tmp_path, monkeypatch):
    import jupytext
    for name in ("beats.py", "shape.svg", "membrane.md"):
        (tmp_path / name).write_bytes((ELSEWHERE / name).read_bytes())
    jupytext.write(jupytext.read(tmp_path / "membrane.md"), tmp_path / "membrane.ipynb")
    pages = [
        get_exporter("Interactive_HTML")().from_filename(str(tmp_path / f"membrane{half}"))[0]
        for half in (".md", ".ipynb")
    ]
    assert pages[0] == pages[1] and pages[0].count('class="fm-frozen"') == 3


def test_an_exporter_says_what_failed_and_keeps_to_its_time(write_notebook):
    broken = str(write_notebook("a", code="raise KeyError('spike')"))
    with pytest.raises(ExportError, match=r"a, cell 1 of 1 \(raise KeyError.* failed: KeyError: 'spike'"):
        InteractiveHTMLExporter().from_filename(broken)
    with pytest.raises(ExportError, match=r"was stopped.*in a terminal: python -m fmspace_nb html b\.ipynb"):
        InteractiveHTMLExporter(time_limit=3.0).from_filename(str(write_notebook("b", code="while True: pass")))


def test_the_time_limit_can_come_from_the_environment(monkeypatch):
    assert InteractiveHTMLExporter().time_limit is None
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/a/")
    assert InteractiveHTMLExporter().time_limit < 60, "a hub's proxy gives up after a minute"
    monkeypatch.setenv("FMSPACE_NB_TIMEOUT", "7")
    assert InteractiveHTMLExporter().time_limit == 7.0


def test_an_exporter_works_inside_a_running_event_loop(write_notebook):
    """JupyterLab's server, or a notebook that exports another."""
    import asyncio
    from concurrent.futures import ThreadPoolExecutor
    path = str(write_notebook("a", code="print('in a loop')"))

    async def inside():
        return InteractiveHTMLExporter().from_filename(path)

    with ThreadPoolExecutor(1) as thread:  # a browser that another test opened may keep a loop running in this one
        assert "in a loop\n</pre>" in thread.submit(asyncio.run, inside()).result()[0]


def test_the_example_of_the_documentation_exports(tmp_path):
    import re
    import textwrap

    import fmspace_nb.publish
    from fmspace_nb.publish.site import export
    code = textwrap.dedent(re.search(r"one cell\n(.*?)\n    \$ ", fmspace_nb.publish.__doc__, re.DOTALL)[1])
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)]), tmp_path / "waves.ipynb")
    [report] = export([str(tmp_path / "waves.ipynb")], tmp_path / "site", progress=False)
    assert report.error == "" and [name for name, _, _ in report.explorers] == ["wave"]
    assert len(code.strip().splitlines()) <= 10


def test_an_exporter_makes_a_live_page_when_told_to(write_notebook):
    code = ("from fmspace_nb import Log, explore\nfrom fmspace_nb.figures.spike import overlap\n"
            "explore(overlap, step_size=Log(1, 100, start=10, frozen=3))")
    path = write_notebook("a", "# Title", code=code)
    closed, _ = InteractiveHTMLExporter().from_filename(str(path))
    alive, _ = InteractiveHTMLExporter(live=True).from_filename(str(path))
    assert CDN.removesuffix("pyodide.js") in alive and "wasm-unsafe-eval" in alive and 'id="compute"' in alive
    assert CDN.removesuffix("pyodide.js") not in closed and "wasm-unsafe-eval" not in closed
    with pytest.raises(ExportError, match="pyodide must be an address here, got folder"):
        InteractiveHTMLExporter(live=True, pyodide="folder").from_filename(str(path))
