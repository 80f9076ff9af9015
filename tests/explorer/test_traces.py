"""A figure taken apart and put together again is the same figure."""

import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from fmspace_nb.explorer.traces import Skeleton, compact, take_apart


def put_together(skeleton, picture):
    """The figure's JSON from a skeleton and a picture, as the view puts it together."""
    figure = {"data": [{} for _ in skeleton.figure["data"]], "layout": {}}

    def put(path, value):
        *above, last = path.split(".")
        node = figure
        for key in above:
            node = node[int(key)] if isinstance(node, list) else node.setdefault(key, {})
        node[last] = value

    def walk(value, path=""):
        if isinstance(value, dict) or path == "data":
            for key, below in value.items() if isinstance(value, dict) else enumerate(value):
                walk(below, f"{path}.{key}" if path else str(key))
        elif picture.patch.get(path, value) is not None:
            put(path, picture.patch.get(path, value))

    walk(skeleton.figure)
    for path, value in picture.patch.items():
        if value is not None:
            put(path, value)
    for (path, shape), array in zip(skeleton.slots, picture.arrays, strict=True):
        assert array.shape == shape
        put(path, array.tolist())
    return figure


def example(height=1.0, *, note=False, dash="solid"):
    x = np.linspace(0, 1, 5)
    notes = [{"text": "here", "x": 0.5}] if note else []
    return go.Figure(
        [
            {
                "type": "scatter",
                "x": x,
                "y": [0, height, None, 3, 4],
                "line": {"dash": dash},
                "text": ["a", "b", "c", "d", "e"],
            },
            {"type": "heatmap", "z": np.outer(x, x[:3]) * height, "colorscale": [[0, "#fff"], [1, "#000"]]},
            {"type": "bar", "x": ["one", "two"], "y": [1, 2], "marker": {"color": [1.0, height]}},
        ],
        {
            "title": {"text": f"height {height}"},
            "annotations": notes,
            "template": "none",
            "xaxis": {"range": np.array([0, 1])},
            "meta": {"alt": f"a curve of height {height}"},
        }
        | ({"showlegend": False} if note else {}),
    )


@given(st.floats(-1e6, 1e6, width=32), st.booleans(), st.sampled_from(["solid", "dot"]))
def test_skeleton_and_picture_give_the_figure_back(height, note, dash):
    skeleton = Skeleton(example())
    figure = example(height, note=note, dash=dash)
    together = put_together(skeleton, skeleton.picture(figure))
    assert np.array_equal(together["data"][0]["y"], np.float32([0, height, np.nan, 3, 4]), equal_nan=True)
    np.testing.assert_allclose(together["data"][1]["z"], figure.data[1].z, rtol=1e-6)
    assert together["data"][2]["marker"]["color"] == [1.0, height] and together["data"][2]["x"] == ["one", "two"]
    assert together["data"][0]["line"]["dash"] == dash and together["data"][0]["text"] == list("abcde")
    assert together["layout"]["title"]["text"] == f"height {height}" and together["layout"]["xaxis"]["range"] == [0, 1]
    assert len(together["layout"].get("annotations", [])) == note and ("showlegend" in together["layout"]) == note
    assert skeleton.picture(figure).alt == f"a curve of height {height}"


def test_a_picture_does_not_depend_on_the_one_before():
    skeleton = Skeleton(example(note=True))
    with_note, without = example(2.0, note=True), example(2.0)
    assert skeleton.picture(without).patch["layout.showlegend"] is None
    assert skeleton.picture(with_note).patch == {"layout.title.text": "height 2.0"}
    assert skeleton.first.patch == {} and skeleton.picture(example(note=True)).patch == {}


def test_numbers_become_slots_and_the_rest_stays_json():
    tree, numbers, alt = take_apart(example())
    assert set(numbers) == {"data.0.x", "data.0.y", "data.1.z", "data.2.y", "data.2.marker.color"}
    assert tree["data"][1]["colorscale"] == [[0, "#fff"], [1, "#000"]] and "alt" not in tree["layout"]["meta"]
    assert alt == "a curve of height 1.0"


def test_dates_and_flags_and_ragged_lists_stay_json():
    ragged, days = [[1], [1, 2]], [datetime.date(2026, 1, 1)]
    figure = go.Figure([{"type": "scatter", "x": days, "y": [1]}, {"type": "scatter", "customdata": ragged}])
    tree, numbers, _ = take_apart(figure)
    assert (
        tree["data"][0]["x"] == ["2026-01-01"]
        and tree["data"][1]["customdata"] == ragged
        and list(numbers) == ["data.0.y"]
    )


DAYS = pd.to_datetime(["2026-01-01", "2026-02-03"])


@pytest.mark.parametrize(("given", "shown"), [
    (DAYS, ["2026-01-01T00:00:00.000000", "2026-02-03T00:00:00.000000"]),
    (pd.Series(DAYS), ["2026-01-01T00:00:00.000000", "2026-02-03T00:00:00.000000"]),
    ([DAYS[0], pd.NaT], ["2026-01-01 00:00:00", None]),
    (np.array(["2026-01-01", "NaT"], dtype="datetime64[D]"), ["2026-01-01", None]),
    ([datetime.datetime(2026, 2, 3, 4, 5)], ["2026-02-03 04:05:00"]),
    (pd.to_timedelta(["1s", "2s"]), [1000.0, 2000.0]),
    (pd.Series(["a", "b"], dtype="category"), ["a", "b"]),
    ([Decimal("1.5"), Decimal("2")], [1.5, 2.0]),
    (np.array([True, False]), [True, False]),
])
def test_dates_durations_and_other_types_arrive_as_what_they_are(given, shown):
    tree, numbers, _ = take_apart(go.Figure([{"type": "scatter", "x": given, "y": [1.0] * len(shown)}]))
    assert tree["data"][0]["x"] == shown and list(numbers) == ["data.0.y"]


def test_whole_numbers_with_gaps_are_numbers_with_gaps():
    _, numbers, _ = take_apart(go.Figure([{"type": "scatter", "x": pd.array([1, None], dtype="Int64"), "y": [1, 2]}]))
    np.testing.assert_equal(numbers["data.0.x"], np.float32([1, np.nan]))


@pytest.mark.parametrize(
    "figure, message",
    [
        (go.Figure(example().data[:2]), "2 traces, at the start it had 3"),
        (
            example().update_traces(x=[0, 1], selector=0),
            r"data.0.x has 2 values, at the start it had 5 values: .*pad with NaN",
        ),
        (example().update_traces(y=["a"] * 5, selector=0), r"data.0.y has no numbers, at the start it had 5 values"),
        (
            example().update_traces(z=np.eye(2), selector=1),
            r"data.1.z has 2 × 2 values, at the start it had 5 × 3 values",
        ),
    ],
)
def test_a_figure_that_changes_its_structure_is_refused(figure, message):
    with pytest.raises(ValueError, match=message):
        Skeleton(example()).picture(figure)


def test_what_is_no_plotly_figure_is_refused():
    with pytest.raises(TypeError, match="must return a plotly Figure, got dict"):
        Skeleton({"data": []})
    with pytest.raises(ValueError, match="no frames"):
        Skeleton(go.Figure(frames=[{"data": []}]))


@given(arrays(np.float64, st.integers(1, 20), elements=st.floats(allow_nan=True, allow_infinity=True)))
def test_compact_arrays_draw_the_same_picture(array):
    """Nothing finite overflows, nothing non-zero vanishes, and no value moves by more than a ten-thousandth of the
    spread."""
    small = compact(array).astype(np.float64)
    finite = np.isfinite(array)
    assert np.array_equal(np.isfinite(small), finite) and np.array_equal(small == 0, array == 0)
    if finite.any():
        half = array[finite] / 2  # so that the spread of the largest floats is finite, too
        np.testing.assert_allclose(small[finite] / 2, half, rtol=2e-7, atol=0)
        if np.ptp(half) > 0 and compact(array).dtype == np.float32:
            assert np.abs(small[finite] / 2 - half).max() <= 1e-4 * np.ptp(half)


def test_ordinary_numbers_travel_as_float32():
    assert compact(np.linspace(0, 1, 5)).dtype == np.float32
    assert compact(1e6 + np.linspace(0, 1, 5)).dtype == np.float64
    assert compact(np.array([1.0, 1e-60])).dtype == np.float64
