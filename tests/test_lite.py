"""Where nothing is installed: what figures need, and what of it Pyodide has."""

import subprocess
import sys

import plotly.graph_objects as go
import pytest

import fmspace_nb

NOT_THERE = ("jupyterlab", "jupytext", "joblib", "nbconvert", "nbformat", "markdown_it", "mdit_py_plugins",
             "platformdirs", "tqdm")


@pytest.mark.skipif(sys.platform == "emscripten", reason="Pyodide has one process")
def test_every_figure_and_public_name_is_imported_without_what_cannot_run_there():
    code = f"""
import pkgutil, sys
for name in {NOT_THERE}:
    sys.modules[name] = None
import fmspace_nb, fmspace_nb.figures, fmspace_nb.experiments
for name in fmspace_nb.__all__:
    getattr(fmspace_nb, name)
for room in (fmspace_nb.figures, fmspace_nb.experiments):
    for module in pkgutil.iter_modules(room.__path__, room.__name__ + "."):
        __import__(module.name)
from fmspace_nb.experiments import data
assert all(len(data.table(name)) for name in data.tables())
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_plain_figure_is_shown_by_the_own_view(monkeypatch):
    """As Pyodide's kernel does it, whose plotly lacks nbformat."""
    from IPython.core.interactiveshell import InteractiveShell
    shell, shown = InteractiveShell(), []
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    monkeypatch.setattr("IPython.display.display", shown.append)
    fmspace_nb._show_plain_figures()
    assert shell.display_formatter.format(go.Figure([{"y": [1, 2]}])) == ({}, {})
    assert len(shown) == 1 and shown[0]._explains.controls == {}
