"""A two-layer network: its weights, its readout, its features."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from fmspace_nb import arguments
from fmspace_nb.activations import Activation, activation as as_activation
from fmspace_nb.products import product


@dataclass(frozen=True)
class TwoLayerNetwork:
    """f(x) = m^{-1/2} Σ_j a_j σ(⟨w_j, x⟩), with weights (width, dim) and readout (width,) (chapter 02)."""

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
        return self.activation(product(arguments.array("x", x, shape=(..., self.dim)), self.weights.T))

    def __call__(self, x) -> np.ndarray:
        """f(x), shape (n, dim) → (n,)."""
        return self.features(x) @ self.readout / math.sqrt(self.width)

    def kernel(self, x, x2=None) -> np.ndarray:
        """The network's own kernel (1/m) Σ_j σ(⟨w_j,x⟩) σ(⟨w_j,x'⟩), shapes (n, dim), (n', dim) → (n, n')."""
        features = self.features(x)
        return product(features, (features if x2 is None else self.features(x2)).T) / self.width
