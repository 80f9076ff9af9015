"""The isotropic kernel: its levels are those of the exact spectrum and of sampled features; couplings are derivatives."""

import math

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from fmspace_nb.activations import activation
from fmspace_nb.numerics.harmonics import multiplicity, zonal
from fmspace_nb.numerics.quadrature import gauss_gegenbauer, gauss_radius
from fmspace_nb.spectrum.levels import Levels
from fmspace_nb.spectrum.mercer import mercer

NAMES = ["relu", "gelu", "softplus", "tanh", "erf", "cosine", "sine", "quadratic"]
RADII = np.linspace(0.0, 8.0, 400)


def levels(name, dim, bulk):
    return Levels(activation(name), dim, bulk)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dim, bulk", [(3, 0.7), (20, 1.0), (1000, 2.0)])
def test_the_top_of_each_degree_is_the_top_of_its_sector(name, dim, bulk):
    """At B = 0 sector k starts with degree k, whatever solves it: for each k and parity the largest eigenvalue is the same."""
    found, sectors = levels(name, dim, bulk), mercer(name, dim=dim, bulk=bulk).sectors
    for degree in range(3):
        sector, parity = sectors[degree], (-1) ** degree
        own = [value for value, label in zip(sector.eigenvalues, sector.labels) if label.parity == parity]
        if own:
            assert found.signed(degree) ** 2 == pytest.approx(own[0], rel=2e-6)
        else:
            assert found.signed(degree) ** 2 < 1e-20


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dim", [2, 9, 500])
def test_ladders_descend_and_add_up_to_the_trace(name, dim):
    """Σ N(d, k) λ = E k₀(x,x) = E σ(√q z)², q = A‖x‖²/d; the share of the degrees left out is small in few dimensions."""
    sigma, found, total = activation(name), levels(name, dim, 0.8), 0.0
    for parity in (0, 1):
        ladder = found.ladder(parity, 6)
        values = [value for _, _, value in ladder]
        assert values == sorted(values, reverse=True) and all(degree % 2 == parity for degree, _, _ in ladder)
        assert len({(degree, index) for degree, index, _ in ladder}) == len(ladder)
        total += sum(multiplicity(dim, degree) * value for degree, _, value in ladder)
    radius, weights = gauss_radius(dim, 40)
    trace = weights @ sigma.second_moment(0.8 * radius**2 / dim)
    assert total <= trace * (1 + 1e-7)
    if dim == 2:
        assert total > 0.985 * trace


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dim", [2, 5, 300])
def test_zonal_modes_are_orthonormal_and_positive_along_the_target(name, dim):
    found = levels(name, dim, 1.2)
    tau, angular = gauss_gegenbauer(dim, 24)
    length, radial = gauss_radius(dim, 30)
    t, r = np.multiply.outer(tau, length), np.multiply.outer(np.sqrt(1 - tau**2), length)
    degrees = [k for k in range(4) if abs(found.signed(k)) > 1e-12]
    modes = np.array([found.zonal(k)(t, r) for k in degrees])
    overlaps = np.einsum("iab,jab,a,b->ij", modes, modes, angular, radial)
    # few dimensions: radial factors near the origin are no polynomials in ‖x‖², and Laguerre nodes lose digits
    np.testing.assert_allclose(overlaps, np.eye(len(degrees)), atol=1e-9 if dim > 5 else 2e-4)
    assert all(found.zonal(k)(np.array([4.0]), np.array([0.0]))[0] > 0 for k in degrees)


@pytest.mark.parametrize("name", ["relu", "gelu", "cosine", "erf"])
def test_zonal_modes_are_eigenfunctions_of_sampled_features(name):
    """E_x σ(√(A/d)⟨g,x⟩)ψ(x) = m ψ(g) at sampled g, within five standard errors of 200 000 inputs."""
    dim, bulk = 5, 1.3
    found, sigma, rng = levels(name, dim, bulk), activation(name), np.random.default_rng(0)
    x, g = rng.standard_normal((200_000, dim)), rng.standard_normal((3, dim))
    for degree in range(3):
        if abs(found.signed(degree)) < 1e-12:
            continue

        def mode(points, radial=CubicSpline(RADII, found.radial(degree)(RADII))):
            length = np.linalg.norm(points, axis=1)
            tau = points[:, 0] / length
            return radial(length) * zonal(dim, 0, degree, tau, np.sqrt(1 - tau**2))[degree]
        products = sigma(math.sqrt(bulk / dim) * g @ x.T) * mode(x)
        error = products.std(axis=1) / math.sqrt(len(x))
        assert np.all(np.abs(products.mean(axis=1) - found.signed(degree) * mode(g)) < 5 * error)


@pytest.mark.parametrize("name", ["relu", "gelu", "softplus", "quadratic", "cosine", "erf", "sine"])
@pytest.mark.parametrize("dim", [4, 200])
def test_straight_coupling_is_the_eigenvalue_s_derivative_in_the_spike(name, dim):
    """Hellmann and Feynman: ∂λ/∂B = ∂⟨R, T₁R⟩/∂B at B = 0."""
    degree, spike = int(activation(name).parity == -1), 2e-3
    first, _, straight, _ = levels(name, dim, 0.9).coupling(degree)
    sign = (-1) ** degree
    values = []
    for k in (0, 1, 2):
        sector = mercer(name, dim=dim, bulk=0.9, spike=k * spike, sectors=1).sectors[0]
        values.append(next(value for value, label in zip(sector.eigenvalues, sector.labels) if label.parity == sign))
    assert first == pytest.approx(values[0], rel=1e-7)
    assert (4 * values[1] - 3 * values[0] - values[2]) / (2 * spike) == pytest.approx(straight, rel=2e-3)
