"""Spherical harmonics about an axis: counting, orthonormality, and Funk–Hecke numbers against quadrature."""

import math

import numpy as np
import pytest
from scipy.integrate import simpson

from fmspace_nb.numerics import harmonics
from fmspace_nb.numerics.quadrature import gauss_gegenbauer


def test_multiplicities_are_the_textbook_ones():
    assert [harmonics.multiplicity(1, k) for k in range(4)] == [1, 1, 0, 0]          # the sphere of R is two points
    assert [harmonics.multiplicity(2, k) for k in range(4)] == [1, 2, 2, 2]
    assert [harmonics.multiplicity(3, k) for k in range(5)] == [1, 3, 5, 7, 9]
    assert harmonics.multiplicity(99_999, 3) == math.comb(100_001, 3) - 99_999       # exact integers, however large


@pytest.mark.parametrize("dim", [2, 3, 5, 40])
def test_harmonics_of_one_level_split_among_the_sectors(dim):
    for degree in range(6):
        assert harmonics.multiplicity(dim, degree) == sum(harmonics.multiplicity(dim - 1, j) for j in range(degree + 1))


@pytest.mark.parametrize("dim", [1, 2, 3, 8, 1000])
def test_gegenbauer_polynomials_are_orthogonal_and_one_at_one(dim):
    omega, weights = gauss_gegenbauer(dim, 12)
    for degree in range(2 if dim == 1 else 5):                                        # two points carry two harmonics
        assert harmonics.gegenbauer(dim, degree, 1.0) == pytest.approx(1.0)
        count = harmonics.multiplicity(dim, degree)
        assert weights @ harmonics.gegenbauer(dim, degree, omega) ** 2 * count == pytest.approx(1.0, rel=1e-9)


def test_gegenbauer_on_the_circle_are_cosines():
    angle = np.linspace(0, np.pi, 9)
    np.testing.assert_allclose(harmonics.gegenbauer(2, 5, np.cos(angle)), np.cos(5 * angle), atol=1e-13)


@pytest.mark.parametrize("dim", [2, 3, 10, 3000])
@pytest.mark.parametrize("sector", [0, 1, 3])
def test_zonal_factors_are_orthonormal(dim, sector):
    tau, weights = gauss_gegenbauer(dim, 20)
    values = harmonics.zonal(dim, sector, sector + 6, tau, np.sqrt(1 - tau**2))
    np.testing.assert_allclose((values * weights) @ values.T, np.eye(7), atol=1e-9)


@pytest.mark.parametrize("dim", [2, 3, 10, 500])
@pytest.mark.parametrize("power", [0.5, 1, 2, 3])
@pytest.mark.parametrize("parity", [0, 1])
def test_funk_hecke_numbers_agree_with_quadrature(dim, power, parity):
    half = np.pi / 2 * np.linspace(0, 1, 20_001) ** 2  # ω = sin ψ, ψ ≥ 0, by Simpson's rule
    density = np.cos(half) ** (dim - 2)
    scale = simpson(density, x=half)
    for i, value in enumerate(harmonics.funk_hecke(power, dim, parity, 7)):
        polynomial = harmonics.gegenbauer(dim, parity + 2 * i, np.sin(half))
        assert value == pytest.approx(simpson(np.sin(half) ** power * polynomial * density, x=half) / scale, abs=2e-7)


@pytest.mark.parametrize("dim", [2, 7, 100_000])
def test_mean_powers_of_the_norm(dim):
    assert harmonics.mean_power(dim, 4) == pytest.approx(dim * (dim + 2), rel=1e-9)
    assert harmonics.mean_power(dim, 2) == pytest.approx(dim, rel=1e-10)
