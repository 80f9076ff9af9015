"""Distances of kernels: their own identities, the three faces, and real networks at the floor of their width."""

import math

import numpy as np
import pytest

from fmspace_nb.covariance import SpikedCovariance
from fmspace_nb.experiments.averaged import averaging_gap
from fmspace_nb.experiments.distances import (
    MODELS,
    Distance,
    best_scale,
    faces_agreement,
    kernel_distance,
    mean_distances,
    network_distances,
)
from fmspace_nb.experiments.trials import Trial
from fmspace_nb.kernel import conjugate_kernel


def gram(seed, count=12):
    x = np.random.default_rng(seed).standard_normal((count, 20))
    return x @ x.T


def test_a_kernel_is_at_no_distance_from_itself_and_aligned_with_its_multiples():
    assert kernel_distance(gram(0), gram(0)) == pytest.approx((0, 0, 0), abs=1e-14)
    doubled = kernel_distance(gram(0), 2 * gram(0))
    assert doubled == pytest.approx((1, 1, 0), abs=1e-12)


def test_alignment_does_not_see_a_constant_and_the_norms_do():
    shifted = kernel_distance(gram(1), gram(1) + 3)
    assert shifted.misalignment == pytest.approx(0, abs=1e-12)
    assert shifted.frobenius == pytest.approx(3 * 12 / np.linalg.norm(gram(1)))
    assert shifted.operator == pytest.approx(3 * 12 / np.linalg.norm(gram(1), 2))


@pytest.mark.parametrize("activation", ["relu", "erf", "gelu", "cosine"])
@pytest.mark.parametrize("spike", [0.0, 3.0, 400.0])
def test_three_faces_are_one_kernel(activation, spike):
    widths = 2 ** np.arange(5, 13)
    found = faces_agreement(conjugate_kernel(activation, SpikedCovariance(40, bulk=1.3, spike=spike)), widths, rng=1)
    assert found.stretched < 1e-13 and found.features < 1e-13
    # one draw of nested weights: each distance is one value of a variable of relative spread below 1/2
    assert np.all(np.abs(np.log(found.sampled / found.law)) < math.log(3))
    slope = np.polyfit(np.log(widths), np.log(found.sampled), 1)[0]
    assert -0.8 < slope < -0.25


def test_a_wrong_spike_is_told_from_the_right_one():
    """10 % more B in one of the faces is far above the last digit."""
    right, wrong = (conjugate_kernel("relu", SpikedCovariance(40, bulk=1.3, spike=spike)) for spike in (40.0, 44.0))
    x = np.random.default_rng(2).standard_normal((10, 40))
    assert kernel_distance(right(x), wrong(x)).frobenius > 0.01


def test_distances_are_those_of_the_network_itself():
    trial = Trial("erf", "tanh", dim=30, width=60, samples=120)
    found, step = network_distances(trial, 40.0), trial.first_step().with_step_size(40.0)
    x = np.random.default_rng([0, 30, 100, 7]).standard_normal((100, 30))
    expected = kernel_distance(step.after.kernel(x), conjugate_kernel("erf", SpikedCovariance(30))(x))
    assert found[MODELS[0]] == pytest.approx(expected, rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["relu", "erf"])
def test_real_network_is_at_the_floor_of_its_width_given_its_data_and_nowhere_else(activation):
    """d = 200, β = 8, η with B/d ≈ 0.5; 4 trials, whose standard error is stated by the function."""
    mean, error = mean_distances(Trial(activation, "tanh", dim=200, width=1600, samples=800), 3200.0, draws=4)
    k0, averaged, given, floor = mean
    assert given < floor + 4 * math.hypot(error[2], error[3]) + 0.02
    assert averaged > given + 6 * math.hypot(error[1], error[2])
    assert k0 > averaged + 6 * math.hypot(error[0], error[1])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bulk", "spike"])
def test_model_that_describes_the_real_kernel_best_is_the_predicted_one(name):
    """The A or B of the smallest distance over the predicted one: 1 within 3.5 standard errors, not 0.9 or 1.1."""
    trials = Trial("relu", "tanh", dim=100, width=1600, samples=400).draws(14)
    best = [best_scale(name, trial, 4000.0) for trial in trials]
    mean, error = np.mean(best), np.std(best, ddof=1) / math.sqrt(len(best))
    assert abs(mean - 1) < 3.5 * error + 0.01 < 0.1 - abs(mean - 1)


def test_averaging_over_batches_comes_far_closer_than_any_one_network():
    trial = Trial("relu", "tanh", dim=128, width=256, samples=512)
    gap = averaging_gap("relu", "tanh", **trial.shape, step_size=630.0, pairs=100)
    assert gap.distance / gap.size < 0.1 * mean_distances(trial, 630.0)[0, 1]


def test_bad_input_is_refused_by_name():
    with pytest.raises(ValueError, match=r"model must have shape \(12, 12\), got \(3, 3\)"):
        kernel_distance(gram(0), np.eye(3))
    with pytest.raises(ValueError, match="must not be constant matrices"):
        kernel_distance(np.ones((3, 3)), np.eye(3))
    with pytest.raises(ValueError, match="measure must be one of 'frobenius', 'operator', 'misalignment', got 'l1'"):
        mean_distances(Trial("relu", "tanh", dim=10, width=10, samples=10), 1.0, measure="l1")
    with pytest.raises(TypeError, match="kernel must be a ConjugateKernel"):
        faces_agreement("relu", [10])
    for widths in ([2.9], ["8"], [True]):
        with pytest.raises(TypeError, match="widths must be a whole number"):
            faces_agreement(conjugate_kernel("relu", SpikedCovariance(4)), widths)
    assert Distance._fields == ("frobenius", "operator", "misalignment")
