"""The network and its gradient step, against finite differences and the model of the step."""

import math

import numpy as np
import pytest

from fmspace_nb.network import TwoLayerNetwork
from fmspace_nb.steps import draw_batch, gradient_step


def loss(network, weights, x, y):
    moved = TwoLayerNetwork(weights, network.readout, network.activation)
    return np.mean((moved(x) - y) ** 2) / 2


@pytest.mark.parametrize("activation", ["erf", "relu", "gelu"])
def test_gradient_is_the_derivative_of_the_loss(activation):
    rng = np.random.default_rng(0)
    network = TwoLayerNetwork.random(5, 7, activation, rng)
    x, y = draw_batch("mixed", 5, 30, rng)
    step = gradient_step(network, x, y, 0.3)
    for _ in range(5):
        direction, h = rng.standard_normal((7, 5)), 1e-6
        forward, back = (loss(network, network.weights + s * h * direction, x, y) for s in (1, -1))
        assert (forward - back) / (2 * h) == pytest.approx(np.sum(step.gradient * direction), rel=1e-5, abs=1e-9)
    np.testing.assert_allclose(step.after.weights, network.weights - 0.3 * step.gradient, atol=1e-15)


def test_another_step_size_is_the_same_gradient():
    rng = np.random.default_rng(1)
    network = TwoLayerNetwork.random(6, 4, "tanh", rng)
    x, y = draw_batch("tanh", 6, 12, rng)
    again = gradient_step(network, x, y, 1.0).with_step_size(7.0)
    np.testing.assert_allclose(again.after.weights, gradient_step(network, x, y, 7.0).after.weights, atol=1e-15)
    assert again.before is network


def test_step_is_rank_one_along_beta_hat_for_a_linear_activation():
    """σ = identity has σ' = μ_σ: but for the −f(x) part of the residual the gradient is −a β̂ᵀ/√m exactly."""
    rng = np.random.default_rng(2)
    network = TwoLayerNetwork.random(8, 50, "identity", rng)
    x, y = draw_batch("tanh", 8, 100, rng)
    step = gradient_step(network, x, y - 0.0, 1.0)
    own = gradient_step(network, x, network(x), 1.0)
    assert np.allclose(own.gradient, 0)
    residual = (y - network(x)) @ x / 100
    np.testing.assert_allclose(step.gradient, -np.outer(network.readout, residual) / math.sqrt(50), atol=1e-14)
    np.testing.assert_allclose(step.beta_hat, y @ x / 100, atol=1e-15)


def test_initial_network_has_the_scales_of_the_paper():
    network = TwoLayerNetwork.random(200, 5000, "relu", 3)
    assert 200 * np.mean(network.weights**2) == pytest.approx(1, abs=5 * math.sqrt(2 / 1e6))
    assert 5000 * np.mean(network.readout**2) == pytest.approx(1, abs=5 * math.sqrt(2 / 5000))
    x = np.random.default_rng(4).standard_normal((50, 200))
    np.testing.assert_allclose(network(x), np.maximum(x @ network.weights.T, 0) @ network.readout / math.sqrt(5000))


def test_network_kernel_is_the_gram_matrix_of_its_features():
    network = TwoLayerNetwork.random(6, 40, "gelu", 5)
    x = np.random.default_rng(6).standard_normal((10, 6))
    features = network.features(x)
    np.testing.assert_allclose(network.kernel(x), features @ features.T / 40, atol=1e-14)
    np.testing.assert_allclose(network.kernel(x[:3], x), network.kernel(x)[:3], atol=1e-14)


def test_labels_are_the_link_plus_noise_of_the_stated_size():
    from fmspace_nb.targets import target
    x, y = draw_batch(target("tanh", noise=0.5), 3, 200_000, 7, direction=[0, 2, 0])
    rest = y - np.tanh(x[:, 1])
    assert rest.std() == pytest.approx(0.5, abs=5 * 0.5 / math.sqrt(2 * len(rest)))


def test_bad_input_is_refused_by_name():
    network = TwoLayerNetwork.random(3, 4, "relu", 0)
    with pytest.raises(ValueError, match=r"x must have shape \(any, 3\), got \(5, 2\)"):
        gradient_step(network, np.ones((5, 2)), np.ones(5), 1.0)
    with pytest.raises(ValueError, match=r"y must have shape \(5\), got \(4,\)"):
        gradient_step(network, np.ones((5, 3)), np.ones(4), 1.0)
    with pytest.raises(ValueError, match=r"x must hold at least one input, got shape \(0, 3\)"):
        gradient_step(network, np.ones((0, 3)), np.ones(0), 1.0)
    with pytest.raises(ValueError, match="step_size must be a finite number"):
        gradient_step(network, np.ones((5, 3)), np.ones(5), math.inf)
    with pytest.raises(TypeError, match="network must be a TwoLayerNetwork"):
        gradient_step("relu", np.ones((5, 3)), np.ones(5), 1.0)
    with pytest.raises(TypeError, match="rng must be a numpy Generator or a seed"):
        TwoLayerNetwork.random(3, 4, "relu", None)
    with pytest.raises(ValueError, match="dim must be a whole number ≥ 1, got 0"):
        TwoLayerNetwork.random(0, 4, "relu", 0)
