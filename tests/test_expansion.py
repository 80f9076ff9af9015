"""The expansion in the spike: terms against differences of the exact kernel, the remainder against samples and its own
slope."""

import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from fmspace_nb.activations import activation
from fmspace_nb.covariance import SpikedCovariance
from fmspace_nb.expansion import expansion_terms, remainder_norm
from fmspace_nb.kernel import conjugate_kernel

SMOOTH = ["gelu", "erf", "softplus", "cosine", "sine"]


def leaky(z):
    return np.where(z > 0, z, 0.2 * z)


def inputs(dim, count=9, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((count, dim)), rng.standard_normal((count - 2, dim)), rng.standard_normal(dim)


@pytest.mark.parametrize("dim, bulk", [(3, 1.0), (30, 0.7)])
def test_the_first_term_of_relu_is_the_papers_S(dim, bulk):
    """S = ((π−θ)/π) tt' + (sin θ/2π)((‖x'‖/‖x‖) t² + (‖x‖/‖x'‖) t'²), whatever the bulk."""
    x, x2, direction = inputs(dim)
    gamma = SpikedCovariance(dim, bulk=bulk, spike=2.0, direction=direction)
    t, t2 = (x @ gamma.direction)[:, None], x2 @ gamma.direction
    size, size2 = np.linalg.norm(x, axis=1)[:, None], np.linalg.norm(x2, axis=1)
    angle = np.arccos(x @ x2.T / (size * size2))
    paper = (math.pi - angle) / math.pi * t * t2 + np.sin(angle) / (2 * math.pi) * (
        size2 / size * t**2 + size / size2 * t2**2
    )
    np.testing.assert_allclose(expansion_terms("relu", gamma, 1, x, x2)[1], 2.0 / (2 * dim) * paper, rtol=1e-9)


@pytest.mark.parametrize("name", ["relu", leaky, *SMOOTH, "quadratic"])
def test_order_zero_is_the_kernel_of_the_bulk(name):
    x, x2, direction = inputs(8)
    gamma = SpikedCovariance(8, bulk=1.3, spike=4.0, direction=direction)
    isotropic = conjugate_kernel(name, SpikedCovariance(8, bulk=1.3))
    np.testing.assert_allclose(expansion_terms(name, gamma, 0, x, x2)[0], isotropic(x, x2), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("name", ["relu", leaky, *SMOOTH, "quadratic"])
def test_terms_are_derivatives_of_the_kernel_in_the_spike(name):
    """Central differences of seven points, at B of either sign: Γ stays positive as long as B > −A."""
    dim, step = 6, 0.12
    x, x2, direction = inputs(dim)
    nodes = np.arange(-3, 4)
    values = np.stack(
        [conjugate_kernel(name, SpikedCovariance(dim, spike=step * k, direction=direction))(x, x2) for k in nodes]
    )
    taylor = np.tensordot(np.linalg.inv(np.vander(nodes * 1.0, increasing=True)), values, axes=1)  # powers of B/step
    terms = expansion_terms(name, SpikedCovariance(dim, spike=step, direction=direction), 3, x, x2)
    for n, error in ((1, 1e-6), (2, 1e-4), (3, 1e-2)):
        size = np.max(np.abs(terms[n]))
        if name == "quadratic" and n == 3:
            assert size == pytest.approx(0, abs=1e-15)
        else:
            np.testing.assert_allclose(taylor[n], terms[n], atol=error * size)


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("name", ["relu", leaky, *SMOOTH])
def test_what_is_left_falls_one_power_faster_than_the_last_term(name, order):
    dim, errors = 20, []
    x, x2, direction = inputs(dim)
    for spike in dim * np.array([0.01, 0.005, 0.0025]):
        gamma = SpikedCovariance(dim, bulk=1.1, spike=spike, direction=direction)
        rest = conjugate_kernel(name, gamma)(x, x2) - expansion_terms(name, gamma, order, x, x2).sum(axis=0)
        errors.append(np.linalg.norm(rest))
    slopes = np.log2(np.array(errors[:-1]) / errors[1:])
    assert np.all(np.abs(slopes - order - 1) < 0.12) and abs(slopes[1] - order - 1) < abs(slopes[0] - order - 1) + 0.02


@pytest.mark.parametrize("spike", [0.5, 300.0])
def test_polynomials_end(spike):
    x, x2, direction = inputs(7)
    gamma = SpikedCovariance(7, bulk=0.8, spike=spike, direction=direction)
    for name, order in (("identity", 1), ("quadratic", 2), (lambda z: z**3, 3)):
        exact, terms = conjugate_kernel(name, gamma)(x, x2), expansion_terms(name, gamma, 4, x, x2)
        np.testing.assert_allclose(terms[:order + 1].sum(axis=0), exact, atol=1e-10 * np.max(np.abs(exact)))
        np.testing.assert_allclose(terms[order + 1:], 0, atol=1e-10 * np.max(np.abs(exact)))
    first, second = (remainder_norm("quadratic", dim=7, spike=spike, order=order) for order in (1, 2))
    assert second < 1e-10 * first


def test_parallel_inputs_of_relu_stay_parallel():
    x = np.array([[1.0, -2.0, 0.5], [0.0, 0.0, 3.0]])
    gamma = SpikedCovariance(3, spike=7.0)
    terms = expansion_terms("relu", gamma, 3, x, np.concatenate([2 * x, -x]))
    exact = conjugate_kernel("relu", gamma)(x, np.concatenate([2 * x, -x]))
    along = np.zeros((2, 4), dtype=bool)
    along[[0, 1, 0, 1], [0, 1, 2, 3]] = True
    np.testing.assert_allclose(terms.sum(axis=0)[along], exact[along], atol=1e-12)
    np.testing.assert_allclose(terms[2:, along], 0, atol=1e-12)


@pytest.mark.parametrize(
    "name, dim, orders",
    [
        ("relu", 3, (0, 1, 2)),
        ("relu", 40, (0, 1, 2)),
        (leaky, 2000, (0, 1, 2)),
        ("gelu", 200, (1, 2)),
        ("erf", 400, (1, 2)),
    ],
)
def test_the_norm_of_the_remainder_falls_like_the_next_power(name, dim, orders):
    """Theorem 3: ‖T_R‖ = O(B²/d²) after the first order; so does every order after its own, nearer to it the smaller
    B."""
    for order in orders:
        norms = [
            remainder_norm(name, dim=dim, bulk=1.2, spike=r * dim, order=order, sectors=1) for r in (8e-3, 4e-3, 2e-3)
        ]
        slopes = np.log2(np.array(norms[:-1]) / norms[1:])
        assert (
            np.all(np.abs(slopes - order - 1) < 0.35)
            and abs(slopes[1] - order - 1) < 0.75 * abs(slopes[0] - order - 1) + 1e-4
        )


@pytest.mark.parametrize("name, dim, spike, order", [("relu", 6, 3.0, 1), ("relu", 6, 2.0, 2), (leaky, 15, 9.0, 0),
                                                     ("gelu", 40, 6.0, 1)])
def test_sampled_inputs_see_the_same_remainder(name, dim, spike, order):
    """The largest |eigenvalue| of the remainder's Gram matrix, from 8 samples; error: their scatter, and half the
    inputs."""
    means = []
    for count in (150, 300) if name != "gelu" else (70, 140):
        found = []
        for seed in range(8):
            x = np.random.default_rng(seed + count).standard_normal((count, dim))
            gamma = SpikedCovariance(dim, spike=spike)
            rest = conjugate_kernel(name, gamma)(x) - expansion_terms(name, gamma, order, x).sum(axis=0)
            found.append(np.max(np.abs(np.linalg.eigvalsh(rest))) / count)
        means.append(np.mean(found))
    error = np.std(found, ddof=1) / math.sqrt(8)
    exact = remainder_norm(name, dim=dim, spike=spike, order=order)
    assert abs(means[1] - exact) < 4 * error + 1.5 * abs(means[1] - means[0])
    assert 4 * error + 1.5 * abs(means[1] - means[0]) < 0.5 * exact


def test_order_zero_of_relu_has_the_norm_of_the_linear_mode():
    """k₁ − k₀ acts on ⟨w*,x⟩ by B/4d exactly, and on the top even mode by less."""
    for dim in (5, 200, 10_000):
        assert remainder_norm("relu", dim=dim, bulk=1.4, spike=0.1 * dim, order=0) == pytest.approx(0.1 / 4, rel=1e-9)


@pytest.mark.parametrize(
    "sigma",
    [
        lambda z: np.clip(z, -1, 1),
        lambda z: np.abs(z) ** 1.5,
        lambda z: z * np.abs(z),
        np.sign,
        lambda z: np.maximum(z - 0.5, 0),
    ],
)
def test_kinks_are_refused_but_for_those_of_relu(sigma):
    with pytest.raises(ValueError, match="activation must be smooth, or linear on either side of 0"):
        expansion_terms(sigma, SpikedCovariance(5, spike=1.0), 2, np.ones((2, 5)))
    with pytest.raises(ValueError, match="activation must be smooth, or linear on either side of 0"):
        remainder_norm(sigma, dim=5, spike=1.0, order=2)


@pytest.mark.parametrize(
    "call, kind, words",
    [
        (
            lambda: expansion_terms("relu", np.eye(3), 1, np.ones((2, 3))),
            TypeError,
            "covariance must be a SpikedCovariance",
        ),
        (
            lambda: expansion_terms("relu", SpikedCovariance(3), 9, np.ones((2, 3))),
            ValueError,
            "order must be .* got 9",
        ),
        (lambda: expansion_terms("relu", SpikedCovariance(3), 1, np.ones((2, 4))), ValueError, "x must have shape"),
        (
            lambda: expansion_terms("relu", SpikedCovariance(3), 1, np.ones((2, 3)), np.ones(3)),
            ValueError,
            "x2 must have shape",
        ),
        (
            lambda: expansion_terms("rule", SpikedCovariance(3), 1, np.ones((2, 3))),
            ValueError,
            "activation must be one of",
        ),
        (lambda: remainder_norm("relu", dim=1, spike=1.0, order=1), ValueError, "dim must be .* got 1"),
        (lambda: remainder_norm("relu", dim=5, spike=-1.0, order=1), ValueError, "spike must be .* got -1.0"),
        (lambda: remainder_norm("relu", dim=5, spike=1.0, order=1.5), TypeError, "order must be .* got 1.5"),
        (lambda: remainder_norm("relu", dim=5, spike=1.0, order=1, sectors=0), ValueError, "sectors must be .* got 0"),
    ],
)
def test_bad_arguments_are_named(call, kind, words):
    with pytest.raises(kind, match=words):
        call()


@given(name=st.sampled_from(["relu", "identity", "quadratic", "tanh", leaky, *SMOOTH]), dim=st.integers(1, 60),
       bulk=st.floats(0.1, 10.0), ratio=st.just(0.0) | st.floats(1e-9, 1e3), order=st.integers(0, 4),
       scale=st.sampled_from([0.0, 1e-20, 1e-4, 1.0, 3.0]), seed=st.integers(0, 99))
@settings(max_examples=60)
def test_terms_are_finite_and_symmetric_also_at_the_origin(name, dim, bulk, ratio, order, scale, seed):
    x = np.random.default_rng(seed).standard_normal((4, dim)) * np.array([1.0, scale, 1.0, 1.0])[:, None]
    x[3] = -2 * x[0]
    try:
        terms = expansion_terms(name, SpikedCovariance(dim, bulk=bulk, spike=ratio * dim), order, x)
    except ArithmeticError as error:
        assert "do not converge" in str(error) and activation(name).homogeneity is None
        return
    assert terms.shape == (order + 1, 4, 4) and np.all(np.isfinite(terms))
    np.testing.assert_allclose(terms, terms.transpose(0, 2, 1), rtol=1e-6, atol=1e-9 * np.max(np.abs(terms)))
    assert ratio > 0 or not np.any(terms[1:])
