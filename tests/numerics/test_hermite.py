"""Hermite coefficients: closed forms against quadrature that knows nothing of them, Parseval, integration by parts."""

import numpy as np
import pytest
from scipy import special

from fmspace_nb.activations import NAMED, Activation, activation
from fmspace_nb.numerics import hermite
from fmspace_nb.numerics.quadrature import gauss_hermite

SIGMAS = {
    **NAMED,
    "hardtanh": activation(lambda z: np.clip(z, -1, 1)),
    "shifted": activation(lambda z: np.maximum(z - 0.3, 0) - 0.1),
}


def bare(name):
    """The same function, its closed forms forgotten."""
    return Activation(name, SIGMAS[name].function)


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("variance", [0.01, 1.0, 400.0])
def test_hermite_coefficients_agree_with_quadrature(name, variance):
    scale = np.sqrt(SIGMAS[name].second_moment(variance))
    assert np.max(np.abs(SIGMAS[name].hermite(15, variance) - bare(name).hermite(15, variance))) < 2e-13 * scale


@pytest.mark.parametrize("name", ["erf", "tanh", "gelu", "softplus", "cosine", "sine", "quadratic", "identity"])
def test_hermite_coefficients_obey_parseval(name):
    assert np.sum(SIGMAS[name].hermite(80) ** 2) == pytest.approx(SIGMAS[name].second_moment(1.0), rel=1e-9)


@pytest.mark.parametrize("name", SIGMAS)
def test_first_coefficient_is_the_mean_slope(name):
    a = SIGMAS[name]
    mean_slope = hermite.by_quadrature(Activation("slope", a.derivative, _panels=a._panels), 0, 1.0)[0]
    assert a.hermite(1)[1] == pytest.approx(mean_slope, abs=3e-3 if name not in NAMED else 1e-12)


def test_hermite_coefficients_of_a_step_are_exact():
    jump = activation(lambda z: (z > 1.0) * 1.0)
    exact = np.exp(-0.5) / np.sqrt(2 * np.pi) * np.array([1, 1 / np.sqrt(2)])       # E[1{z>1} h_k] = φ(1) h_{k−1}(1)/√k
    np.testing.assert_allclose(jump.hermite(2)[1:], exact, rtol=1e-8)


def test_hermite_functions_are_orthonormal_polynomials():
    z, weights = gauss_hermite(24)
    values = hermite.hermite_functions(20, z)
    np.testing.assert_allclose((values * weights) @ values.T, np.eye(21), atol=1e-11)
    np.testing.assert_allclose(hermite.hermite_functions(3, 2.0), [1, 2, 3 / np.sqrt(2), 2 / np.sqrt(6)], rtol=1e-14)


@pytest.mark.parametrize("variance", [1e-4, 0.7, 10.0])
@pytest.mark.parametrize("name, exact", [
    ("relu", lambda c, v: c * special.ndtr(c / np.sqrt(v)) + np.sqrt(v / (2 * np.pi)) * np.exp(-c**2 / (2 * v))),
    ("erf", lambda c, v: special.erf(c / np.sqrt(2 * (1 + v)))), ("cosine", lambda c, v: np.exp(-v / 2) * np.cos(c)),
    ("quadratic", lambda c, v: c**2 + v)])
def test_smoothing_by_a_gaussian_has_its_closed_forms(name, exact, variance):
    """Up to the largest bulk that mode mixing takes."""
    centre = np.array([[-7.0, -1.0, 0.0], [0.2, 3.0, 40.0]])
    np.testing.assert_allclose(NAMED[name].smoothed(centre, variance), exact(centre, variance), rtol=1e-12, atol=1e-8)


def test_smoothing_with_no_variance_is_no_smoothing():
    assert NAMED["relu"].smoothed([-1.0, 2.0], 0.0).tolist() == [0, 2]
