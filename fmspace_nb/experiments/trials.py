"""Real trials, remembered: a gradient does not depend on the step size, so a drag of that slider draws nothing anew."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.linalg import eigh

from fmspace_nb import arguments
from fmspace_nb.activations import activation as as_activation
from fmspace_nb.network import TwoLayerNetwork
from fmspace_nb.steps import OneStep, draw_batch, gradient_step


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


@dataclass(frozen=True)
class Projections:
    """√d times the weights of one trial along β̂, along w*, and across both (8 fixed directions), for every step size.

    start, gradient: {"beta_hat": (width,), "target": (width,), "across": (8 width,)}.
    """

    start: dict
    gradient: dict
    beta_hat: np.ndarray

    def weights(self, direction: str, step_size: float) -> np.ndarray:
        """√d ⟨w_j, direction⟩ after a step of that size."""
        return self.start[direction] - step_size * self.gradient[direction]


@lru_cache(maxsize=96)
def projections(activation, target, dim: int, width: int, samples: int, seed: int) -> Projections:
    """The weights of `first_step` along the directions that matter; dim ≥ 11."""
    step = first_step(activation, target, dim, width, samples, seed)
    across = np.random.default_rng([seed, 8]).standard_normal((8, dim))
    frame, _ = np.linalg.qr(np.vstack([np.eye(1, dim), step.beta_hat, across]).T)  # columns: w*, β̂ ⊖ w*, eight across both
    bases = {"beta_hat": step.beta_hat[:, None] / np.linalg.norm(step.beta_hat), "target": np.eye(1, dim).T, "across": frame[:, 2:]}

    def along(weights):
        return {name: math.sqrt(dim) * (weights @ basis).ravel() for name, basis in bases.items()}

    return Projections(along(step.before.weights), along(step.gradient), step.beta_hat)


@lru_cache(maxsize=4096)
def growth(activation, target, dim: int, width: int, samples: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """By how much one trial's bulk and spike grow: the coefficients of η and η² of (A − 1, B) as measured, two arrays (2,).

    A is d times the mean square of the weights across w*, B what the weights along w* have on top, both less their value
    at the start: a start that is not exactly isotropic is no doing of the step.
    """
    step = first_step(activation, target, dim, width, samples, seed)
    weights, gradient = step.before.weights, step.gradient

    def bulk_and_spike(product):
        second = dim * product.mean(axis=0)
        bulk = second[1:].mean()
        return np.array([bulk, second[0] - bulk])

    return -2 * bulk_and_spike(weights * gradient), bulk_and_spike(gradient**2)


@lru_cache(maxsize=256)
def gradient_parts(activation, target, dim: int, width: int, samples: int, seed: int) -> dict:
    """Norms of the gradient's parts in one trial: the rank-one model −(μ_σ/√m) a β̂ᵀ, the rest, and the weights at the start.

    {"start", "rank one", "rest": (operator norm, Frobenius norm)}.
    """
    step = first_step(activation, target, dim, width, samples, seed)
    gain = as_activation(activation).hermite(1)[1]
    model = -gain / math.sqrt(width) * np.outer(step.before.readout, step.beta_hat)
    parts = {"start": step.before.weights, "rank one": model, "rest": step.gradient - model}
    return {name: (math.sqrt(np.linalg.eigvalsh(part.T @ part)[-1]), float(np.linalg.norm(part))) for name, part in parts.items()}
