"""A real network's function space on fresh inputs: features, eigenvalues and top modes, for every step size."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.linalg import eigh, eigvalsh

from fmspace_nb import arguments
from fmspace_nb.activations import activation as as_activation
from fmspace_nb.trials import first_step


@dataclass(frozen=True)
class FeaturePath:
    """The features of one trial on fresh inputs x (n, dim): σ(P − η D), with P and D the preactivations of W₀ and of ∇.

    direction: v = β̂/‖β̂‖, where the spike of this trial points.
    """

    activation: object
    start: np.ndarray
    drift: np.ndarray
    inputs: np.ndarray
    direction: np.ndarray

    def features(self, step_size: float) -> np.ndarray:
        """σ(⟨w_j, x⟩) after the step, shape (n, width)."""
        return self.activation(self.start - step_size * self.drift)

    def eigenvalues(self, step_size: float) -> np.ndarray:
        """Eigenvalues of the network's kernel on the inputs, descending, min(n, width) of them."""
        return gram_eigenvalues(self.features(step_size))

    def top_mode(self, step_size: float, parity: int) -> np.ndarray:
        """The top eigenfunction of the kernel's even (+1) or odd (−1) part on the inputs, mean square 1, shape (n,)."""
        arguments.choice("parity", parity, (1, -1))
        preactivation = self.start - step_size * self.drift
        features = (self.activation(preactivation) + parity * self.activation(-preactivation)) / 2
        last = features.shape[1] - 1
        combination = eigh(features.T @ features, subset_by_index=(last, last))[1][:, 0]
        mode = features @ combination
        return mode / np.sqrt(np.mean(mode**2))


def gram_eigenvalues(features: np.ndarray) -> np.ndarray:
    """Eigenvalues of ΦΦᵀ/(n·width) of features (n, width), descending: the smaller of the two Gram matrices has them all."""
    count, width = features.shape
    gram = features @ features.T if count <= width else features.T @ features
    return np.maximum(eigvalsh(gram)[::-1] / (count * width), 0.0)


@lru_cache(maxsize=48)
def feature_path(activation, target, dim: int, width: int, samples: int, seed: int, inputs: int = 1000) -> FeaturePath:
    """The features of `trials.first_step` on fresh inputs, as a function of the step size.

    Args:
        activation, target: names (or hashable objects).
        dim, width, samples: d, m, n ≥ 1.
        seed: which trial.
        inputs: how many fresh inputs.
    """
    step = first_step(activation, target, dim, width, samples, seed)
    x = np.random.default_rng([seed, dim, inputs, 7]).standard_normal((inputs, dim))
    direction = step.beta_hat / np.linalg.norm(step.beta_hat)
    return FeaturePath(as_activation(activation), x @ step.before.weights.T, x @ step.gradient.T, x, direction)
