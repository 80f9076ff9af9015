"""Ridge regression after a step η = 3 m with equal readouts: real networks, and spiked random features."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtri

from fmspace_nb.activations import activation as as_activation
from fmspace_nb.experiments.problems import TEST, errors
from fmspace_nb.ridge import feature_ridge
from fmspace_nb.network import TwoLayerNetwork
from fmspace_nb.numerics.quadrature import gauss_hermite
from fmspace_nb.steps import draw_batch, gradient_step
from fmspace_nb.targets import target as as_target


def one_step_of_cui(*, dim, width_ratio, step_ratio, samples, seed) -> dict:
    """Test error of ridge (λ = 0.1) on tanh features after a step step_ratio·m, readout 1/√m, sine target, n = 20 d."""
    rng = np.random.default_rng([seed, dim])
    width, batch, few = round(width_ratio * dim), 20 * dim, [round(share * dim) for share in samples]
    random = TwoLayerNetwork.random(dim, width, "tanh", rng)
    network = TwoLayerNetwork(random.weights, np.full(width, 1 / math.sqrt(width)), random.activation)
    # The gradient is a mean over the batch: taken in parts of 2 d inputs it fits into memory at d = 2000.
    parts = [gradient_step(network, *draw_batch("sine", dim, batch // 10, rng), step_ratio * width).gradient
             for _ in range(10)]
    moved = network.weights - step_ratio * width * np.mean(parts, axis=0)
    after = TwoLayerNetwork(moved, network.readout, network.activation)
    x, y = draw_batch("sine", dim, max(few), rng)
    features, found = after.features(x) / math.sqrt(width), []
    readouts = np.array([feature_ridge(features[:n], np.eye(width), y[:n], ridge=0.1) for n in few]).T
    # Rare large errors make up much of the mean: fresh inputs are stratified along w*, still unbiased.
    for _ in range(4):
        fresh = rng.standard_normal((TEST, dim))
        fresh[:, 0] = ndtri((np.arange(TEST) + rng.random(TEST)) / TEST)
        found.append(errors((after.features(fresh) / math.sqrt(width) @ readouts).T, np.sin(fresh[:, 0])))
    return dict(zip((f"error_{share:g}" for share in samples), np.mean(found, axis=0).tolist(), strict=True))


def step_and_model(*, activation, dim, samples, seed) -> dict:
    """Test errors as in `one_step_of_cui`, after a real step and in the spiked random-feature model of that very step.

    The model has the same start, the same spike and Gaussian noise of the step's variance. What it lacks is the factor
    of each neuron, proportional to the mean third derivative of σ. Labels, inputs and test points are shared; σ is
    taken less its mean.
    """
    rng, sigma = np.random.default_rng([seed, dim, 5]), as_activation(activation)
    mean, gain, (z, mass) = sigma.hermite(0)[0], sigma.hermite(1)[1], gauss_hermite(120)
    start = rng.standard_normal((dim, dim)) / math.sqrt(dim)
    network = TwoLayerNetwork(start, np.full(dim, 1 / math.sqrt(dim)), sigma)
    x, y = draw_batch("sine", dim, 20 * dim, rng)
    moved = start - 3.0 * dim * gradient_step(network, x, y + mean, 0.0).gradient
    variance = (mass @ sigma.derivative(z) ** 2 - gain**2) * as_target("sine").second_moment / len(y)
    model = start + 3.0 * gain * (y @ x / len(y)) + 3.0 * math.sqrt(variance) * rng.standard_normal(start.shape)
    (x, y), (fresh, truth) = (draw_batch("sine", dim, n, rng) for n in (round(samples * dim), 4 * TEST))
    found = {}
    for name, weights in (("step", moved), ("model", model)):
        features, features_fresh = ((sigma(inputs @ weights.T) - mean) / math.sqrt(dim) for inputs in (x, fresh))
        found[name] = float(np.mean((feature_ridge(features, features_fresh, y, ridge=0.1) - truth) ** 2))
    return found | {"ratio": found["step"] / found["model"]}
