"""Public functions over the whole of their documented domains: finite, or a refusal that names the argument and its
value."""

import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from fmspace_nb.activations import NAMED, activation
from fmspace_nb.covariance import (
    SpikedCovariance,
    alignment,
    predict_conditional,
    predict_covariance,
    typical_conditional,
)
from fmspace_nb.kernel import conjugate_kernel
from fmspace_nb.learning import learning_curve
from fmspace_nb.network import TwoLayerNetwork
from fmspace_nb.other_steps import muon_density, predict_muon_step, predict_sign_step
from fmspace_nb.preconditioned import predict_preconditioned, preconditioned_moments, preconditioned_outlier
from fmspace_nb.several_directions import directions_seen, predict_multi_index, staircase
from fmspace_nb.spectrum.mercer import mercer
from fmspace_nb.steps import draw_batch, gradient_step, muon_step, preconditioned_step, sign_step
from fmspace_nb.targets import LINKS, target
from fmspace_nb.weights import (
    critical_step_size,
    marchenko_pastur,
    marchenko_pastur_edges,
    outlier,
    bulk_density,
    real_outlier,
)

CALLABLES = {
    "leaky": lambda z: np.where(z > 0, z, 0.1 * z),
    "clip": lambda z: np.clip(z, -1, 1),
    "shelf": lambda z: np.maximum(z - 0.5, 0),
    "step": lambda z: np.where(z > 0.3, 1.0, 0.0),
    "cube": lambda z: z**3,
    "rough": lambda z: np.sqrt(np.abs(z)),
    "steep": lambda z: np.tanh(20 * z),
    "grows": lambda z: np.exp(0.3 * z),
    "constant": np.ones_like,
    "far": lambda z: z + 100.0,
}
SIGMAS = {name: activation(s) for name, s in [*((name, name) for name in NAMED), *CALLABLES.items()]}
TARGETS = {
    name: target(g)
    for name, g in [*((name, name) for name in LINKS), *CALLABLES.items(), ("small", lambda z: 1e-6 * z)]
}

sigmas, goals = st.sampled_from(sorted(SIGMAS)).map(SIGMAS.get), st.sampled_from(sorted(TARGETS)).map(TARGETS.get)
positive, sizes, steps = st.floats(1e-6, 1e6), st.integers(1, 100_000), st.just(0.0) | st.floats(1e-3, 1e6)
FUZZ = settings(max_examples=40)


def finite(*values):
    return all(np.all(np.isfinite(value)) for value in values)


@given(st.sampled_from(sorted(SIGMAS)), st.lists(st.floats(-30, 30), min_size=1), st.integers(0, 60), st.floats(0, 100))
@FUZZ
def test_activations_are_finite_in_value_slope_and_coefficients(name, z, degree, variance):
    sigma, z = SIGMAS[name], np.array(z)
    assert finite(sigma(z)) and sigma(z).shape == z.shape
    if name != "rough" and sigma.homogeneity != 0:                    # √|z| is as steep as one likes
        assert finite(sigma.derivative(z))
    if name != "grows" or variance < 30:
        coefficients, moment = sigma.hermite(degree, variance), sigma.second_moment(variance)
        assert coefficients.shape == (degree + 1,) and finite(coefficients, moment)
        assert np.sum(coefficients**2) <= moment * (1 + 1e-9) + 1e-12                                           # Bessel


@given(sigmas, st.floats(0, 30), st.floats(0, 30), st.floats(-1, 1))
@FUZZ
def test_dual_kernels_obey_cauchy_and_schwarz(sigma, q, q2, rho):
    c = rho * math.sqrt(q) * math.sqrt(q2)
    value, bound = sigma.dual(q, q2, c), math.sqrt(sigma.second_moment(q) * sigma.second_moment(q2))
    assert finite(value) and abs(value) <= bound * (1 + 1e-8) + 1e-12
    assert value == pytest.approx(float(sigma.dual(q2, q, c)), rel=1e-8, abs=1e-9 * bound + 1e-15)


@given(st.sampled_from(sorted(TARGETS)), st.floats(0, 100))
@FUZZ
def test_targets_have_moments_and_an_exponent(name, noise):
    goal = target(TARGETS[name], noise=noise)
    assert (
        finite(goal.second_moment, goal.curvature, goal.hermite(12)) and goal.second_moment > 0 and goal.noise == noise
    )
    assert goal.information_exponent in ((None,) if name == "constant" else range(1, 41))
    assert np.sum(goal.hermite(12) ** 2) <= goal.second_moment * (1 + 1e-9)


@given(sigmas, goals, sizes, sizes, sizes, steps, st.sampled_from(["full step", "rank one", "printed"]))
@FUZZ
def test_predictions_are_covariances_or_say_which_argument_is_too_large(
    sigma, goal, dim, width, samples, step_size, form
):
    sizes = {"dim": min(dim, 2000), "width": width, "samples": samples}
    try:
        gamma = predict_covariance(sigma, goal, **sizes, step_size=step_size, form=form)
    except ValueError as error:
        assert "spike must be" in str(error) and samples < 5          # s < 0: Γ is left without a positive direction
        gamma = SpikedCovariance(1)
    typical = typical_conditional(sigma, goal, **sizes, step_size=step_size)
    assert finite(gamma.bulk, gamma.spike, typical.bulk, typical.spike)
    assert gamma.bulk >= 1 and typical.bulk >= 1 and typical.spike >= 0
    assert 0 <= alignment(goal, dim=dim, samples=samples) <= 1
    beta_hat = np.random.default_rng(dim).standard_normal(sizes["dim"])
    given_data = predict_conditional(sigma, goal, beta_hat, width=width, samples=samples, step_size=step_size)
    assert given_data.bulk == pytest.approx(typical.bulk) and finite(given_data.spike) and given_data.spike >= 0


@given(sigmas, goals, sizes, sizes, sizes, steps)
@FUZZ
def test_outliers_and_the_step_from_which_there_is_one(sigma, goal, dim, width, samples, step_size):
    sizes = {"dim": dim, "width": width, "samples": samples}
    critical = critical_step_size(sigma, goal, **sizes)
    assert critical > 0 and not math.isnan(critical)
    found = real_outlier(sigma, goal, **sizes, step_size=step_size)
    assert finite(found.eigenvalue, found.overlap) and 0 <= found.overlap <= 1 + 1e-12 and found.eigenvalue > 0


@given(positive, st.floats(1e-4, 1e4), positive)
@FUZZ
def test_densities_and_outliers_of_any_ratio(bulk, ratio, spike):
    low, high = marchenko_pastur_edges(ratio=ratio, bulk=bulk)
    x = np.r_[0.0, np.linspace(low, high, 50), 2 * high]
    density = marchenko_pastur(x, ratio=ratio, bulk=bulk)
    assert finite(density) and np.all(density >= 0) and density[-1] == 0
    found = outlier(spike=spike, ratio=ratio, bulk=bulk)
    assert found.eigenvalue >= high * (1 - 1e-12) and 0 <= found.overlap <= 1
    assert found.detached == (spike / bulk > math.sqrt(ratio)) or spike / bulk == pytest.approx(
        math.sqrt(ratio), rel=1e-9
    )
    scaled = bulk_density(x[x > 0], "tanh", ratio=ratio, bulk=1 + bulk, sample_ratio=2.0)
    assert finite(scaled) and np.all(scaled >= 0)


@given(sigmas, st.integers(1, 40), positive, st.floats(-1, 1e5), st.floats(0, 5), st.integers(0, 99))
@FUZZ
def test_kernels_are_positive_also_at_the_origin(sigma, dim, bulk, ratio, size, seed):
    bulk, size = (1.0, min(size, 1.0)) if sigma is SIGMAS["grows"] else (min(bulk, 1e3), size)
    gamma = SpikedCovariance(dim, bulk=bulk, spike=min(ratio, 20.0) * bulk * 0.999)
    x = np.random.default_rng(seed).standard_normal((4, dim)) * size / math.sqrt(1 + bulk)
    x[2:] *= [[0.0], [1e-9]]
    kernel = conjugate_kernel(sigma, gamma)
    gram = kernel(x)
    assert finite(gram) and np.linalg.eigvalsh(gram).min() >= -1e-8 * max(np.trace(gram), 1e-300)
    np.testing.assert_allclose(kernel.diagonal(x), np.diag(gram), rtol=1e-7, atol=1e-12 * np.trace(gram))


@given(
    sigmas, st.integers(1, 12), st.integers(1, 9), st.integers(1, 9), st.floats(-1e6, 1e6), goals, st.integers(0, 99)
)
@FUZZ
def test_a_step_of_any_size_is_finite(sigma, dim, width, samples, step_size, goal, seed):
    network = TwoLayerNetwork.random(dim, width, sigma, seed)
    x, y = draw_batch(goal, dim, samples, seed)
    step = gradient_step(network, x, y, step_size)
    assert finite(step.gradient, step.after.weights, step.beta_hat, network(x), network.kernel(x))
    np.testing.assert_allclose(step.after.weights, network.weights - step_size * step.gradient)


@given(
    sigmas, st.integers(1, 12), st.integers(1, 9), st.integers(1, 30), st.floats(-1e6, 1e6), goals, st.integers(0, 99)
)
@FUZZ
def test_every_other_step_of_any_size_is_finite(sigma, dim, width, samples, step_size, goal, seed):
    network = TwoLayerNetwork.random(dim, width, sigma, seed)
    x, y = draw_batch(goal, dim, samples, seed)
    rules = [sign_step, muon_step, lambda *a: preconditioned_step(*a, preconditioner=np.linspace(0.1, 3, dim))]
    for rule in rules + [preconditioned_step] * (samples > dim + 5):
        step = rule(network, x, y, step_size)
        assert finite(step.gradient, step.after.weights, step.beta_hat)
        np.testing.assert_allclose(step.after.weights, network.weights - step_size * step.gradient)
    assert np.linalg.norm(muon_step(network, x, y, 1.0).gradient, 2) <= 1 + 1e-9


@given(sigmas, goals, st.integers(1, 2000), sizes, sizes, steps, st.integers(0, 99))
@FUZZ
def test_predictions_of_sign_steps_and_muon_are_covariances(sigma, goal, dim, width, samples, step_size, seed):
    shape = {"dim": dim, "width": width, "samples": samples, "step_size": step_size}
    for direction in (None, np.random.default_rng(seed).standard_normal(dim), np.eye(1, dim)[0]):
        gamma, overlap = predict_sign_step(sigma, goal, **shape, direction=direction)
        assert finite(gamma.bulk, gamma.spike) and gamma.bulk >= 1 and gamma.spike >= 0 and 0 <= overlap <= 1
        assert gamma.bulk + gamma.spike / dim == pytest.approx(1 + step_size**2 * dim)
    gamma, overlap = predict_muon_step(sigma, goal, **shape)
    assert finite(gamma.bulk, gamma.spike) and gamma.bulk >= 1 and gamma.spike >= 0 and 0 <= overlap <= 1
    x = np.geomspace(1e-3, 1e3, 50)
    density = muon_density(x, ratio=dim / width, step_size=min(step_size, 1e3))
    assert finite(density) and np.all(density >= 0)


@given(
    st.sampled_from(["relu", "gelu", "tanh", "leaky", "clip", "cube"]).map(SIGMAS.get),
    st.sampled_from(["tanh", "mixed", "sine", "quadratic", "shelf"]).map(TARGETS.get),
    st.floats(-20, 20) | st.just("batch"),
    st.lists(st.floats(0.1, 10), min_size=1, max_size=30),
    sizes,
    st.integers(1, 1000),
    steps,
    st.integers(0, 99),
)
@FUZZ
def test_predictions_of_preconditioned_steps_are_covariances(
    sigma, goal, power, variances, width, samples, step_size, seed
):
    samples += 32 * (power == "batch")
    w = np.random.default_rng(seed).standard_normal(len(variances))
    where = {"power": power, "variances": variances, "direction": w, "samples": samples}
    covariance, overlap = predict_preconditioned(sigma, goal, **where, width=width, step_size=step_size)
    assert finite(covariance.gamma) and 0 <= overlap <= 1
    bound = np.linalg.norm(covariance.gamma, 2)
    assert np.linalg.eigvalsh(covariance.gamma)[0] >= 1 - 1e-9 * bound or samples < 5
    parts = preconditioned_moments(sigma, goal, **where)
    top = preconditioned_outlier(parts, w, width=width, step_size=min(step_size, 1e3))
    assert finite(top.eigenvalue) and top.eigenvalue > 0 and -1e-9 <= top.overlap <= 1 + 1e-6


@given(sigmas, st.integers(1, 4), st.integers(0, 9), st.integers(4, 300), sizes, st.integers(100, 100_000), steps)
@FUZZ
def test_targets_of_several_directions_have_a_staircase(sigma, directions, seed, dim, width, samples, step_size):
    tilt = np.random.default_rng(seed).standard_normal((2, directions))
    shape = {"directions": directions, "dim": dim, "width": width, "samples": samples}

    def link(z):
        return np.sin(z @ tilt[0]) + (z @ tilt[1]) ** 2 - tilt[1] @ tilt[1]

    covariance, overlap = predict_multi_index(sigma, link, **shape, step_size=step_size)
    assert finite(covariance.gamma) and 0 <= overlap <= 1
    steps = staircase(sigma, link, **shape)
    assert not np.any(np.isnan(steps)) and np.all(steps > 0) and np.all(steps[:-1] <= steps[1:])
    seen = directions_seen(sigma, link, **shape, step_size=step_size)
    assert finite(seen) and np.all(seen >= 0) and np.all(seen <= 1 + 1e-9)


@given(
    st.sampled_from(["relu", "gelu", "erf", "quadratic", "identity"]),
    goals,
    st.sampled_from([(2, 0.0), (30, 12.0), (3000, 3e5)]),
    st.floats(1, 1e6) | st.integers(1, 40),
    st.just(0.0) | positive,
    st.none() | sizes | st.integers(1, 40),
    st.floats(0, 1),
)
@settings(FUZZ, max_examples=60)
def test_learning_curves_lie_above_the_noise(name, goal, place, samples, ridge, width, share):
    """Also without ridge, where the interpolation threshold of a finite rank or width may be infinitely bad."""
    spectrum = mercer(name, dim=place[0], spike=place[1])
    error = learning_curve(
        spectrum, target(goal, noise=0.3), samples=samples, ridge=ridge, width=width, alignment=share
    )
    assert not np.any(np.isnan(error)) and np.all(error >= 0.09 * (1 - 1e-9))
