"""Numbers packed for a page come back as near as no eye can tell, and what is equal is kept once."""

import itertools
import json
import zlib
from base64 import b64decode

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as hnp

from fmspace_nb.explorer import Choice, Linear, Log
from fmspace_nb.exported import is_frozen
from fmspace_nb.explorer.frozen import axis_of, freeze, pack
from fmspace_nb.explorer.packing import DIFFERENCES, Code, Packed, choose_code, difference, quantise
from fmspace_nb.explorer.spec import ExplorerSpec

FLOATS = st.floats(-(2.0**100), 2.0**100, width=32)
ARRAYS = hnp.arrays(np.float32, st.integers(1, 40), elements=FLOATS | st.sampled_from([np.nan, np.inf, -np.inf]))


def decoded(numbers, code: Code) -> np.ndarray:
    """What frozen.js makes of the whole numbers, in Python."""
    numbers = numbers.astype(np.int64)
    if code.kind in ("whole", "steps"):
        step = 1.0 if code.kind == "whole" else (code.high - code.low) / 65534
        return np.where(numbers == code.gap, np.nan, code.low + step * numbers)
    if code.kind == "double":
        return numbers.astype(np.uint64).view(np.float64)
    dropped = 11 if code.kind == "short" else 0
    middle = 1 << (31 - dropped)
    bits = (np.abs(numbers - middle) << dropped) | np.where(numbers < middle, 0x80000000, 0)
    return np.where(numbers == 0, np.nan, bits.astype(np.uint32).view(np.float32).astype(float))


def summed(zigzag, how, size, columns):
    """The whole numbers back from their differences, as frozen.js sums them."""
    if not how:
        return zigzag
    modulus = 1 << (8 * size)
    signed = np.where(
        zigzag & np.uint64(1), -(zigzag >> np.uint64(1)).astype(np.int64) - 1, (zigzag >> np.uint64(1)).astype(np.int64)
    )
    for step in reversed(how):
        if step == "r":
            signed = np.cumsum(signed.reshape(len(signed), -1, columns), axis=1).reshape(signed.shape) % modulus
        else:
            signed = np.cumsum(signed, axis=0 if step == "s" else 1) % modulus
    return signed.astype(np.uint64)


@given(ARRAYS, st.sampled_from([("linear", None), ("linear", 10.0), ("log", None), ("log", 4.0), (None, None)]))
def test_every_number_comes_back_within_its_tolerance_and_every_gap_as_a_gap(array, axis):
    code = choose_code([array], *axis)
    got = decoded(quantise(array, code), code)
    finite = np.isfinite(array)
    np.testing.assert_array_equal(np.isnan(got), ~finite)
    expected = array[finite].astype(float)
    scale, extent = axis
    pixel = 0.0
    if scale == "linear" and expected.size:
        pixel = (extent or np.ptp(expected)) / 1000
    assert np.all(np.abs(got[finite] - expected) <= np.maximum(1.3e-4 * np.abs(expected), pixel))


def test_whole_numbers_stay_whole_and_large_and_small_ones_do_not_vanish():
    counts = np.array([1, 7, 8436285, np.nan])
    code = choose_code([counts], None, None)
    assert code.kind == "whole"
    np.testing.assert_array_equal(decoded(quantise(counts, code), code), counts)
    wide = np.array([1e-300, 1.0, 1e300])
    code = choose_code([wide], "log", None)
    np.testing.assert_allclose(decoded(quantise(wide, code), code), wide, rtol=2e-4)


def test_a_curve_that_the_axis_closes_in_on_keeps_its_shape():
    """Values close together beside their size, on an axis that follows them: no staircase."""
    flat = 1000 + np.sin(np.linspace(0, 6, 200)) * 1e-3
    code = choose_code([flat, np.linspace(0, 1e6, 200)], "linear", None)
    got = decoded(quantise(flat, code), code)
    assert np.max(np.abs(got - flat)) <= np.ptp(flat) / 1000


@given(st.sampled_from(DIFFERENCES), st.integers(1, 4), st.data())
def test_differences_sum_up_again(how, size, data):
    states, rows, columns = (data.draw(st.integers(1, n)) for n in (5, 4, 6))
    numbers = data.draw(hnp.arrays(np.uint64, (states, rows * columns), elements=st.integers(0, 2 ** (8 * size) - 1)))
    np.testing.assert_array_equal(summed(difference(numbers, how, size, columns), how, size, columns), numbers)


def test_equal_arrays_are_kept_once():
    packed = Packed((5,), "linear", None)
    same = [packed.add(np.arange(5.0)) for _ in range(3)]
    other = packed.add(np.arange(5.0) + 0.5)
    assert same == [0, 0, 0] and other == 1
    assert packed.segment()[0]["count"] == 2


def figure(*, height=1.0, colour="#000000", scale="linear"):
    x = np.linspace(0, 1, 50)
    return go.Figure(
        [
            {
                "type": "scatter",
                "x": x,
                "y": height * x + (0.1 if scale == "linear" else 0.01),
                "line": {"color": colour},
            }
        ],
        {
            "yaxis": {"type": scale, "range": [0, 4]},
            "template": "none",
            "title": {"text": f"height {height:g}"},
            "meta": {"alt": f"a line to {height:g}"},
        },
    )


def spec(**controls):
    return ExplorerSpec(
        figure, controls or {"height": Linear(1, 3, start=2, steps=3), "colour": Choice("#ff0000", "#0000ff")}
    )


def unpacked(text):
    """(header, table) of a packed grid."""
    raw = zlib.decompress(b64decode(text))
    size = int.from_bytes(raw[:4], "little")
    header = json.loads(raw[4:4 + size])
    columns = len(header["slots"]) + len(header["patch"]) + 1
    table = np.frombuffer(raw[4 + size:4 + size + 2 * columns * header["states"]], "<u2").reshape(columns, -1)
    return header, table


def test_arrays_that_do_not_depend_on_a_control_are_stored_once():
    explorer = spec()
    pictures = [explorer.picture(at) for at in itertools.product(range(3), range(2))]
    header, table = unpacked(pack(explorer, pictures))
    assert [slot["count"] for slot in header["slots"]] == [1, 3]  # x never changes, y only with the height
    assert header["states"] == 6 and len(header["alt"]) == 3
    assert sorted(map(str, header["patch"]["data.0.line.color"])) == sorted(map(str, ["#0000ff", {"start": True}]))
    assert table[1].tolist() == [0, 0, 1, 1, 2, 2]


def twice(*, height=1.0):
    found = figure(height=height)
    return found.add_trace({**found.data[0].to_plotly_json(), "name": "again"})


def test_traces_of_equal_numbers_share_them():
    explorer = ExplorerSpec(twice, {"height": Linear(1, 3, start=2, steps=3)})
    header, table = unpacked(pack(explorer, [explorer.picture((k,)) for k in range(3)]))
    assert [path for path, _ in explorer.skeleton.slots] == ["data.0.x", "data.0.y", "data.1.x", "data.1.y"]
    assert header["slots"][2:] == [{"same": 0}, {"same": 1}]
    np.testing.assert_array_equal(table[2:4], table[:2])


def test_an_axis_is_bounded_only_while_nothing_moves_it():
    explorer = spec()
    pictures = [explorer.picture((k, 0)) for k in range(3)]
    assert axis_of("data.0.y", explorer.skeleton.figure, pictures) == ("linear", 4)
    assert axis_of("data.0.x", explorer.skeleton.figure, pictures) == ("linear", None)
    assert axis_of("data.0.marker.size", explorer.skeleton.figure, pictures) == (None, None)
    coloured = {"data": [{"type": "heatmap", "zmin": -2, "zmax": 2}, {"type": "heatmap", "zmin": 0}], "layout": {}}
    assert axis_of("data.0.z", coloured, []) == ("linear", 4) and axis_of("data.1.z", coloured, []) == (None, None)
    moving = spec(scale=Choice("linear", "log"))
    assert axis_of("data.0.y", moving.skeleton.figure, [moving.picture((1,))]) == ("linear", None)


def test_a_frozen_explorer_says_what_it_costs():
    frozen = freeze(spec())
    assert (frozen.name, frozen.states) == ("figure", 6)
    assert f'data-states="6" data-bytes="{frozen.bytes}"' in frozen.html
    assert 0.5 * len(frozen.html) < frozen.bytes < len(frozen.html)


def test_no_text_of_a_figure_can_end_the_element_that_holds_it():
    explorer = ExplorerSpec(figure, {"height": Log(1, 3, start=1)}, caption="</script><b>bold</b>")
    html = freeze(explorer).html
    assert "</script><b>" not in html and html.count("<script") == html.count("</script>") == 3


def test_a_figure_that_cannot_be_drawn_is_named_with_its_values():
    def broken(*, spike=1.0):
        if spike > 2:
            raise ValueError("too large")
        return figure()

    with pytest.raises(ValueError, match="too large") as caught:
        freeze(ExplorerSpec(broken, {"spike": Linear(0, 4, start=1, steps=5)}))
    assert "explorer 'broken' could not be drawn at {'spike': 3.0}" in caught.value.__notes__


@pytest.mark.parametrize("value, frozen", [(None, False), ("", False), ("0", False), ("1", True)])
def test_the_environment_switches_to_frozen(monkeypatch, value, frozen):
    monkeypatch.delenv("FMSPACE_NB_FROZEN", raising=False)
    if value is not None:
        monkeypatch.setenv("FMSPACE_NB_FROZEN", value)
    assert is_frozen() is frozen
