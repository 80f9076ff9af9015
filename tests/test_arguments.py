"""Checks of arguments say which argument, which value, and what is allowed."""

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from fmspace_nb import arguments


@given(st.one_of(st.none(), st.text(), st.booleans(), st.floats(), st.complex_numbers(), st.lists(st.integers())))
def test_integer_takes_whole_numbers_only(value):
    with pytest.raises((TypeError, ValueError), match="width must be a whole number"):
        arguments.integer("width", value)


@given(st.integers(min_value=2, max_value=9))
def test_integer_returns_what_it_takes(value):
    assert arguments.integer("dim", np.int32(value), minimum=2, maximum=9) == value


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 0.0, -1, np.float64("nan")])
def test_real_refuses_what_is_not_finite_or_out_of_range(value):
    with pytest.raises(ValueError, match="bulk must be a finite number > 0, got"):
        arguments.real("bulk", value, above=0.0)


@pytest.mark.parametrize("value", [None, "1", True, 1j, np.ones(1)])
def test_real_refuses_what_is_no_number(value):
    with pytest.raises(TypeError, match="ridge must be a finite number"):
        arguments.real("ridge", value)


def test_array_says_shape_and_finiteness():
    with pytest.raises(ValueError, match=r"x must have shape \(any, 3\), got \(3,\)"):
        arguments.array("x", [1, 2, 3], shape=(None, 3))
    with pytest.raises(ValueError, match="x must be finite everywhere, got NaN or infinity among its 2 values"):
        arguments.array("x", [1, math.nan])
    with pytest.raises(TypeError, match="x must be an array of real numbers, got list"):
        arguments.array("x", ["a"])
    assert arguments.array("x", np.ones((2, 4, 3)), shape=(..., 3)).shape == (2, 4, 3)


@pytest.mark.parametrize("value", [np.array([1 + 2j]), ["3"], [True], np.ones(2, dtype=bool), np.array(["1"]),
                                   [10**400], object()])
def test_array_refuses_what_only_looks_like_numbers(value):
    with pytest.raises(TypeError, match="x must be an array of real numbers"):
        arguments.array("x", value)


def test_numbers_beyond_every_float_are_refused():
    with pytest.raises(ValueError, match="bulk must be a finite number"):
        arguments.real("bulk", 10**400)


@pytest.mark.parametrize("value", [np.array(["a", "b"]), ["a"], {"a"}, None])
def test_choice_takes_no_collection(value):
    with pytest.raises(ValueError, match="form must be one of 'a', 'b'"):
        arguments.choice("form", value, ("a", "b"))


def test_choice_lists_the_options():
    with pytest.raises(ValueError, match="form must be one of 'a', 'b', got 'c'"):
        arguments.choice("form", "c", ("a", "b"))


def test_generator_takes_a_seed_or_a_generator():
    assert arguments.generator("rng", 3).random() == np.random.default_rng(3).random()
    rng = np.random.default_rng()
    assert arguments.generator("rng", rng) is rng
    for bad in (None, -1, 0.5, True):
        with pytest.raises(TypeError, match="rng must be a numpy Generator or a seed"):
            arguments.generator("rng", bad)
