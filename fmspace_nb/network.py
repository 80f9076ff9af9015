"""The experiment: a two-layer network, and one real gradient step on its first layer."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from fmspace_nb import arguments
from fmspace_nb.activations import Activation
from fmspace_nb.activations import activation as as_activation
from fmspace_nb.covariance import unit_vector
from fmspace_nb.targets import target as as_target


@dataclass(frozen=True)
class TwoLayerNetwork:
    """f(x) = m^{-1/2} Σ_j a_j σ(⟨w_j, x⟩), with weights (width, dim) and readout (width,) (MATH.md section 1)."""

    weights: np.ndarray
    readout: np.ndarray
    activation: Activation

    @classmethod
    def random(cls, dim: int, width: int, activation, rng) -> TwoLayerNetwork:
        """A network at initialisation: w_j ~ N(0, I/d), a_j ~ N(0, 1/m); rng is a numpy Generator or a seed."""
        dim, width = arguments.integer("dim", dim), arguments.integer("width", width)
        rng = arguments.generator("rng", rng)
        weights = rng.standard_normal((width, dim)) / math.sqrt(dim)
        return cls(weights, rng.standard_normal(width) / math.sqrt(width), as_activation(activation))

    @property
    def width(self) -> int:
        return self.weights.shape[0]

    @property
    def dim(self) -> int:
        return self.weights.shape[1]

    def features(self, x) -> np.ndarray:
        """σ(⟨w_j, x⟩), shape (n, dim) → (n, width)."""
        return self.activation(arguments.array("x", x, shape=(..., self.dim)) @ self.weights.T)

    def __call__(self, x) -> np.ndarray:
        """f(x), shape (n, dim) → (n,)."""
        return self.features(x) @ self.readout / math.sqrt(self.width)

    def kernel(self, x, x2=None) -> np.ndarray:
        """The network's own kernel (1/m) Σ_j σ(⟨w_j,x⟩) σ(⟨w_j,x'⟩), shapes (n, dim), (n', dim) → (n, n')."""
        features = self.features(x)
        return features @ (features if x2 is None else self.features(x2)).T / self.width


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
    """A batch of the single-index problem: x ~ N(0, I), y = g(⟨w*, x⟩) + noise; shapes (samples, dim) and (samples,)."""
    target = as_target(target)
    dim, samples = arguments.integer("dim", dim), arguments.integer("samples", samples)
    rng = arguments.generator("rng", rng)
    x = rng.standard_normal((samples, dim))
    noise = target.noise * rng.standard_normal(samples)
    return x, target.link(x @ unit_vector(direction, dim)) + noise
