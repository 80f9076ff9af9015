"""Dual kernels: closed forms, the expansion, sampled Gaussians and differences of a derivative agree."""

import numpy as np
import pytest

from fmspace_nb.activations import NAMED, Activation, activation
from fmspace_nb.numerics import dual

SIGMAS = {
    **NAMED,
    "hardtanh": activation(lambda z: np.clip(z, -1, 1)),
    "shifted": activation(lambda z: np.maximum(z - 0.3, 0) - 0.1),
}


def bare(name):
    """The same function, its closed forms forgotten."""
    return Activation(name, SIGMAS[name].function)


@pytest.mark.parametrize("name", ["relu", "erf", "gelu", "quadratic", "cosine", "sine", "identity"])
def test_closed_dual_kernel_agrees_with_expansion_up_to_the_corners(name):
    rng = np.random.default_rng(0)
    q, q2 = rng.uniform(0.1, 3, (2, 12))
    c = np.r_[rng.uniform(-1, 1, 6), 0, 1, -1, 0.999, -0.9999, 1 - 1e-9] * np.sqrt(q * q2)
    scale = np.sqrt(SIGMAS[name].second_moment(q) * SIGMAS[name].second_moment(q2))
    assert np.max(np.abs(SIGMAS[name].dual(q, q2, c) - bare(name).dual(q, q2, c)) / scale) < 1e-10


@pytest.mark.parametrize("name", SIGMAS)
def test_dual_kernel_is_the_mean_over_random_gaussians(name):
    a, rng = SIGMAS[name], np.random.default_rng(1)
    z = rng.standard_normal((2, 400_000))
    for q, q2, rho in ((0.5, 2.0, 0.3), (1.3, 0.7, -0.8)):
        products = a(np.sqrt(q) * z[0]) * a(np.sqrt(q2) * (rho * z[0] + np.sqrt(1 - rho**2) * z[1]))
        error = products.std() / np.sqrt(products.size)
        assert abs(a.dual(q, q2, rho * np.sqrt(q * q2)) - products.mean()) < 4.5 * error


@pytest.mark.parametrize("name", SIGMAS)
def test_dual_kernel_at_full_correlation_is_the_second_moment(name):
    variance = np.array([0.0, 0.2, 1.0, 30.0])
    a = SIGMAS[name]
    np.testing.assert_allclose(a.dual(variance, variance, variance), a.second_moment(variance), rtol=1e-12)
    mirrored = bare(name).function
    symmetric = Activation("even part", lambda z: (mirrored(z) + mirrored(-z)) / 2)
    even = symmetric.second_moment(variance)
    np.testing.assert_allclose(
        a.dual(variance, variance, -variance), 2 * even - a.second_moment(variance), rtol=1e-10, atol=1e-13
    )


@pytest.mark.parametrize("variance", [1e9, 1e17, 1e30])
@pytest.mark.parametrize("rho", [-1.0, -0.3, 0.999999, 1.0])
def test_gelu_and_erf_become_relu_and_sign_at_large_variances(variance, rho):
    c = np.array(rho * variance)
    sign = 2 / np.pi * np.arcsin(rho)
    assert SIGMAS["erf"].dual(variance, variance, c) == pytest.approx(sign, abs=3e-4)
    assert SIGMAS["gelu"].dual(variance, variance, c) / variance == pytest.approx(
        SIGMAS["relu"].dual(1.0, 1.0, np.array(rho)), abs=1e-6
    )


@pytest.mark.parametrize("power", [0.5, 1, 1.5, 2, 3])
@pytest.mark.parametrize("parity", [0, 1])
def test_profiles_of_powers_are_derivatives_of_one_another(power, parity):
    """Central differences of five points: of order m give order m + 1."""
    rho, step = np.array([-0.8, -0.3, 0.1, 0.6, 0.85]), 1e-3
    for order in range(4):
        near = [dual.homogeneous_profile(power, parity, rho + k * step, order) for k in (-2, -1, 1, 2)]
        difference = (8 * (near[2] - near[1]) - (near[3] - near[0])) / (12 * step)
        exact = dual.homogeneous_profile(power, parity, rho, order + 1)
        np.testing.assert_allclose(difference, exact, rtol=1e-6, atol=1e-8)


def test_a_vanishing_variance_has_no_correlation():
    scale, rho = dual.correlation(np.array([0.0, 4.0]), np.array([1.0, 9.0]), np.array([0.0, 6.1]))
    assert scale.tolist() == [0, 6] and rho.tolist() == [0, 1]
