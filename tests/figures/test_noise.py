"""The noise of a step has the shape of its batch."""

import numpy as np
import pytest

from fmspace_nb.covariance import predict_conditional
from fmspace_nb.figures import noise
from fmspace_nb.network import TwoLayerNetwork
from fmspace_nb.steps import draw_batch, gradient_step
from fmspace_nb.targets import target as as_target


@pytest.mark.parametrize("activation, target, sample_ratio", [("relu", "mixed", 4), ("relu", "tanh", 1)])
def test_variance_along_the_top_of_the_batch_s_second_moment_is_that_of_its_shape(activation, target, sample_ratio):
    """d = 150, m = 4500, η at which A_c − 1 is 0.4: within 4 standard errors with Ŵ, and more than 10 off with A_c
    alone."""
    dim, width, samples = 150, 4500, 150 * sample_ratio
    rng = np.random.default_rng(1)
    network, (x, y) = TwoLayerNetwork.random(dim, width, activation, rng), draw_batch(target, dim, samples, rng)
    unit = predict_conditional(activation, target, y @ x / samples, width=width, samples=samples, step_size=1.0)
    step_size = np.sqrt(0.4 / (unit.bulk - 1))
    step = gradient_step(network, x, y, step_size)
    here = {"width": width, "samples": samples, "step_size": step_size}
    values, vectors = np.linalg.eigh((x * (y**2)[:, None]).T @ x / (samples * as_target(target).second_moment))
    v = step.beta_hat / np.linalg.norm(step.beta_hat)
    top = vectors[:, -1] - (vectors[:, -1] @ v) * v                         # without the spike
    top /= np.linalg.norm(top)
    along = dim * (step.after.weights @ top) ** 2
    error = along.std(ddof=1) / np.sqrt(width)
    shaped = predict_conditional(activation, target, step.beta_hat, batch=(x, y), **here).along(top)
    assert abs(along.mean() - shaped) < 4 * error + 0.03 * (shaped - 1)      # 1/d is left out
    assert abs(along.mean() - predict_conditional(activation, target, step.beta_hat, **here).bulk) > 10 * error


def test_the_mean_of_the_shape_is_the_round_bulk():
    """tr Γ with the batch is d A_c + B_c up to the scatter of Σ y²‖x‖²: within 4 standard errors of 200 batches."""
    dim, samples, found = 30, 60, []
    for seed in range(200):
        x, y = draw_batch("tanh", dim, samples, np.random.default_rng(seed))
        here = {"width": 60, "samples": samples, "step_size": 80.0}
        shaped = np.trace(predict_conditional("relu", "tanh", y @ x / samples, batch=(x, y), **here).gamma)
        mean = predict_conditional("relu", "tanh", y @ x / samples, **here)
        found.append(shaped - dim * mean.bulk - mean.spike)
    moment = 0.02 * dim * (mean.bulk - 1)                                    # E y²‖x‖² has 2s more than d E y²
    assert abs(np.mean(found)) < 4 * np.std(found, ddof=1) / np.sqrt(200) + moment


@pytest.mark.parametrize("target, seed, directions, errors", [("mixed", 0, 100, 4), ("tanh", 0, 100, 4),
                                                                ("tanh", "all", 500, 5)])
def test_real_weights_lie_on_the_line_with_the_shape(target, seed, directions, errors):
    """η = 10 d: every direction within 4 (of 500, 5) standard errors; for *mixed* the mean alone is more than 8 off."""
    real, shaped, mean = noise.shape_of_the_noise(target=target, seed=seed).data
    known = np.isfinite(real.y)
    measured, error = real.y[known], real.error_y.array[known]
    assert known.sum() == directions and np.all(np.abs(measured - shaped.y[known]) < errors * error)
    assert target == "tanh" or np.max(np.abs(measured - mean.y[0]) / error) > 8


def test_a_batch_of_another_shape_is_refused_by_name():
    with pytest.raises(ValueError, match="batch must have shape"):
        predict_conditional(
            "relu", "tanh", np.ones(4), width=3, samples=5, step_size=1.0, batch=(np.ones((5, 3)), np.ones(5))
        )
