"""Targets: exact moments of polynomials and trigonometric links, Parseval, and the information exponent."""

import math

import numpy as np
import pytest

from fmspace_nb.targets import LINKS, target


@pytest.mark.parametrize("name", LINKS)
def test_moments_agree_with_an_independent_quadrature(name):
    z, weight = np.polynomial.hermite_e.hermegauss(120)
    weight = weight / math.sqrt(2 * math.pi)
    known = target(name)
    power = known.link(z) ** 2
    assert known.second_moment == pytest.approx(weight @ power, rel=1e-9)
    assert known.curvature == pytest.approx(weight @ ((z**2 - 1) * power) / 2, rel=1e-8)
    assert known.slope == pytest.approx(weight @ (z * known.link(z)), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", LINKS)
def test_hermite_coefficients_carry_the_whole_second_moment(name):
    known = target(name)
    assert np.sum(known.hermite(60) ** 2) == pytest.approx(known.second_moment, rel=1e-6)


def test_coefficients_of_sines_are_exact():
    found = target(lambda t: np.sin(2 * t)).hermite(5)
    exact = [
        0 if k % 2 == 0 else (-1) ** (k // 2) * 2**k * math.exp(-2) / math.sqrt(math.factorial(k)) for k in range(6)
    ]
    np.testing.assert_allclose(found, exact, atol=1e-12)


@pytest.mark.parametrize("name, exponent", [("linear", 1), ("tanh", 1), ("sine", 1), ("mixed", 1), ("figure1", 1),
                                            ("quadratic", 2), ("cubic", 3)])
def test_information_exponent(name, exponent):
    assert target(name).information_exponent == exponent


def test_information_exponent_of_a_constant_is_none():
    assert target(lambda t: np.ones_like(t)).information_exponent is None


def test_noise_is_kept_apart_from_the_second_moment():
    noisy = target("sine", noise=0.7)
    assert (noisy.noise, noisy.second_moment) == (0.7, target("sine").second_moment)
    assert target(noisy) is noisy


def test_the_paper_s_target_is_not_centred():
    assert target("figure1").hermite(0)[0] == pytest.approx(2, rel=1e-12)


def test_bad_input_is_refused_by_name():
    with pytest.raises(ValueError, match="target must be one of 'linear', .*, got 'tan'"):
        target("tan")
    with pytest.raises(TypeError, match="target must be a name .* or a callable, got 3"):
        target(3)
    with pytest.raises(ValueError, match="noise must be a finite number ≥ 0, got -1"):
        target("tanh", noise=-1)
