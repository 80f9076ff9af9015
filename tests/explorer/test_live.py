"""A live explorer without a browser: its values are traits, and every change is answered by one picture."""

import sys
import threading
import time

import ipywidgets
import plotly.graph_objects as go
import pytest
import traitlets

from fmspace_nb.explorer import Choice, Log, explore


def line(step_size, activation="relu"):
    """A line."""
    if activation == "broken":
        raise ValueError("no such activation")
    return go.Figure([{"type": "scatter", "x": [0, 1], "y": [0, step_size]}], {"title": {"text": activation}})


@pytest.fixture
def explorer():
    return explore(line, step_size=Log(1, 1e4, start=100), activation=Choice("relu", "erf", "broken"))


def y(explorer):
    import numpy as np
    return np.frombuffer(explorer._picture["arrays"][1], np.float32).tolist()


def test_values_are_traits_that_snap_to_the_nearest_stop(explorer):
    assert (explorer.step_size, explorer.activation) == (100, "relu")
    explorer.step_size = 103
    assert explorer.step_size == 100
    explorer.step_size = 1e4
    assert y(explorer) == [0, 1e4]


def test_a_value_out_of_range_is_refused_and_nothing_moves(explorer):
    with pytest.raises(ValueError, match=r"step_size must be a finite number in \[1, 10000\], got 0"):
        explorer.step_size = 0
    with pytest.raises(TypeError, match="step_size must be a finite number"):
        explorer.step_size = "100"
    assert explorer.step_size == 100 and y(explorer) == [0, 100]


def test_values_can_be_observed_and_linked(explorer):
    seen = []
    explorer.observe(lambda change: seen.append(change.new), "step_size")
    slider = ipywidgets.FloatLogSlider(value=100, min=0, max=4)
    ipywidgets.link((explorer, "step_size"), (slider, "value"))
    explorer.step_size = 1000
    assert slider.value == 1000 and seen == [1000]
    traitlets.dlink((slider, "value"), (explorer, "step_size"))
    slider.value = 10
    assert explorer.step_size == 10 and y(explorer) == [0, 10]


def test_two_values_set_together_make_one_picture(explorer):
    pictures = []
    explorer.observe(lambda change: pictures.append(change.new["indices"]), "_picture")
    explorer.set_state({"step_size": 1, "activation": "erf"})
    assert pictures == [[0, 1]] and explorer._picture["patch"] == {"layout.title.text": "erf"}


def test_an_error_of_the_figure_function_is_a_picture_and_the_next_one_recovers(explorer):
    explorer.activation = "broken"
    assert explorer._picture == {"indices": [40, 2], "error": "ValueError: no such activation"}
    explorer.activation = "erf"
    assert explorer._picture["indices"] == [40, 1] and "error" not in explorer._picture


@pytest.mark.skipif(sys.platform == "emscripten", reason="Pyodide has one thread")
def test_moves_on_several_threads_end_with_the_picture_of_the_last_value():
    def slow(step_size):
        time.sleep(0.01)
        return line(step_size)
    explorer = explore(slow, step_size=Log(1, 1e4, start=100))
    moves = [threading.Thread(target=setattr, args=(explorer, "step_size", v)) for v in (1, 10, 1000, 1e4)]
    for move in moves:
        move.start()
    for move in moves:
        move.join()
    assert y(explorer) == [0, explorer.step_size]


def test_where_widgets_are_not_drawn_the_text_says_what_it_is(explorer):
    bundle, _ = explorer._repr_mimebundle_()
    assert bundle["text/plain"] == "explore(line, step_size=100.0, activation='relu')"


def test_behind_the_widget_stands_the_picture_that_is_saved(explorer, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, **given: shown.append(bundle))
    explorer.step_size = 1000
    explorer._ipython_display_()
    explorer.activation = "broken"
    explorer._ipython_display_()
    widget, saved, broken = shown
    assert list(saved) == ["text/html"] and "<svg" in saved["text/html"] and ">1\u202f000</b>" in saved["text/html"]
    assert {"text/plain", "application/vnd.jupyter.widget-view+json"} <= widget.keys() == broken.keys()


def test_plotly_is_answered_to_the_one_who_asks_for_this_version(explorer, monkeypatch):
    sent = []
    monkeypatch.setattr(explorer, "send", lambda content, buffers: sent.append((content, len(buffers[0]))))
    explorer._handle_custom_msg({"plotly": "0.0.0"}, [])
    explorer._handle_custom_msg({"plotly": explorer._plotly}, [])
    assert [content for content, _ in sent] == [{"plotly": explorer._plotly}] and sent[0][1] > 1_000_000


def test_frozen_it_is_html_and_nothing_else(monkeypatch):
    shown = []
    monkeypatch.setenv("FMSPACE_NB_FROZEN", "1")
    monkeypatch.setattr("IPython.display.display", lambda bundle, raw: shown.append((bundle, raw)))
    explorer = explore(line, step_size=Log(1, 100, start=10, steps=3))
    explorer._ipython_display_()
    (bundle, raw), = shown
    assert raw and list(bundle) == ["text/html"] and 'data-name="line"' in bundle["text/html"]
    assert explorer.step_size == 10
