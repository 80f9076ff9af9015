"""Weak spikes: Hermite factors give what the square root gives, and keep the digits of eigenvalues that it has long lost."""

import numpy as np
import pytest

from fmspace_nb.activations import activation
from fmspace_nb.numerics.harmonics import gegenbauer
from fmspace_nb.numerics.quadrature import gauss_gegenbauer
from fmspace_nb.spectrum.root import RootRoute
from fmspace_nb.spectrum.waves import WaveRoute
from fmspace_nb.spectrum.weak import HermiteRoute, log_binomial, log_moment


@pytest.mark.parametrize("name, parity", [("gelu", 0), ("softplus", 0), ("tanh", 1), ("erf", 1)])
def test_factors_and_the_square_root_agree_where_both_apply(name, parity):
    """d = 400, B = 0.005 d: two derivations with nothing in common but σ."""
    place = {"dim": 400, "bulk": 1.2, "spike": 2.0}
    factors, root = (route(activation(name), parity, **place) for route in (HermiteRoute, RootRoute))
    rng = np.random.default_rng(0)
    t, r = rng.standard_normal(60), np.sqrt(rng.chisquare(399, 60))
    for sector in range(4):
        (values, functions), (values2, functions2) = factors.sector(sector, 4), root.sector(sector, 4)
        np.testing.assert_allclose(values[:4], values2[:4], rtol=1e-6)
        psi, phi = functions(t, r)[:2], functions2(t, r)[:2]
        np.testing.assert_allclose(psi * np.sign(np.sum(psi * phi, axis=1))[:, None], phi, atol=1e-5 * np.max(np.abs(phi)))


@pytest.mark.parametrize("dim, spike", [(400, 2.0), (1000, 5.0)])
@pytest.mark.parametrize("name, parity", [("cosine", 0), ("sine", 1)])
def test_eigenvalues_keep_their_digits_twenty_orders_below_the_largest(name, parity, dim, spike):
    place = {"dim": dim, "bulk": 1.2, "spike": spike}
    factors, exact = HermiteRoute(activation(name), parity, **place), WaveRoute(parity, **place)
    closed = [exact.sector(sector, 8)[0] for sector in range(4)]
    for sector in range(4):
        np.testing.assert_allclose(factors.sector(sector, 8)[0], closed[sector], rtol=1e-8)
    assert closed[3][-1] < 1e-17 * closed[0][0]


@pytest.mark.parametrize("name, parity", [("erf", 1), ("cosine", 0)])
def test_products_of_columns_are_the_kernel_averaged_across(name, parity):
    """F(x)·F(x') = E_ω[κ(q, q', c) P_j(ω)], by the closed dual kernel and a Gauss rule in ω."""
    dim, bulk, spike, sigma = 350, 0.9, 3.0, activation(name)
    rng = np.random.default_rng(1)
    t, r = rng.standard_normal(8), np.sqrt(rng.chisquare(dim - 1, 8))
    q = ((bulk + spike) * t**2 + bulk * r**2) / dim
    omega, mass = gauss_gegenbauer(dim - 1, 30)
    inner = ((bulk + spike) * np.multiply.outer(t, t)[..., None] + bulk * np.multiply.outer(r, r)[..., None] * omega) / dim
    kernel = sigma.dual(q[:, None, None], q[:, None], inner)
    route = HermiteRoute(sigma, parity, dim=dim, bulk=bulk, spike=spike)
    for sector in range(3):
        columns = route.columns(sector, t, r)
        exact = kernel @ (mass * gegenbauer(dim - 1, sector, omega))
        np.testing.assert_allclose(columns @ columns.T, exact, atol=1e-13)


@pytest.mark.parametrize("dim", [2, 5, 399])
def test_moments_against_a_harmonic_are_those_of_a_gauss_rule(dim):
    omega, mass = gauss_gegenbauer(dim, 20)
    for degree in range(4):
        powers = np.arange(degree, 14, 2)
        exact = (omega ** powers[:, None]) @ (mass * gegenbauer(dim, degree, omega))
        np.testing.assert_allclose(np.exp(log_moment(dim, powers, degree)), exact, rtol=1e-9)


def test_binomials_are_those_of_pascal():
    np.testing.assert_allclose(np.exp(log_binomial(6, np.arange(7))), [1, 6, 15, 20, 15, 6, 1], rtol=1e-13)


def test_a_sector_beyond_the_last_column_is_empty():
    values, functions = HermiteRoute(activation("erf"), 1, dim=400, bulk=1.0, spike=1.0).sector(40, 4)
    assert values.size == 0 and functions(np.zeros(3), np.ones(3)).shape == (0, 3)
