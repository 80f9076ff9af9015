"""Explorers in a JupyterLab to drive: the figure functions, and the notebook that shows them, for test_lab*.py."""

from contextlib import contextmanager

import nbformat
import pytest
from driving import Driven

FIGURES = '''
import time
from pathlib import Path
import numpy as np
import plotly.graph_objects as go

def wave(step_size, width_ratio=2.0, activation="relu"):
    """A wave to look at."""
    x = np.linspace(0, 1, 200)
    y = np.sin(2 * np.pi * width_ratio * x) * np.log10(1 + step_size) / 4
    y[::40] = np.nan
    data = [dict(type="scatter", x=x, y=y, name=f"theory, {activation}", line=dict(color="#e8820c")),
            dict(type="scatter", x=x[::10], y=y[::10] ** 2, mode="markers", name="measured",
                 marker=dict(color="#6b8cae")),
            dict(type="heatmap", z=np.outer(y[1:9], y[1:6]), xaxis="x2", yaxis="y2", showscale=False)]
    notes = [dict(text=f"η = {step_size:g}", x=0.5, y=1, showarrow=False)] if step_size < 1000 else []
    layout = dict(title=dict(text=f"β = {width_ratio:g}"), annotations=notes, template="none", height=360,
                  xaxis=dict(range=[0, 1], domain=[0, 0.7]), xaxis2=dict(domain=[0.75, 1]),
                  yaxis=dict(range=[-1.2, 1.2]), yaxis2=dict(anchor="x2"),
                  meta=dict(alt=f"a wave of height {np.log10(1 + step_size) / 4:.2f}"))
    return go.Figure(data, layout)

def gated(step_size):
    """A picture that is made once the gate is open."""
    while Path("shut").exists():
        time.sleep(0.01)
    return go.Figure([dict(type="scatter", x=[0, 1], y=[0, step_size])], dict(template="none", height=250))

def broken(spike):
    """A picture that fails beyond ten."""
    if spike > 10:
        raise ValueError(f"spike must be at most 10, got {spike:g}")
    return go.Figure([dict(type="scatter", x=[0, 1], y=[0, spike])], dict(template="none", height=250))
'''
CELLS = [
    "from figures import broken, gated, wave\nimport ipywidgets\nfrom fmspace_nb.explorer import Choice, Linear, Log, "
    "explore",
    "first = explore(wave, caption='Turn it up.', step_size=Log(1, 1e4, start=100), width_ratio=Log(0.25, 8, start=2),"
    " activation=Choice('relu', 'erf'))\nfirst",
    "second = explore(gated, step_size=Log(1, 1000, start=10))\nsecond",
    "third = explore(broken, spike=Linear(0, 20, start=5, steps=21))\nthird",
    "slider = ipywidgets.FloatSlider(value=10, min=1, max=1000, description='linked')\n"
    "ipywidgets.link((slider, 'value'), (second, 'step_size'))\nslider",
]


def notebook(*cells):
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells],
                                    metadata={"kernelspec": kernel})


@pytest.fixture(scope="module")
def figures(lab):
    """The figure functions by name, here and as a module beside the notebooks."""
    (lab.folder / "figures.py").write_text(FIGURES)
    names = {}
    exec(FIGURES, names)
    return names


@pytest.fixture(scope="module")
def opened(lab, figures):
    """The notebook of CELLS, run, in one page for all tests of a module."""
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
    opened.bring_to_front()
    for figure in opened.locator("[data-explorer]").all():
        figure.get_by_role("button", name="Back to the start").click()
    for name in ("wave", "gated", "broken"):
        Driven(opened, name).settle()
    opened.complaints.clear()
    yield opened
    assert opened.complaints == []


def run(page, code):
    """Run code in the notebook's kernel, as a cell would; what came before it has been done then."""
    page.evaluate("code => jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute({code}).done",
                  code)


@contextmanager
def shut(page):
    """The gate of `gated`, shut: the kernel stays with the picture it is making."""
    gate = page.folder / "shut"
    gate.touch()
    try:
        yield
    finally:
        gate.unlink()
