"""`explore` promises the same in both lives: values that are read, set, observed and linked by the controls' names."""

import json
import re

import ipywidgets
import plotly.graph_objects as go
import pytest

from fmspace_nb.explorer import Choice, Linear, Log, explore


def line(step_size, activation="relu"):
    """A line."""
    return go.Figure([{"type": "scatter", "x": [0, 1], "y": [0, step_size]}], {"title": {"text": activation}})


@pytest.fixture(params=["live", "frozen"])
def explorer(request, monkeypatch):
    monkeypatch.setenv("FMSPACE_NB_FROZEN", str(int(request.param == "frozen")))
    found = explore(line, step_size=Log(1, 1e4, start=100), activation=Choice("relu", "erf"))
    assert isinstance(found, ipywidgets.Widget) is (request.param == "live")
    return found


def test_values_are_traits_that_snap_to_the_nearest_stop(explorer):
    assert (explorer.step_size, explorer.activation) == (100, "relu")
    explorer.step_size = 930
    explorer.activation = "erf"
    assert (explorer.step_size, explorer.activation) == (900, "erf")
    assert repr(explorer) == "explore(line, step_size=900.0, activation='erf')"


def test_a_value_out_of_range_is_refused(explorer):
    with pytest.raises(ValueError, match=r"step_size must be a finite number in \[1, 10000\], got 0"):
        explorer.step_size = 0
    with pytest.raises(ValueError, match="activation must be one of 'relu', 'erf', got 'tanh'"):
        explorer.activation = "tanh"
    assert (explorer.step_size, explorer.activation) == (100, "relu")


def test_values_can_be_observed_and_linked(explorer):
    seen, slider = [], ipywidgets.FloatLogSlider(value=1, min=0, max=4)
    explorer.observe(lambda change: seen.append(change.new), "step_size")
    ipywidgets.link((explorer, "step_size"), (slider, "value"))
    assert slider.value == 100
    slider.value = 1000
    explorer.step_size = 10
    assert slider.value == 10 and seen == [1000, 10]


@pytest.mark.parametrize("frozen", ["0", "1"])
def test_a_control_cannot_hide_what_every_explorer_has(monkeypatch, frozen):
    monkeypatch.setenv("FMSPACE_NB_FROZEN", frozen)
    with pytest.raises(ValueError, match="a control cannot be called 'observe', which every widget has"):
        explore(lambda observe=1: line(observe), observe=Linear(1, 3, start=1))


def shown(explorer, monkeypatch):
    """(the start of each control, the picture's text) of the page that a frozen explorer puts out."""
    bundles = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, raw: bundles.append(bundle))
    explorer._ipython_display_()
    spec = json.loads(re.search(r'class="fm-spec">(.*?)</script>', bundles[0]["text/html"])[1])
    return [control["values"][control["start"]] for control in spec["controls"]], spec["figure"]["layout"]["title"][
        "text"
    ]


def test_the_page_starts_at_the_values_set_before_it_is_shown(monkeypatch):
    monkeypatch.setenv("FMSPACE_NB_FROZEN", "1")
    explorer = explore(line, step_size=Log(1, 1e4, start=100), activation=Choice("relu", "erf"))
    assert shown(explorer, monkeypatch) == ([100, "relu"], "relu")
    # 9000 is not among the stops that the page keeps for a start at 100
    explorer.step_size, explorer.activation = 9000, "erf"
    assert shown(explorer, monkeypatch) == ([9000, "erf"], "erf")


@pytest.mark.parametrize("frozen", ["0", "1"])
def test_without_controls_it_is_a_picture_of_a_figure_or_of_a_function_at_its_defaults(monkeypatch, frozen):
    monkeypatch.setenv("FMSPACE_NB_FROZEN", frozen)
    for figure in (line(3), lambda: line(3)):
        explorer = explore(figure)
        assert explorer._explains.start == () and explorer._explains.skeleton.first.arrays[1].tolist() == [0, 3]
        if frozen == "0":
            assert explorer._picture["indices"] == []
    assert repr(explore(line(3, "erf"))) == "explore(figure)"
    assert explore(line(3, "erf"))._explains.caption == "erf"
