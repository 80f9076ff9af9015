"""Activations: slopes, parity and homogeneity as they are noticed, shapes, and what is refused."""

import numpy as np
import pytest

from fmspace_nb.activations import NAMED, Activation, activation


@pytest.mark.parametrize("name", NAMED)
def test_halves_are_what_their_name_says(name):
    z, sigma = np.linspace(-9, 9, 41), NAMED[name]
    for parity in (1, -1):
        expected = (sigma(z) + parity * sigma(-z)) / 2
        np.testing.assert_allclose(sigma.half(z, parity), expected, rtol=1e-14, atol=1e-14 * np.max(np.abs(sigma(z))))


@pytest.mark.parametrize("name", NAMED)
def test_numerical_derivative_agrees_with_the_formula(name):
    z = np.array([-3.1, -0.7, 0.4, 2.2])
    bare = Activation(name, NAMED[name].function)                     # the same function, its closed forms forgotten
    np.testing.assert_allclose(bare.derivative(z), NAMED[name].derivative(z), atol=1e-10)


def test_parity_and_homogeneity_are_noticed():
    assert [
        activation(n).parity
        for n in ("relu", "erf", "tanh", "gelu", "softplus", "quadratic", "cosine", "sine", "identity")
    ] == [None, -1, -1, None, None, 1, 1, -1, -1]
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
    assert [power for power, _ in clipped.half_powers] == [None, None]


def test_shapes_follow_the_variance():
    assert activation("tanh").hermite(4, np.ones((2, 3))).shape == (2, 3, 5)
    assert activation("tanh").dual(np.ones((4, 1)), np.ones(5), np.zeros((4, 5))).shape == (4, 5)
    assert activation(activation("erf")) is activation("erf")


@pytest.mark.parametrize(
    "bad, kind, words",
    [
        ("swish", ValueError, "activation must be one of 'relu'"),
        (5, TypeError, "activation must be a name or a callable"),
        (lambda z: np.exp(z**2 / 3), ValueError, "square-integrable"),
        (lambda z: 1 / z, ValueError, "finite"),
        (lambda z: np.exp(1000 * z), ValueError, "finite"),
        (lambda z: 0 * z, ValueError, "vanish"),
        (lambda z: 3.0, ValueError, "one value for each input"),
        (lambda z: z if z > 0 else 0 * z, ValueError, "vectorised"),
        (lambda z: z + 1j, TypeError, "real"),
        (lambda z: np.sin(1 / (np.abs(z) + 1e-30)), ValueError, "piecewise smooth"),
    ],
)
def test_unusable_activations_are_refused_by_name(bad, kind, words):
    with pytest.raises(kind, match=words):
        activation(bad)


@pytest.mark.parametrize(
    "call",
    [
        lambda a: a.hermite(-1),
        lambda a: a.hermite(3, -1.0),
        lambda a: a.hermite(2, np.nan),
        lambda a: a.dual(1.0, 1.0, 1.5),
        lambda a: a.dual(-1.0, 1.0, 0.0),
        lambda a: a.dual(1.0, 1.0, np.nan),
        lambda a: a(np.inf) and a(np.nan),
    ],
)
def test_bad_arguments_are_refused(call):
    with pytest.raises(ValueError, match="must"):
        call(activation("tanh"))
