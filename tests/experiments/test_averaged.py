"""Theorem 1's kernel: averaged over real batches, and how fast it nears the Gaussian one."""

import math

import numpy as np
import pytest

from fmspace_nb.activations import activation
from fmspace_nb.covariance import SpikedCovariance, StepMoments, predict_covariance
from fmspace_nb.experiments.averaged import BatchAveragedKernel, averaging_gap
from fmspace_nb.steps import draw_batch


def rate(name, zeta, dims=(100, 300, 900)):
    """Fitted exponent of the gap in d at η = 2 d^ζ, and its standard error."""
    gaps = [averaging_gap(name, "tanh", dim=d, width=2 * d, samples=4 * d, step_size=2 * d**zeta, pairs=600, rng=d)
            for d in dims]
    logs = np.log([gap.distance for gap in gaps])
    weights = np.log(dims) - np.mean(np.log(dims))
    slope = weights @ logs / (weights @ weights)
    errors = np.array([gap.error / gap.distance for gap in gaps])
    return slope, math.sqrt(np.sum((weights * errors) ** 2)) / (weights @ weights)


@pytest.mark.slow
@pytest.mark.parametrize("zeta", [0.5, 0.75, 1.0])
@pytest.mark.parametrize("name", ["erf", "gelu"])
def test_gap_falls_like_the_square_of_spike_over_dimension(name, zeta):
    """η⁴/d⁴, not the stated η⁴ ln³d/d⁵: the variance of ⟨ς, x⟩² is of order d⁴ at inputs of length √d."""
    slope, error = rate(name, zeta)
    assert abs(slope - (4 * zeta - 4)) < 4 * error + 0.05
    assert abs(slope - (4 * zeta - 5)) > 4 * error + 0.5


@pytest.mark.slow
@pytest.mark.parametrize("zeta", [0.75, 1.0])
def test_gap_of_relu_falls_with_the_third_power(zeta):
    """Its kernel is 1-homogeneous in Γ, so that the second order vanishes: η⁶/d⁶."""
    slope, error = rate("relu", zeta)
    assert abs(slope - (6 * zeta - 6)) < 4 * error + 0.1


@pytest.mark.slow
def test_average_is_that_of_real_batches():
    """Against 3000 batches drawn for real, each with a spike of its own."""
    dim, width, samples, eta, pairs = 30, 30, 120, 60.0, 40
    kernel = BatchAveragedKernel("erf", "tanh", dim=dim, width=width, samples=samples, step_size=eta)
    rng = np.random.default_rng(0)
    x, x2 = rng.standard_normal((2, pairs, dim))
    strength = (StepMoments.of("erf", "tanh").gain * eta / (samples * width)) ** 2
    q, q2, c = (np.sum(a * b, axis=1) / dim for a, b in ((x, x), (x2, x2), (x, x2)))
    values = []
    for _ in range(3000):
        inputs, y = draw_batch("tanh", dim, samples, rng)
        p, p2 = x @ (y @ inputs), x2 @ (y @ inputs)
        values.append(activation("erf").dual(q + strength * p**2, q2 + strength * p2**2, c + strength * p * p2))
    values = np.array(values)
    error = values.std(0, ddof=1) / math.sqrt(len(values))
    found = kernel.pairs(x, x2)
    pulls = (found - values.mean(0)) / error
    assert np.sqrt(np.mean(pulls**2)) < 1.6 and np.max(np.abs(pulls)) < 5  # 1 is noise alone; the rest is O(1/n)
    gaussian = SpikedCovariance(dim, bulk=kernel.covariance.bulk, spike=kernel.covariance.spike)
    closed = activation("erf").dual(gaussian.square(x), gaussian.square(x2), np.diag(gaussian.inner(x, x2)))
    assert np.sqrt(np.mean(((closed - values.mean(0)) / error) ** 2)) > 3  # the gap itself is seen in real batches


def test_covariance_is_the_mean_over_real_batches():
    dim, width, samples, eta = 20, 40, 80, 100.0
    kernel = BatchAveragedKernel("relu", "mixed", dim=dim, width=width, samples=samples, step_size=eta)
    strength = (0.5 * eta / (samples * width)) ** 2
    rng = np.random.default_rng(1)
    sums = np.array([y @ x for x, y in (draw_batch("mixed", dim, samples, rng) for _ in range(2000))])
    diagonal = 1 + dim * strength * sums**2
    error = diagonal.std(0, ddof=1) / math.sqrt(len(sums))
    expected = np.full(dim, kernel.covariance.bulk)
    expected[0] += kernel.covariance.spike
    assert np.all(np.abs(diagonal.mean(0) - expected) < 4.5 * error)
    assert np.all(np.abs(diagonal.mean(0) - 1.1 * expected) > 4.5 * error)


@pytest.mark.parametrize("activation, goal, samples",
                         [("relu", "mixed", 5), ("erf", "tanh", 80), ("gelu", "figure1", 2)])
def test_spike_is_the_one_of_the_step_itself(activation, goal, samples):
    """Two derivations of B; the bulk knows μ_σ² in place of E σ'², for the rest of the gradient is left out."""
    place = {"dim": 20, "width": 40, "samples": samples, "step_size": 100.0}
    ours = BatchAveragedKernel(activation, goal, **place).covariance
    theirs = predict_covariance(activation, goal, **place)
    moments = StepMoments.of(activation, goal)
    assert ours.spike == pytest.approx(theirs.spike, rel=1e-12)
    assert (ours.bulk - 1) / moments.gain**2 == pytest.approx((theirs.bulk - 1) / moments.gain_square, rel=1e-12)


def test_without_a_step_there_is_no_gap():
    assert averaging_gap("erf", "tanh", dim=10, width=10, samples=10, step_size=0, pairs=10).distance < 1e-15


def test_bad_input_is_refused_by_name():
    with pytest.raises(ValueError, match="dim must be a whole number ≥ 2, got 1"):
        BatchAveragedKernel("erf", "tanh", dim=1, width=1, samples=1, step_size=1)
    with pytest.raises(ValueError, match="pairs must be a whole number ≥ 2, got 1"):
        averaging_gap("erf", "tanh", dim=5, width=5, samples=5, step_size=1, pairs=1)
    with pytest.raises(ValueError, match="x2 must have shape"):
        kernel = BatchAveragedKernel("erf", "tanh", dim=5, width=5, samples=5, step_size=1)
        kernel.pairs(np.ones((3, 5)), np.ones((2, 5)))
