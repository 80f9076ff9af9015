"""Real trials, remembered: a gradient does not depend on the step size, so a drag of that slider draws nothing anew."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.linalg import eigh

from fmspace_nb import arguments
from fmspace_nb.network import OneStep, TwoLayerNetwork, draw_batch, gradient_step


def sizes(dim: int, width_ratio: float, sample_ratio: float) -> tuple[int, int]:
    """Width m = β d and samples n = α d as whole numbers, at least 1 each."""
    width_ratio = arguments.real("width_ratio", width_ratio, above=0.0)
    sample_ratio = arguments.real("sample_ratio", sample_ratio, above=0.0)
    return max(1, round(width_ratio * dim)), max(1, round(sample_ratio * dim))


@lru_cache(maxsize=48)
def first_step(activation, target, dim: int, width: int, samples: int, seed: int) -> OneStep:
    """One network drawn, one batch drawn, one gradient taken; w* = e₁. Ask `.with_step_size(η)` for the step.

    Args:
        activation, target: names (or hashable objects).
        dim, width, samples: d, m, n ≥ 1.
        seed: which draw.
    """
    rng = np.random.default_rng([seed, dim, width, samples])
    network = TwoLayerNetwork.random(dim, width, activation, rng)
    x, y = draw_batch(target, dim, samples, rng)
    return gradient_step(network, x, y, 0.0)


@dataclass(frozen=True)
class WeightPath:
    """S(η) = (d/m) W(η)ᵀW(η) of one trial for every step size: S₀ − η (C + Cᵀ) + η² D, each (dim, dim)."""

    start: np.ndarray
    cross: np.ndarray
    square: np.ndarray
    beta_hat: np.ndarray

    def covariance(self, step_size: float) -> np.ndarray:
        """S(η), shape (dim, dim)."""
        return self.start - step_size * self.cross + step_size**2 * self.square

    def eigenvalues(self, step_size: float) -> np.ndarray:
        """The eigenvalues of S(η), ascending, shape (dim,)."""
        return np.linalg.eigvalsh(self.covariance(step_size))

    def top(self, step_size: float) -> tuple[float, float, float]:
        """The top eigenvalue of S(η) and ⟨u, w*⟩², ⟨u, v⟩² of its eigenvector, v = β̂/‖β̂‖, w* = e₁."""
        last = len(self.start) - 1
        value, vector = eigh(self.covariance(step_size), subset_by_index=(last, last))
        u = vector[:, 0]
        return float(value[0]), float(u[0] ** 2), float((u @ self.beta_hat) ** 2 / (self.beta_hat @ self.beta_hat))


@lru_cache(maxsize=512)
def weight_path(activation, target, dim: int, width: int, samples: int, seed: int) -> WeightPath:
    """The weight covariance of `first_step` as a function of the step size."""
    step = first_step(activation, target, dim, width, samples, seed)
    weights, gradient, scale = step.before.weights, step.gradient, dim / width
    cross = scale * weights.T @ gradient
    return WeightPath(scale * weights.T @ weights, cross + cross.T, scale * gradient.T @ gradient, step.beta_hat)
