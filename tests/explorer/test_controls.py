"""Controls are finite, sorted, exact at their ends and start, and say so when they cannot be."""

import itertools
import math

import pytest
from hypothesis import assume, given, strategies as st

from fmspace_nb.explorer.controls import NAMES, Choice, Control, Draws, Linear, Log, readout

numbers = st.floats(-1e12, 1e12, allow_nan=False)
positive = st.floats(1e-12, 1e12)


@given(positive, positive, positive, st.none() | st.integers(2, 200))
def test_a_log_slider_has_its_ends_and_its_start_and_rises(a, b, c, steps):
    low, start, high = sorted((a, b, c))
    assume(low < high)
    control = Log(low, high, start=start, steps=steps)
    assert control.values[0] == low and control.values[-1] == high and control.default == start
    assert all(x < y for x, y in itertools.pairwise(control.values))
    assert steps is None or len(control.values) <= steps + (steps == 2)


@given(numbers, numbers, numbers, st.integers(2, 200))
def test_a_linear_slider_has_its_ends_and_its_start_and_rises(a, b, c, steps):
    low, start, high = sorted((a, b, c))
    assume(low < high)
    control = Linear(low, high, start=start, steps=steps)
    assert control.values[0] == low and control.values[-1] == high and control.default == start
    assert all(x < y for x, y in itertools.pairwise(control.values))


def test_log_stops_are_preferred_numbers_twenty_a_decade():
    decade = (1, 1.12, 1.25, 1.4, 1.6, 1.8, 2, 2.24, 2.5, 2.8, 3.15, 3.55, 4, 4.5, 5, 5.6, 6.3, 7.1, 8, 9, 10)
    assert Log(1, 10, start=1).values == decade
    ratios = [b / a for a, b in itertools.pairwise(Log(1e-3, 1e5, start=1).values)]
    assert len(ratios) == 160 and max(ratios) < 1.15 and min(ratios) > 1.1


def test_a_start_between_stops_takes_the_place_of_the_nearest():
    assert Log(10, 1000, start=50, steps=5, integer=True).values == (10, 50, 100, 316, 1000)
    assert Linear(0, 1, start=0.3, steps=5).values == (0, 0.3, 0.5, 0.75, 1)


def test_an_integer_slider_has_whole_numbers_only():
    values = Log(2, 100_000, start=50, integer=True).values
    assert all(isinstance(v, int) for v in values) and len(set(values)) == len(values)
    with pytest.raises(ValueError, match="low must be a whole number on an integer slider, got 2.5"):
        Linear(2.5, 10, start=5, integer=True)


@given(st.integers(2, 60), st.floats(0, 1))
def test_a_thinned_slider_keeps_its_ends_its_start_and_no_other_stops(stops, share):
    whole = Log(1, 1e4, start=10 ** (4 * share))
    thin = whole.thinned(stops)
    assert set(thin.values) <= set(whole.values) and len(thin.values) <= max(stops, 3)
    assert {whole.values[0], whole.values[-1], whole.default} <= set(thin.values) and thin.default == whole.default


def test_the_nearest_stop_is_nearest_by_ratio_on_a_log_slider_and_by_distance_on_a_linear_one():
    assert Log(1, 100, start=10, steps=3).nearest("step_size", 3.2) == 10
    assert Linear(1, 99, start=50, steps=3).nearest("step_size", 3.2) == 1
    assert Log(1, 100, start=10).nearest("step_size", 100) == 100


@pytest.mark.parametrize("value, message", [
    (0.5, r"step_size must be a finite number in \[1, 100\], got 0.5"), (math.nan, "got nan"), (math.inf, "got inf")])
def test_a_value_out_of_range_is_refused(value, message):
    with pytest.raises(ValueError, match=message):
        Log(1, 100, start=10).nearest("step_size", value)


@pytest.mark.parametrize("make, error, message", [
    (lambda: Log(0, 1, start=1), ValueError, "low must be a finite number > 0, got 0"),
    (lambda: Log(2, 1, start=1), ValueError, r"high must be a finite number > 2 \(low\), got 1"),
    (lambda: Linear(0, 1, start=2), ValueError, r"start must be a finite number in \[0, 1\], got 2"),
    (lambda: Linear(-1.7e308, 1.7e308, start=0), ValueError, "high must be"),
    (lambda: Linear(0, 1, start=0, steps=1), ValueError, r"steps must be a whole number in \[2, 1001\], got 1"),
    (lambda: Linear(0, 1, start=0, frozen=0), ValueError, "frozen must be a whole number ≥ 3, got 0"),
    (lambda: Linear("0", 1, start=0), TypeError, "low must be"),
    (lambda: Choice(), ValueError, "one or more different ones"),
    (lambda: Choice("a", "a"), ValueError, "one or more different ones"),
    (lambda: Choice("a", None), TypeError, "options of a Choice must be strings or numbers, got None"),
    (lambda: Choice("a", "b", start="c"), ValueError, "start must be one of 'a', 'b', got 'c'"),
    (lambda: Choice("a", "b").nearest("activation", "c"), ValueError, "activation must be one of 'a', 'b', got 'c'"),
])
def test_bad_controls_are_refused_by_name(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize(
    "value, text",
    [
        (0, "0"),
        (1, "1"),
        (0.25, "0.25"),
        (1250.0, "1\u202f250"),
        (100_000, "100\u202f000"),
        (-0.5, "−0.5"),
        (1e6, "1×10⁶"),
        (2.5e-4, "2.5×10⁻⁴"),
        (-1.234e-8, "−1.23×10⁻⁸"),
        ("relu", "relu"),
    ],
)
def test_values_read_as_one_would_write_them(value, text):
    assert readout(value) == text


def test_labels_are_the_fields_words_and_symbols():
    step, ratio = Log(1, 2, start=1).json("step_size"), Log(1, 2, start=1).json("width_ratio")
    assert (step["words"], step["symbol"]) == ("step size", "η")
    assert (ratio["words"], ratio["symbol"]) == ("width / dimension", "β = m/d")
    assert Log(1, 2, start=1, label="learning rate").json("step_size")["words"] == "learning rate"
    assert Log(1, 2, start=1).json("own_name")["words"] == "own name"
    assert set(NAMES) >= {"step_size", "width_ratio", "sample_ratio", "dim", "activation", "target"}


def test_draws_are_whole_numbers_and_all_of_them_at_once():
    draws = Draws()
    assert draws.default == 0 and draws.nearest("seed", 7) == 7 and draws.nearest("seed", "all") == "all"
    assert draws.thinned(draws.frozen).values == (0, 1, 2, 3, 4, "all")
    assert Draws(frozen=1).thinned(1).values == (0,)
    moved = Control(draws.values, 700, scale="draw")
    assert moved.thinned(4).values == (0, 1, 700, "all") and moved.thinned(4).default == 700


@pytest.mark.parametrize("value, error, said", [
    (1000, ValueError, "seed must be a whole number in"), (-1, ValueError, "seed must be a whole number in"),
    (1.5, TypeError, "seed must be a whole number in"), ("luck", ValueError, "seed must be one of 'all', got 'luck'"),
])
def test_a_draw_that_is_none_is_named(value, error, said):
    with pytest.raises(error, match=said):
        Draws().nearest("seed", value)
