"""Eigenfunctions of T₁: orthonormal by a rule of their own, eigenfunctions by samples."""

import numpy as np
import pytest

from fmspace_nb.covariance import SpikedCovariance
from fmspace_nb.kernel import conjugate_kernel
from fmspace_nb.spectrum.mercer import mercer
from oracles import plane


@pytest.mark.parametrize(
    "name, dim, bulk, spike",
    [
        ("relu", 5, 1.0, 3.0),
        ("relu", 40, 1.2, 400.0),
        ("gelu", 20, 1.0, 10.0),
        ("erf", 3, 2.0, 4.0),
        ("sine", 10, 1.0, 2.0),
    ],
)
def test_eigenfunctions_are_eigenfunctions(name, dim, bulk, spike):
    """E k(x,x')ψ(x') over sampled x' is λψ(x) within its error bar, in every sector."""
    rng = np.random.default_rng(1)
    direction = rng.standard_normal(dim)
    kernel = conjugate_kernel(name, SpikedCovariance(dim, bulk=bulk, spike=spike, direction=direction))
    at, x = rng.standard_normal((3, dim)), rng.standard_normal((40_000, dim))
    gram = kernel(at, x)
    for sector in mercer(name, dim=dim, bulk=bulk, spike=spike).sectors:
        values, here = sector.on_points(x, direction=direction)[:3], sector.on_points(at, direction=direction)[:3]
        for value, psi, exact in zip(sector.eigenvalues, values, here, strict=False):
            products = gram * psi
            error = products.std(axis=1) / np.sqrt(len(x))
            assert np.all(np.abs(products.mean(axis=1) - value * exact) < 5 * error)


@pytest.mark.parametrize(
    "name, dim, bulk, spike",
    [
        ("relu", 30, 1.0, 2.0),
        ("relu", 30, 1.0, 60.0),
        ("gelu", 60, 1.5, 20.0),
        ("tanh", 500, 1.0, 2.0),
        ("cosine", 25, 1.0, 5.0),
        ("softplus", 100, 1.0, 300.0),
    ],
)
def test_eigenfunctions_are_orthonormal(name, dim, bulk, spike):
    """By a rule of its own, panels in t and Laguerre nodes in r²."""
    t, r, mass = plane(dim)
    np.testing.assert_allclose(np.unique(t), -np.unique(t)[::-1], rtol=1e-12)
    for sector in mercer(name, dim=dim, bulk=bulk, spike=spike, modes=4).sectors:
        values, parity = sector(t, r), np.array([label.parity for label in sector.labels])
        np.testing.assert_allclose((values * mass) @ values.T, np.eye(len(values)), atol=1e-8)
        mirrored = values.reshape(len(values), len(np.unique(t)), -1)[:, ::-1].reshape(values.shape)  # at −t
        np.testing.assert_allclose(
            mirrored, values * (parity * (-1) ** sector.degree)[:, None], atol=1e-9 * np.abs(values).max()
        )


@pytest.mark.parametrize(
    "sigma, dim, spike", [(lambda z: np.clip(z, -1, 1), 8, 5.0), (lambda z: np.maximum(z - 0.5, 0), 60, 30.0)]
)
def test_random_weights_see_the_top_of_a_spectrum_with_kinks(sigma, dim, spike):
    """⟨ψ, T₁ψ⟩ = E_w (E_x σ(⟨w,x⟩)ψ(x))², by 3000 weights and 2·700 inputs, within 5 standard errors, for the first
    mode of sector 0."""
    rng, gamma = np.random.default_rng(4), SpikedCovariance(dim, spike=spike)
    spectrum = mercer(sigma, dim=dim, spike=spike)
    w = gamma.sample(3000, rng)
    means = [
        np.mean(sigma(x @ w.T) * spectrum.sectors[0].on_points(x)[0][:, None], axis=0)
        for x in rng.standard_normal((2, 700, dim))
    ]
    products = means[0] * means[1]  # independent inputs: unbiased
    assert (
        abs(products.mean() - spectrum.eigenvalues[0])
        < 5 * products.std() / np.sqrt(len(w))
    )


@pytest.mark.parametrize("dim", [2, 3, 12])
def test_eigenfunctions_on_points_are_orthonormal_across_sectors(dim):
    x = np.random.default_rng(2).standard_normal((60_000, dim))
    sectors = mercer("gelu", dim=dim, spike=4.0, modes=3).sectors
    values = np.concatenate([s.on_points(x, direction=np.ones(dim)) for s in sectors])
    deviation = np.abs(values @ values.T / len(x) - np.eye(len(values)))
    error = np.sqrt(np.mean((values[:, None] * values) ** 2, axis=-1) / len(x))
    assert np.all(deviation < 5 * error)


@pytest.mark.parametrize("name", ["relu", "tanh", "cosine"])
def test_eigenfunctions_at_no_point_are_no_values(name):
    spectrum = mercer(name, dim=10, spike=3.0)
    assert spectrum.sectors[0]([], []).shape == (8, 0) and spectrum.sectors[1].on_points(np.ones((0, 10))).shape == (
        8,
        0,
    )
