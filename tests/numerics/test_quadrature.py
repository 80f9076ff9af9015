"""Gauss rules against exact moments, from two dimensions to a hundred thousand."""

import numpy as np
import pytest
from scipy import special

from fmspace_nb.numerics import quadrature
from fmspace_nb.numerics.panels import legendre

DIMS = [2, 3, 4, 7, 30, 1000, 100_000]


def test_hermite_rule_gives_gaussian_moments():
    z, weights = quadrature.gauss_hermite(20)
    for power in range(0, 39, 2):
        assert weights @ z**power == pytest.approx(special.factorial2(power - 1) if power else 1.0, rel=1e-11)


@pytest.mark.parametrize("dim", DIMS)
def test_radius_rule_gives_chi_square_moments(dim):
    radius, weights = quadrature.gauss_radius(dim, 6)
    exact = 1.0
    for k in range(11):                                   # E‖x‖^{2k} = d(d+2)…(d+2k−2)
        assert weights @ radius ** (2 * k) / exact == pytest.approx(1.0, rel=1e-9)
        exact *= dim + 2 * k


@pytest.mark.parametrize("dim, rule", [(dim, quadrature.gauss_gegenbauer) for dim in [1, *DIMS]]
                         + [(dim, quadrature.sphere_trapezoid) for dim in DIMS])
def test_sphere_rules_give_moments_of_a_coordinate(dim, rule):
    omega, weights = rule(dim, 12 if rule is quadrature.gauss_gegenbauer else 0.3)
    exact = 1.0
    for k in range(6):                                    # E ω^{2k} = ∏ (2i+1)/(d+2i)
        assert weights @ omega ** (2 * k) / exact == pytest.approx(1.0, rel=1e-9)
        assert abs(weights @ omega ** (2 * k + 1)) < 1e-12 * exact
        exact *= (2 * k + 1) / (dim + 2 * k)


@pytest.mark.parametrize("dim", DIMS)
@pytest.mark.parametrize("grade", [1.0, 0.01])
def test_graded_angle_integrates_over_the_sphere(dim, grade):
    tau, complement, weights, u = quadrature.graded_angle(dim, 60, min(grade, 1 / np.sqrt(dim)))
    np.testing.assert_allclose(tau**2 + complement**2, 1.0, rtol=1e-14)
    assert np.sum(weights) == pytest.approx(1.0, abs=1e-9)
    assert weights @ tau**2 * dim == pytest.approx(1.0, abs=1e-8)
    assert weights @ tau**4 * dim * (dim + 2) / 3 == pytest.approx(1.0, abs=1e-7)


@pytest.mark.parametrize("dim", [2, 3, 4, 7, 18])
@pytest.mark.parametrize("stretch", [1.0, 0.4])
def test_stretched_angle_integrates_over_the_sphere(dim, stretch):
    tau, complement, weights, x = quadrature.stretched_angle(dim, 30, stretch)
    np.testing.assert_allclose(tau**2 + complement**2, 1.0, rtol=1e-14)
    np.testing.assert_allclose(tau * np.sqrt(1 - x**2), stretch * x * complement, rtol=1e-12)
    exact = [1, 1 / dim, 3 / (dim * (dim + 2))]
    assert [weights @ tau**k for k in (0, 2, 4)] == pytest.approx(exact, rel=1e-13 if stretch == 1 else 1e-7)


@pytest.mark.parametrize("dim", [2, 3, 10, 18, 19, 400])
def test_polar_radius_gives_its_moments(dim):
    radius, weights, _ = quadrature.polar_radius(dim, 40, 0.5)
    assert [weights @ radius**k for k in (0, 2)] == pytest.approx([1.0, dim], rel=1e-8)


def test_graded_half_line_gives_gaussian_moments():
    for grade in (1.0, 0.02):
        t, weights = quadrature.graded_half_line(60, grade)
        assert [weights @ t**k for k in (0, 2, 4)] == pytest.approx([1.0, 1.0, 3.0], rel=1e-10)


def test_cached_rules_cannot_be_spoiled():
    for array in (*quadrature.gauss_hermite(4), *quadrature.gauss_gegenbauer(5, 4), *quadrature.gauss_radius(5, 4)):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0.0
    assert legendre(8)[1].sum() == pytest.approx(1.0)


@pytest.mark.parametrize("call", [lambda: quadrature.gauss_hermite(0), lambda: quadrature.gauss_radius(0, 4),
                                  lambda: quadrature.gauss_gegenbauer(3, -1)])
def test_bad_sizes_are_refused(call):
    with pytest.raises(ValueError, match="must be a whole number"):
        call()
