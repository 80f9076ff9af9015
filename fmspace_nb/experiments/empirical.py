"""A real network's function space on fresh inputs: features, eigenvalues and top modes, for every step size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.linalg import eigvalsh
from scipy.sparse.linalg import svds

from fmspace_nb import arguments
from fmspace_nb.products import product
from fmspace_nb.steps import OneStep

_LANCZOS = 8  # vectors: a top mode far above the next needs no more, and scipy's twenty cost twice as much


@dataclass(frozen=True)
class FeaturePath:
    """The features of one trial on fresh inputs x (n, dim): σ(P − η D), with P and D the preactivations of W₀ and of ∇.

    direction: v = β̂/‖β̂‖, where the spike of this trial points.
    """

    step: OneStep
    start: np.ndarray
    drift: np.ndarray
    inputs: np.ndarray
    direction: np.ndarray

    @classmethod
    def of(cls, step: OneStep, x: np.ndarray) -> FeaturePath:
        """The features of that step's network on inputs x (n, dim)."""
        direction = step.beta_hat / np.linalg.norm(step.beta_hat)
        return cls(step, product(x, step.before.weights.T), product(x, step.gradient.T), x, direction)

    @property
    def activation(self):
        return self.step.before.activation

    def features(self, step_size: float) -> np.ndarray:
        """σ(⟨w_j, x⟩) after the step, shape (n, width)."""
        return self.activation(self._preactivation(step_size))

    def _preactivation(self, step_size: float) -> np.ndarray:
        moved = step_size * self.drift  # megabytes: no third array of them
        return np.subtract(self.start, moved, out=moved)

    def eigenvalues(self, step_size: float) -> np.ndarray:
        """Eigenvalues of the network's kernel on the inputs, descending, min(n, width) of them."""
        return gram_eigenvalues(self.features(step_size))

    def top_mode(self, step_size: float, parity: int) -> EmpiricalMode:
        """The top eigenfunction of the kernel's even (+1) or odd (−1) part, mean square 1 on the inputs."""
        arguments.choice("parity", parity, (1, -1))
        half = partial(self.activation.half, parity=parity)
        features = half(self._preactivation(step_size))
        narrow = min(features.shape)
        combination = svds(features, k=1, v0=np.ones(narrow), ncv=min(_LANCZOS, narrow))[2][0]
        combination /= np.sqrt(np.mean((features @ combination) ** 2))
        weights = self.step.with_step_size(step_size).after.weights
        return EmpiricalMode(features @ combination, lambda x: half(x @ weights.T) @ combination)


class EmpiricalMode(NamedTuple):
    """An eigenfunction of a real network's kernel: its values on the inputs (n,), its function of any x (…, dim)."""

    values: np.ndarray
    function: Callable


def gram_eigenvalues(features: np.ndarray) -> np.ndarray:
    """Eigenvalues of ΦΦᵀ/(n·width) of features (n, width), descending: the smaller Gram matrix has them all."""
    count, width = features.shape
    gram = product(features, features.T) if count <= width else product(features.T, features)
    return np.maximum(eigvalsh(gram)[::-1] / (count * width), 0.0)
