"""Activations: closed forms against quadrature that knows nothing of them, and what is refused."""

import numpy as np
import pytest

from fmspace_nb import hermite
from fmspace_nb.activations import NAMED, Activation, activation

SMOOTH_AND_KINKED = [*NAMED, "hardtanh", "shifted"]
CALLABLES = {"hardtanh": lambda z: np.clip(z, -1, 1), "shifted": lambda z: np.maximum(z - 0.3, 0) - 0.1}


def named(name):
    return activation(CALLABLES.get(name, name))


def bare(name):
    """The same function, its closed forms forgotten."""
    return Activation(name, named(name).function)


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("variance", [0.01, 1.0, 400.0])
def test_hermite_coefficients_agree_with_quadrature(name, variance):
    scale = np.sqrt(named(name).second_moment(variance))
    assert np.max(np.abs(named(name).hermite(15, variance) - bare(name).hermite(15, variance))) < 2e-13 * scale


@pytest.mark.parametrize("name", ["relu", "erf", "gelu", "quadratic", "cosine", "sine", "identity"])
def test_closed_dual_kernel_agrees_with_expansion_up_to_the_corners(name):
    rng = np.random.default_rng(0)
    q, q2 = rng.uniform(0.1, 3, (2, 12))
    c = np.r_[rng.uniform(-1, 1, 6), 0, 1, -1, 0.999, -0.9999, 1 - 1e-9] * np.sqrt(q * q2)
    scale = np.sqrt(named(name).second_moment(q) * named(name).second_moment(q2))
    assert np.max(np.abs(named(name).dual(q, q2, c) - bare(name).dual(q, q2, c)) / scale) < 1e-10


@pytest.mark.parametrize("name", SMOOTH_AND_KINKED)
def test_dual_kernel_is_the_mean_over_random_gaussians(name):
    a, rng = named(name), np.random.default_rng(1)
    z = rng.standard_normal((2, 400_000))
    for q, q2, rho in ((0.5, 2.0, 0.3), (1.3, 0.7, -0.8)):
        products = a(np.sqrt(q) * z[0]) * a(np.sqrt(q2) * (rho * z[0] + np.sqrt(1 - rho**2) * z[1]))
        error = products.std() / np.sqrt(products.size)
        assert abs(a.dual(q, q2, rho * np.sqrt(q * q2)) - products.mean()) < 4.5 * error


@pytest.mark.parametrize("name", SMOOTH_AND_KINKED)
def test_dual_kernel_at_full_correlation_is_the_second_moment(name):
    variance = np.array([0.0, 0.2, 1.0, 30.0])
    a = named(name)
    np.testing.assert_allclose(a.dual(variance, variance, variance), a.second_moment(variance), rtol=1e-12)
    mirrored = bare(name).function
    symmetric = Activation("even part", lambda z: (mirrored(z) + mirrored(-z)) / 2)
    even = symmetric.second_moment(variance)
    np.testing.assert_allclose(a.dual(variance, variance, -variance), 2 * even - a.second_moment(variance), rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("variance", [1e9, 1e17, 1e30])
@pytest.mark.parametrize("rho", [-1.0, -0.3, 0.999999, 1.0])
def test_gelu_and_erf_become_relu_and_sign_at_large_variances(variance, rho):
    c = np.array(rho * variance)
    sign = 2 / np.pi * np.arcsin(rho)
    assert named("erf").dual(variance, variance, c) == pytest.approx(sign, abs=3e-4)
    assert named("gelu").dual(variance, variance, c) / variance == pytest.approx(named("relu").dual(1.0, 1.0, np.array(rho)), abs=1e-6)


@pytest.mark.parametrize("name", ["erf", "tanh", "gelu", "softplus", "cosine", "sine", "quadratic", "identity"])
def test_hermite_coefficients_obey_parseval(name):
    assert np.sum(named(name).hermite(80) ** 2) == pytest.approx(named(name).second_moment(1.0), rel=1e-9)


@pytest.mark.parametrize("name", SMOOTH_AND_KINKED)
def test_first_coefficient_is_the_mean_slope(name):
    a = named(name)
    mean_slope = hermite.by_quadrature(Activation("slope", a.derivative, _panels=a._panels), 0, 1.0)[0]
    assert a.hermite(1)[1] == pytest.approx(mean_slope, abs=3e-3 if name in CALLABLES else 1e-12)


@pytest.mark.parametrize("name", NAMED)
def test_numerical_derivative_agrees_with_the_formula(name):
    z = np.array([-3.1, -0.7, 0.4, 2.2])
    np.testing.assert_allclose(bare(name).derivative(z), named(name).derivative(z), atol=1e-10)


def test_parity_and_homogeneity_are_noticed():
    assert [activation(n).parity for n in ("relu", "erf", "tanh", "gelu", "softplus", "quadratic", "cosine", "sine", "identity")] \
        == [None, -1, -1, None, None, 1, 1, -1, -1]
    assert [activation(n).homogeneity for n in ("relu", "quadratic", "identity", "gelu")] == [1, 2, 1, None]
    leaky = activation(lambda z: np.where(z > 0, z, 0.1 * z))
    assert leaky.homogeneity == 1 and leaky.halves == pytest.approx((0.45, 0.55))
    assert activation(lambda z: z**3).homogeneity == 3 and activation(np.abs).parity == 1
    assert activation(lambda z: z * np.abs(z)).parity == -1


@pytest.mark.parametrize("low, high", [(-np.inf, 3.5), (-3, 6), (-2.9, 6), (0, 15), (-40, 41), (0, 3000)])
def test_what_bends_far_out_is_neither_odd_nor_homogeneous(low, high):
    """A spike sends ⟨w,x⟩ far beyond the few standard deviations in which these are the identity or ReLU."""
    clipped = activation(lambda z: np.clip(z, low, high))
    assert clipped.parity is None and clipped.homogeneity is None
    assert [clipped.half_power(parity)[0] for parity in (0, 1)] == [None, None]


def test_kinks_and_jumps_are_found():
    np.testing.assert_allclose(activation(CALLABLES["hardtanh"]).breaks(10), [-1, 1])
    np.testing.assert_allclose(activation(lambda z: (z > 0.7) + np.abs(z + np.pi)).breaks(10), [-np.pi, 0.7], atol=1e-8)
    assert activation(np.tanh).breaks(10).size == 0


def test_hermite_coefficients_of_a_step_are_exact():
    jump = activation(lambda z: (z > 1.0) * 1.0)
    exact = np.exp(-0.5) / np.sqrt(2 * np.pi) * np.array([1, 1 / np.sqrt(2)])       # E[1{z>1} h_k] = φ(1) h_{k−1}(1)/√k
    np.testing.assert_allclose(jump.hermite(2)[1:], exact, rtol=1e-8)


def test_shapes_follow_the_variance():
    assert activation("tanh").hermite(4, np.ones((2, 3))).shape == (2, 3, 5)
    assert activation("tanh").dual(np.ones((4, 1)), np.ones(5), np.zeros((4, 5))).shape == (4, 5)
    assert activation(activation("erf")) is activation("erf")


@pytest.mark.parametrize("bad, kind, words", [
    ("swish", ValueError, "activation must be one of 'relu'"), (5, TypeError, "activation must be a name or a callable"),
    (lambda z: np.exp(z**2 / 3), ValueError, "square-integrable"), (lambda z: 1 / z, ValueError, "finite"),
    (lambda z: np.exp(1000 * z), ValueError, "finite"), (lambda z: 0 * z, ValueError, "vanish"),
    (lambda z: 3.0, ValueError, "one value for each input"), (lambda z: z if z > 0 else 0 * z, ValueError, "vectorised"),
    (lambda z: z + 1j, TypeError, "real"), (lambda z: np.sin(1 / (np.abs(z) + 1e-30)), ValueError, "piecewise smooth")])
def test_unusable_activations_are_refused_by_name(bad, kind, words):
    with pytest.raises(kind, match=words):
        activation(bad)


@pytest.mark.parametrize("call", [
    lambda a: a.hermite(-1), lambda a: a.hermite(3, -1.0), lambda a: a.hermite(2, np.nan), lambda a: a.dual(1.0, 1.0, 1.5),
    lambda a: a.dual(-1.0, 1.0, 0.0), lambda a: a.dual(1.0, 1.0, np.nan), lambda a: a(np.inf) and a(np.nan)])
def test_bad_arguments_are_refused(call):
    with pytest.raises(ValueError, match="must"):
        call(activation("tanh"))
