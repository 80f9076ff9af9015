"""Sectors of T₁ for σ with kinks in few dimensions: inputs on a coarse grid, weights on a fine one (MATH.md §5).

There S(x, g) = σ(xᵀΓ^{1/2}g/√d) inherits the kinks of σ, but k₁(x, x') = E_g[S(x, g) S(x', g)] is smoother: the average over g takes many
nodes, the eigenfunctions few. So T₁ = F Fᵀ with the rows of F at few inputs and its columns at many weights.
"""

from __future__ import annotations

import numpy as np

from fmspace_nb.activations import Activation
from fmspace_nb.harmonics import gegenbauer
from fmspace_nb.polar import PolarGrid, PolarRoute
from fmspace_nb.quadrature import gauss_gegenbauer
from fmspace_nb.root import largest


class FeatureRoute(PolarRoute):
    """The even (parity 0) or odd half of σ at Γ = bulk·I + spike·w*w*ᵀ, 2 ≤ dim ≤ 4; `resolution` scales both grids."""

    def __init__(self, sigma: Activation, parity: int, *, dim: int, bulk: float, spike: float, resolution: float = 1.0):
        self.sigma, self.parity, self.dim = sigma, parity, dim
        self.along, self.across = np.sqrt((bulk + spike) / dim), np.sqrt(bulk / dim)
        grade = min(max(1.0, np.sqrt(bulk)) / np.sqrt(bulk + spike), 2 / np.sqrt(dim))
        inner = (1 + spike / (3 * dim)) ** -0.3
        angles = 22 + 4 * np.log10(1 + spike / dim)
        self.polar = PolarGrid(dim, int(angles * resolution), int(28 * resolution), grade, inner)
        self.weights = PolarGrid(dim, int(2.5 * angles * resolution), int(90 * resolution), grade, inner)
        self.omega, self.mass = gauss_gegenbauer(dim - 1, int(22 * max(1.0, bulk**0.7) * resolution))

    def half(self, z):
        """The half of σ that acts on functions of this parity under x → −x."""
        if self.sigma.parity is not None:
            return self.sigma(z)
        return (self.sigma(z) + (1 - 2 * self.parity) * self.sigma(-z)) / 2

    def features(self, sector: int, t, r) -> np.ndarray:
        """F: points by weights, each column scaled by the root of its weight."""
        mass = self.mass * gegenbauer(self.dim - 1, sector, self.omega)
        straight, sideways = self.along * np.multiply.outer(t, self.weights.t), self.across * np.multiply.outer(r, self.weights.r)
        return sum(w * self.half(straight + sideways * omega) for omega, w in zip(self.omega, mass)) * np.sqrt(self.weights.weights)

    def sector(self, sector: int, modes: int):
        """Eigenvalues (n ≤ modes,), descending, and the eigenfunctions: (t, r) -> (n,) + shape, orthonormal in L²(N(0, I))."""
        t, r, mass = self.grid()
        features = np.concatenate([self.features(sector, *part) for part in zip(np.array_split(t, 16), np.array_split(r, 16))])
        root = np.sqrt(mass)
        values, vectors = largest(features @ features.T * np.multiply.outer(root, root), modes)
        kept = values > 1e-13 * values[0]
        values, loads = values[kept], features.T @ (vectors[:, kept] * root[:, None]) / values[kept]

        def function(t, r):
            t, r = np.broadcast_arrays(np.asarray(t, dtype=float), np.asarray(r, dtype=float))
            parts = [self.features(sector, *part) @ loads for part in zip(np.array_split(np.abs(t).ravel(), 1 + t.size // 64),
                                                                          np.array_split(r.ravel(), 1 + t.size // 64))]
            flip = np.where(t < 0, (-1.0) ** (sector + self.parity), 1.0)
            return np.concatenate(parts).T.reshape((-1,) + t.shape) * flip
        return values, function
