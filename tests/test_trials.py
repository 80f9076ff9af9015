"""Remembered trials are the trials themselves."""

import numpy as np
import pytest

from fmspace_nb.network import TwoLayerNetwork, draw_batch, gradient_step
from fmspace_nb.trials import first_step, sizes, weight_path
from fmspace_nb.weights import sample_covariance


def test_path_is_the_covariance_of_the_weights_at_every_step_size():
    path = weight_path("gelu", "sine", 20, 50, 60, 1)
    for step_size in (0.0, 3.0, 700.0):
        after = first_step("gelu", "sine", 20, 50, 60, 1).with_step_size(step_size).after
        expected = sample_covariance(after.weights)
        np.testing.assert_allclose(path.covariance(step_size), expected, rtol=1e-9, atol=1e-9 * np.max(np.abs(expected)))
        value, along_target, along_spike = path.top(step_size)
        values, vectors = np.linalg.eigh(expected)
        assert value == pytest.approx(values[-1], rel=1e-8) and along_target == pytest.approx(vectors[0, -1] ** 2, abs=1e-7)
        assert 0 <= along_spike <= 1 + 1e-12


def test_first_step_is_one_gradient_step_of_a_drawn_network():
    rng = np.random.default_rng([1, 20, 50, 60])
    network = TwoLayerNetwork.random(20, 50, "gelu", rng)
    expected = gradient_step(network, *draw_batch("sine", 20, 60, rng), 5.0)
    found = first_step("gelu", "sine", 20, 50, 60, 1).with_step_size(5.0)
    np.testing.assert_array_equal(found.after.weights, expected.after.weights)


def test_another_seed_is_another_trial():
    assert not np.allclose(first_step("relu", "tanh", 10, 10, 10, 0).gradient, first_step("relu", "tanh", 10, 10, 10, 1).gradient)


def test_sizes_are_whole_numbers_of_at_least_one():
    assert sizes(100, 0.25, 4.0) == (25, 400) and sizes(2, 0.1, 0.1) == (1, 1)
    with pytest.raises(ValueError, match="width_ratio must be a finite number > 0, got 0"):
        sizes(10, 0, 1)
