"""Experiments outside the assumptions: what is predicted there agrees with real networks within stated errors."""

import math

import numpy as np
import pytest

from fmspace_nb.covariance import StepMoments, alignment, typical_conditional
from fmspace_nb.experiments.departures import (
    INPUTS,
    conditional_on_digits,
    digit_inputs,
    digit_step,
    first_step_on,
    several_steps,
    spike_of_steps,
)
from fmspace_nb.experiments.trials import Trial
from fmspace_nb.figures.breaks import curvature_spike


@pytest.mark.parametrize("law", INPUTS)
def test_inputs_have_mean_zero_and_variance_one(law):
    x = INPUTS[law](np.random.default_rng(1), (40_000, 20))
    # heavy tails: the fourth moment of the mean square is what limits this, 2 % at worst
    assert np.mean(x**2) == pytest.approx(1, abs=0.03)
    assert np.abs(x.mean(axis=0)).max() < 5 * np.sqrt(np.mean(x**2, axis=0).max() / len(x))


def test_gaussian_inputs_are_the_experiment_of_the_other_chapters():
    trial = Trial("relu", "tanh", dim=30, width=60, samples=90, seed=3)
    ours, theirs = first_step_on("Gaussian", trial), trial.first_step()
    assert np.allclose(ours.gradient, theirs.gradient, rtol=1e-12, atol=0)


def test_correlated_inputs_turn_the_spike_to_the_covariance_times_the_direction():
    dim, samples = 40, 40_000
    x = INPUTS["correlated"](np.random.default_rng(7), (samples, dim))
    expected = (x.T @ x / samples)[0]  # Σ w*, w* = e₁
    beta = first_step_on("correlated", Trial("relu", "linear", dim=dim, width=20, samples=samples)).beta_hat
    assert beta @ expected / np.linalg.norm(beta) / np.linalg.norm(expected) > 0.99


def test_first_step_of_several_is_the_one_step_of_theory():
    trial = Trial("relu", "tanh", dim=50, width=100, samples=200)
    one = typical_conditional("relu", "tanh", **trial.shape, step_size=70.0).spike
    assert spike_of_steps(trial, step_size=70.0, steps=3)[0] == pytest.approx(one, rel=1e-12)


def test_small_steps_add_up_to_one_large_step():
    small = spike_of_steps(Trial("relu", "linear", dim=100, width=200, samples=10**7), step_size=1e-4, steps=5)
    assert small / small[0] == pytest.approx(np.arange(1, 6) ** 2, rel=1e-4)


def test_spike_after_several_real_steps_follows_the_shrinking_residual():
    """16 networks at d = 100: within 3 standard errors and the 3 % of a finite dimension; 10 % off the rate is seen."""
    trial = Trial("relu", "tanh", dim=100, width=200, samples=400)
    found = np.array([several_steps(draw, step_size=250.0, steps=4) for draw in trial.draws(16)])
    ratio = found[:, 3] / found[:, 0]  # free of ‖a‖² and of how lucky the first batch was
    error = ratio.std(ddof=1) / 4
    predicted = spike_of_steps(trial, step_size=250.0, steps=4)
    assert ratio.mean() == pytest.approx(predicted[3] / predicted[0], abs=3 * error + 0.03 * ratio.mean())
    wrong = spike_of_steps(trial, step_size=250.0 * 0.8, steps=4)
    assert abs(ratio.mean() - wrong[3] / wrong[0]) > 3 * error + 0.03 * ratio.mean()


def test_a_network_that_diverges_is_said_to_have_diverged():
    found = several_steps(Trial("quadratic", "tanh", dim=20, width=40, samples=80), step_size=1e4, steps=6)
    assert np.isfinite(found[0]) and np.all(np.diff(np.isinf(found).astype(int)) >= 0) and np.isinf(found[-1])


def test_an_even_activation_has_no_spike_to_follow():
    with pytest.raises(ValueError, match="activation must have E σ' ≠ 0, got the even 'quadratic'"):
        spike_of_steps(Trial("quadratic", "tanh", dim=20, width=40, samples=80), step_size=1.0, steps=2)


def test_neurons_variance_follows_its_own_readout_and_the_mean_of_the_labels():
    """Equation (3) of chapter 08: ‖w‖² regressed on u and u² has its coefficients; 12 networks, 4 standard errors."""
    dim, width, samples, step, mean = 150, 300, 600, 200.0, 1.0

    def shifted(t):
        return np.tanh(t) + mean

    slopes = []
    for trial in Trial("relu", shifted, dim=dim, width=width, samples=samples).draws(12):
        once = trial.first_step().with_step_size(step)
        v = once.beta_hat / np.linalg.norm(once.beta_hat)
        across = once.after.weights - np.outer(once.after.weights @ v, v)
        u = once.before.readout * math.sqrt(width)
        powers = np.stack([np.ones(width), u, u**2], axis=1)
        slopes.append(np.linalg.lstsq(powers, np.sum(across**2, axis=1), rcond=None)[0])
    found, error = np.mean(slopes, axis=0), np.std(slopes, axis=0, ddof=1) / math.sqrt(12)
    linear = step / width * mean / math.sqrt(2 * math.pi)  # E σ'' = 1/√(2π)
    noise = typical_conditional("relu", shifted, dim=dim, width=width, samples=samples, step_size=step).bulk - 1
    predicted = np.array([1, 2 * linear, linear**2 + noise])
    assert np.all(np.abs(found - predicted)[1:] < 4 * error[1:])
    assert abs(found[1] - 1.1 * predicted[1]) > 3 * error[1]  # a slope off by 10 % would be noticed


@pytest.mark.slow
def test_second_order_of_the_step_stretches_the_weights_along_the_target():
    """Equation (2): at information exponent 2 and much data the variance along w* is 1 + B₂; 40 networks, 4 errors."""
    dim, width, step = 60, 120, 150.0
    found = []
    for trial in Trial("relu", "quadratic", dim=dim, width=width, samples=6000).draws(40):
        once = trial.first_step().with_step_size(step)
        noise = typical_conditional("relu", "quadratic", dim=dim, width=width, samples=6000, step_size=step)
        along = dim * np.mean(once.after.weights[:, 0] ** 2 - once.before.weights[:, 0] ** 2)
        found.append(along - (noise.bulk - 1) - noise.spike / dim)
    predicted = curvature_spike("relu", "quadratic", width, step)
    error = np.std(found, ddof=1) / math.sqrt(40)
    assert predicted == pytest.approx((step / width * math.sqrt(2) / math.sqrt(2 * math.pi)) ** 2, rel=1e-9)
    assert np.mean(found) == pytest.approx(predicted, abs=4 * error) and error < 0.1 * predicted


def test_digits_are_split_once_and_scaled_to_one():
    for pixels in ("whitened", "centred", "raw"):
        x, y = digit_inputs(pixels)
        assert np.mean(x**2) == pytest.approx(1, rel=1e-12)
        assert abs(y.mean()) < 1e-12 and np.mean(y**2) == pytest.approx(1, abs=1e-3)
    white = digit_inputs("whitened")[0]
    assert np.allclose(white.T @ white / len(white), np.eye(60), atol=1e-9)
    step, (x, _), (fresh, _) = digit_step("raw", "relu", 2.0, 0)
    assert step.before.weights.shape == (128, 64) and len(x) == 500 and len(fresh) == 600
    # no digit is used both to fit and to test, up to identical images
    assert len({row.tobytes() for row in x} & {row.tobytes() for row in fresh}) <= 2


def test_nothing_is_given_away_for_information_exponent_two():
    assert alignment("quadratic", dim=100, samples=10**6) == pytest.approx(0, abs=1e-12)
    assert StepMoments.of("relu", "quadratic").slope == pytest.approx(0, abs=1e-12)


def test_conditional_on_digits_is_the_gaussian_one_of_that_batch():
    """A_c = 1 + η²d Var σ'·E y²/(nm²), B_c = η²d μ_σ²‖β̂‖²/m² along β̂, with n = 600 and ReLU's μ_σ² = Var σ' = ¼."""
    step, _, _ = digit_step("whitened", "relu", 4.0, 0)
    gamma, (width, dim) = conditional_on_digits(step, 300.0), step.before.weights.shape
    unit = 300.0**2 * dim / (4 * width**2)
    assert gamma.bulk - 1 == pytest.approx(unit / 600, rel=1e-12)
    assert gamma.spike == pytest.approx(unit * step.beta_hat @ step.beta_hat, rel=1e-12)
    np.testing.assert_allclose(gamma.direction, step.beta_hat / np.linalg.norm(step.beta_hat), rtol=1e-12)


def test_conditional_on_digits_has_the_spike_of_whitened_digits_and_not_of_raw_ones():
    """Variance of real weights along β̂ less that across over B_c, 12 networks: 1 within 10 % and 3 standard errors."""
    found = {}
    for pixels in ("whitened", "raw"):
        ratios = []
        for seed in range(12):
            step = digit_step(pixels, "relu", 4.0, seed)[0]
            weights, v = step.with_step_size(1000.0).after.weights, step.beta_hat / np.linalg.norm(step.beta_hat)
            dim, along = weights.shape[1], np.mean((weights @ v) ** 2)
            across = (np.mean(np.sum(weights**2, axis=1)) - along) / (dim - 1)
            ratios.append(dim * (along - across) / conditional_on_digits(step, 1000.0).spike)
        found[pixels] = np.mean(ratios), np.std(ratios, ddof=1) / math.sqrt(12)
    (white, error), (raw, raw_error) = found["whitened"], found["raw"]
    assert abs(white - 1) < 0.1 + 3 * error and error < 0.03
    assert raw - 1 > 0.1 + 3 * raw_error
