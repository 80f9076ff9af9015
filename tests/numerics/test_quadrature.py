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


@pytest.mark.parametrize("dim", [1, *DIMS])
def test_sphere_rule_gives_moments_of_a_coordinate(dim):
    omega, weights = quadrature.gauss_gegenbauer(dim, 12)
    exact = 1.0
    for k in range(6):                                    # E ω^{2k} = ∏ (2i+1)/(d+2i)
        assert weights @ omega ** (2 * k) / exact == pytest.approx(1.0, rel=1e-9)
        assert abs(weights @ omega ** (2 * k + 1)) < 1e-12 * exact
        exact *= (2 * k + 1) / (dim + 2 * k)


@pytest.mark.parametrize("dim", DIMS)
@pytest.mark.parametrize("grade", [1.0, 0.01])
def test_graded_angle_integrates_over_the_sphere(dim, grade):
    tau, complement, weights = quadrature.graded_angle(dim, 60, min(grade, 1 / np.sqrt(dim)))
    np.testing.assert_allclose(tau**2 + complement**2, 1.0, rtol=1e-14)
    assert np.sum(weights) == pytest.approx(1.0, abs=1e-9)
    assert weights @ tau**2 * dim == pytest.approx(1.0, abs=1e-8)
    assert weights @ tau**4 * dim * (dim + 2) / 3 == pytest.approx(1.0, abs=1e-7)


def test_cached_rules_cannot_be_spoiled():
    for array in (*quadrature.gauss_hermite(4), *quadrature.gauss_gegenbauer(5, 4)):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0.0
    assert legendre(8)[1].sum() == pytest.approx(1.0)


@pytest.mark.parametrize("call", [lambda: quadrature.gauss_hermite(0), lambda: quadrature.gauss_gegenbauer(3, -1)])
def test_bad_sizes_are_refused(call):
    with pytest.raises(ValueError, match="must be a whole number"):
        call()
