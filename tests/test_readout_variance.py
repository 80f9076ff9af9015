"""V, the variance of the weights along the readout, and what hangs on it: against real steps."""

import math

import numpy as np
import pytest

from fmspace_nb.experiments.trials import Trial
from fmspace_nb.targets import target as as_target
from fmspace_nb.weights import readout_variance, real_outlier


def along_the_readout(trial, step, count):
    """Of so many real steps √d times the weights along the readout, less their part along β̂: mean square, error."""
    found = []
    for draw in trial.draws(count):
        once = draw.first_step().with_step_size(step)
        readout, v = once.before.readout, once.beta_hat / np.linalg.norm(once.beta_hat)
        row = readout @ once.after.weights / np.linalg.norm(readout)
        found.append(trial.dim * (row @ row - (row @ v) ** 2) / (trial.dim - 1))
    return np.mean(found), np.std(found, ddof=1) / math.sqrt(count)


@pytest.mark.parametrize(
    "activation, target, dim, width, samples, step",
    [
        ("relu", "tanh", 200, 400, 800, 100.0),
        ("relu", "tanh", 200, 400, 800, 400.0),
        ("relu", "tanh", 200, 100, 100, 150.0),
        ("tanh", "tanh", 200, 200, 1600, 300.0),
        ("gelu", "mixed", 200, 400, 200, 300.0),
    ],
)
def test_weights_along_the_readout_have_the_predicted_variance(activation, target, dim, width, samples, step):
    """Each of the three terms counts somewhere here: within 4 standard errors of 40 steps, and 2 per cent of what d
    leaves out."""
    mean, error = along_the_readout(Trial(activation, target, dim=dim, width=width, samples=samples), step, 40)
    predicted = readout_variance(activation, target, dim=dim, width=width, samples=samples, step_size=step)
    assert abs(mean - predicted) < 4 * error + 0.02 * predicted


@pytest.mark.parametrize("activation, scale, dim, width, samples, count", [
    ("tanh", 0.05, 200, 200, 200, 200),  # the second term alone
    ("relu", 10.0, 200, 400, 800, 100),  # the third, its bracket nearly 1
    ("tanh", 10.0, 100, 800, 400, 200),  # the third, two thirds of it in the bracket
])
def test_ten_per_cent_of_the_second_and_of_the_third_term_are_noticed(activation, scale, dim, width, samples, count):
    """At ημ_σ² = m the first term vanishes; small labels leave the second, large ones the third: within 3 standard
    errors, which are 5 per cent at most."""
    target = as_target(lambda z: scale * np.tanh(z))
    trial = Trial(activation, target, dim=dim, width=width, samples=samples)
    step = width / (0.25 if activation == "relu" else 0.605706**2)
    mean, error = along_the_readout(trial, step, count)
    predicted = readout_variance(activation, target, dim=dim, width=width, samples=samples, step_size=step)
    assert abs(mean - predicted) < 3 * error < 0.053 * predicted


@pytest.mark.parametrize("width_ratio", [0.25, 0.5])
@pytest.mark.parametrize("step", [100.0, 300.0])
def test_overlaps_of_narrow_networks_are_those_of_real_ones(width_ratio, step):
    """⟨u, v⟩² of the top eigenvector: within 2 standard errors of 24 steps."""
    dim, found = 200, []
    width = round(width_ratio * dim)
    for trial in Trial("relu", "tanh", dim=dim, width=width, samples=4 * dim).draws(24):
        once = trial.first_step().with_step_size(step)
        top = np.linalg.svd(once.after.weights, full_matrices=False)[2][0]
        found.append((top @ once.beta_hat) ** 2 / (once.beta_hat @ once.beta_hat))
    predicted = real_outlier("relu", "tanh", dim=dim, width=width, samples=4 * dim, step_size=step).overlap
    assert abs(np.mean(found) - predicted) < 2 * np.std(found, ddof=1) / math.sqrt(24)
