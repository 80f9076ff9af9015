"""One large gradient step on the weights of a two-layer network, from a batch of the single-index problem."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from fmspace_nb import arguments
from fmspace_nb.covariance import unit_vector
from fmspace_nb.network import TwoLayerNetwork
from fmspace_nb.targets import target as as_target


@dataclass(frozen=True)
class OneStep:
    """One gradient step: the network before and after, the gradient (width, dim), and β̂ = (1/n) Σ y_i x_i (dim,)."""

    before: TwoLayerNetwork
    after: TwoLayerNetwork
    gradient: np.ndarray
    beta_hat: np.ndarray

    def with_step_size(self, step_size: float) -> OneStep:
        """The same step at another step size: the gradient does not depend on it, so nothing is computed twice."""
        step_size = arguments.real("step_size", step_size)
        return replace(self, after=replace(self.before, weights=self.before.weights - step_size * self.gradient))


def gradient_step(network: TwoLayerNetwork, x, y, step_size: float) -> OneStep:
    """One gradient step of size η on the weights, for the loss (1/2n) Σ_i (f(x_i) − y_i)², the readout held fixed.

    Args:
        network: the network before.
        x, y: the batch, shapes (n, dim) and (n,).
        step_size: η, any finite number.

    Raises:
        ValueError, TypeError: an argument of another shape or type, or not finite.

    Source: paper, section 2 (gradient update); MATH.md section 1.
    """
    arguments.instance("network", network, TwoLayerNetwork)
    x = arguments.array("x", x, shape=(None, network.dim))
    if not len(x):
        raise ValueError(f"x must hold at least one input, got shape {x.shape}")
    y = arguments.array("y", y, shape=(x.shape[0],))
    preactivation = x @ network.weights.T  # (n, width)
    residual = network.activation(preactivation) @ network.readout / math.sqrt(network.width) - y
    backward = residual[:, None] * network.activation.derivative(preactivation) * network.readout  # (n, width)
    gradient = backward.T @ x / (x.shape[0] * math.sqrt(network.width))
    return OneStep(network, network, gradient, y @ x / x.shape[0]).with_step_size(step_size)


def draw_batch(target, dim: int, samples: int, rng, direction=None) -> tuple[np.ndarray, np.ndarray]:
    """A batch of the single-index problem: x ~ N(0, I), y = g(⟨w*, x⟩) + noise; shapes (samples, dim) and
    (samples,)."""
    target = as_target(target)
    dim, samples = arguments.integer("dim", dim), arguments.integer("samples", samples)
    rng = arguments.generator("rng", rng)
    x = rng.standard_normal((samples, dim))
    noise = target.noise * rng.standard_normal(samples)
    return x, target.link(x @ unit_vector(direction, dim)) + noise
