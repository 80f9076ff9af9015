"""Rules for polynomials in the logarithm of the variance, against moments and closed means."""

import numpy as np
import pytest

from fmspace_nb.numerics.logvariance import gauss, gauss_angle, lanczos, polynomials, shells

DIMS = [1, 2, 3, 30, 1000, 100_000]


@pytest.mark.parametrize("dim", DIMS)
@pytest.mark.parametrize("share", [0.02, 0.5, 1.0])
def test_the_rule_gives_moments_of_the_length_for_any_scale(dim, share):
    """E s² = d and E s⁴ = d(d + 2); s² is no polynomial in the logarithm, but close to one."""
    s, weights = gauss(dim, share * np.sqrt(dim), 28)
    assert weights @ s**2 == pytest.approx(dim, rel=1e-8)
    assert weights @ s**4 == pytest.approx(dim * (dim + 2), rel=1e-7)


@pytest.mark.parametrize("dim, scale", [(1, 0.1), (7, 1.0), (400, 20.0)])
def test_polynomials_are_orthonormal(dim, scale):
    s, weights = gauss(dim, scale, 20)
    values = polynomials(dim, scale, 9, s)
    np.testing.assert_allclose((values * weights) @ values.T, np.eye(9), atol=1e-10)


@pytest.mark.parametrize("dim, degree", [(2, 1), (9, 3), (1000, 2)])
def test_shells_are_orthonormal_with_their_power(dim, degree):
    r, weights = gauss(dim, np.sqrt(dim), 40)
    values = shells(dim, degree, np.sqrt(dim), 5, r)
    np.testing.assert_allclose((values * weights) @ values.T, np.eye(5), atol=1e-7)


@pytest.mark.parametrize("dim", [2, 3, 40, 100_000])
@pytest.mark.parametrize("steep", [1.0, 1e4])
def test_the_angle_s_rule_gives_moments_of_a_coordinate(dim, steep):
    tau, weights = gauss_angle(dim, steep, 40)
    assert weights @ tau**2 * dim == pytest.approx(1.0, rel=1e-7)
    assert weights @ tau**4 * dim * (dim + 2) / 3 == pytest.approx(1.0, rel=1e-6)


def test_lanczos_finds_the_recurrence_of_hermite_polynomials():
    x, mass = np.polynomial.hermite_e.hermegauss(40)
    a, b = lanczos(x, mass, 12)
    np.testing.assert_allclose(a, 0, atol=1e-12)
    np.testing.assert_allclose(b, np.sqrt(np.arange(1, 13)), rtol=1e-12)
