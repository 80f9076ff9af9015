"""The still picture of an exported explorer shows what plotly would: the same places, in a box of the same size."""

import base64
import io
import re

import numpy as np
import plotly.graph_objects as go
import pytest
from PIL import Image

from fmspace_nb.explorer import Choice, Log
from fmspace_nb.explorer.frozen import freeze
from fmspace_nb.explorer.spec import ExplorerSpec
from fmspace_nb.explorer.still.axes import Axis
from fmspace_nb.explorer.still.raster import SHADES, level_line, png, sampled, scale, shades
from fmspace_nb.explorer.still.sheet import sheet
from fmspace_nb.explorer.still.standing import standing

LAYOUT = {"template": "none", "height": 300, "xaxis": {"range": [0, 10]}, "yaxis": {"range": [0, 1]}}


def drawn(trace, **layout):
    return sheet({"data": [{"name": "a", **trace}], "layout": LAYOUT | layout}, "what it shows")


def corners(html, colour):
    """The places, in shares of the panel from its top left, of the paths of a colour."""
    paths = re.findall(rf'<path d="([^"]*)"[^>]*(?:stroke|fill)="{colour}"', html)
    return np.array([(float(a), float(b)) for d in paths for a, b in re.findall(r"[ML](-?\d+) (-?\d+)", d)]) / 1e4


def test_a_line_and_discs_stand_where_their_numbers_are():
    x, y = [0, 2.5, 10], [0, 0.75, 0.5]
    for mode in ("lines", "markers"):
        html = drawn({"type": "scatter", "mode": mode, "x": x, "y": y, "line": {"color": "#123456"},
                      "marker": {"color": "#123456"}})
        np.testing.assert_allclose(corners(html, "#123456"), np.transpose([np.divide(x, 10), 1 - np.array(y)]))


def test_gaps_break_a_line_and_numbers_that_a_log_axis_lacks_are_gaps():
    line = {"mode": "lines", "x": [1, 10, 100, -1, 1000, 10], "y": [0, 1, np.nan, 1, 0, 1], "line": {"color": "red"}}
    html = drawn(line, xaxis={"type": "log", "range": [0, 3]})
    path = re.search(r'd="([^"]*)" stroke="red"', html)[1]
    assert path == "M0 10000L3333 0M10000 10000L3333 0"


def test_bars_stand_on_the_floor_with_their_widths():
    html = drawn({"type": "bar", "x": [2, 6], "y": [0.5, 1.0], "marker": {"color": "#00ff00"}})
    assert 'd="M0 10000V5000H4000V10000ZM4000 10000V0H8000V10000Z"' in html


def test_ticks_are_those_that_plotly_would_draw():
    plain = Axis({"xaxis": {"range": [0, 1]}}, "x", [], 748)
    assert [text for _, text in plain.ticks()] == ["0", *(f"0.{k}" for k in range(1, 10)), "1"]
    powers = Axis({"yaxis2": {"type": "log", "range": [-2, 1], "dtick": 1}}, "y2", [], 300)
    assert [text for _, text in powers.ticks()] == ["10⁻²", "10⁻¹", "1", "10"]
    np.testing.assert_allclose([at for at, _ in powers.ticks()], [0, 1 / 3, 2 / 3, 1])
    named = Axis({"xaxis": {"range": [0, 2], "tickvals": [0, 1, 5], "ticktext": ["a", "b", "c"]}}, "x", [], 300)
    assert named.ticks() == [(0, "a"), (0.5, "b")]
    words = Axis({}, "x", [np.array(["north", "south"])], 300)
    assert words.at(["south"])[0] > words.at(["north"])[0] and [t for _, t in words.ticks()] == ["north", "south"]


def test_a_level_line_of_a_cone_is_a_circle_and_closed():
    x, y = np.linspace(-1, 1, 41), np.linspace(-1, 1, 31)
    (line,) = level_line(x, y, np.hypot(*np.meshgrid(x, y)), 0.6)
    np.testing.assert_allclose(np.hypot(*line.T), 0.6, atol=0.003)
    np.testing.assert_allclose(line[0], line[-1])
    turned = np.unwrap(np.arctan2(*line.T))
    assert abs(turned[-1] - turned[0]) == pytest.approx(2 * np.pi)


def test_a_heatmap_is_a_small_picture_with_its_first_row_at_the_bottom():
    z = np.array([[0.0, 1.0], [1.0, np.nan]])
    seen = shades(sampled(np.array([0.25, 0.75]), np.array([0.25, 0.75]), z, (4, 4), smooth=False), 0, 1)
    address = png(seen, scale([[0, "#000000"], [1, "#ff0000"]]))
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))).convert("RGBA"))
    assert pixels[3, 0].tolist() == [0, 0, 0, 255] and pixels[3, 3].tolist() == [255, 0, 0, 255]
    assert pixels[0, 0].tolist() == [255, 0, 0, 255] and pixels[0, 3, 3] == 0 and seen.max() == SHADES


def test_a_surface_is_painted_and_the_near_side_hides_the_far_one():
    faces = {"type": "mesh3d", "x": [-1, 1, 0, -1, 1, 0], "y": [-1, -1, 1, -1, -1, 1], "z": [-1, -1, -1, 1, 1, 1],
             "i": [0, 3], "j": [1, 4], "k": [2, 5], "intensity": [0, 0, 0, 1, 1, 1],
             "colorscale": [[0, "#0000ff"], [1, "#ff0000"]]}
    html = sheet({"data": [faces], "layout": {"scene": {"camera": {"eye": {"x": 0, "y": 0.01, "z": 2}}}}}, "two")
    data = base64.b64decode(re.search(r"base64,([^\"]*)", html)[1])
    pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGBA")).reshape(-1, 4)
    shown = pixels[pixels[:, 3] > 0]
    assert len(shown) > 1000 and (shown[:, 0] == 255).mean() > 0.9


def test_words_of_a_figure_are_kept_and_none_of_them_is_a_tag():
    html = drawn({"y": [1, 2], "name": "<script>a"}, annotations=[
        {"x": 1, "y": 1, "xref": "paper", "yref": "paper", "text": "B<sub>c</sub> < 2<br>next"}], showlegend=True)
    assert "<script" not in html and "&lt;script&gt;" in html
    assert '<tspan style="font-size:70%" dy="3.5">c</tspan><tspan dy="-3.5"> &lt; 2</tspan>' in html and "next" in html
    assert html.count("<title>what it shows</title>") == 1


@pytest.mark.parametrize("data", [[{"type": "pie", "values": [1, 2]}], [{"y": [{"no": "number"}]}], []])
def test_a_figure_that_cannot_be_drawn_has_its_words(data):
    html = standing({"data": data, "layout": {}}, "three < four", "A caption")
    assert '<p class="fm-sheet">three &lt; four</p>' in html and "<figcaption>A caption</figcaption>" in html


def test_an_exported_explorer_stands_with_its_controls_at_their_start():
    def figure(step_size, activation):
        return go.Figure([{"y": [0, step_size]}], {"meta": {"alt": f"{activation} at {step_size:g}"}, "height": 250})

    html = freeze(ExplorerSpec(figure, {"step_size": Log(1, 100, start=10), "activation": Choice("relu", "erf")},
                               "Look here.")).html
    assert "<title>relu at 10</title>" in html and "<figcaption>Look here.</figcaption>" in html
    assert '<b class="fm-value">10</b>' in html and "<option>relu</option>" in html and "height:250px" in html
    assert "data-explorer" not in html and "data-control" not in html
