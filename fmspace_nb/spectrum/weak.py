"""Sectors of T₁ for any σ when the spike is weak and the dimension large: Hermite factors that keep every digit (MATH.md §5).

κ(q,q',c) = Σ_k a_k(q) a_k(q') ρ^k, and ρ^k expands in powers along and across w*: A_j = F Fᵀ with one column for each k and l,

    F_{k,l}(t, r) = a_k(q) √(C(k,l) E[ω^{k−l} P_j]) (√(A+B) t)^l (√A r)^{k−l} / (d q)^{k/2},    k − l − j even and ≥ 0.

Columns fall like d^{−k/2}; their singular values are found relative to themselves, where a matrix of the kernel would drown them in the
rounding of the largest. Needs (B/Ad)·t² small: used for B < 0.01·A·d, d > 300.
"""

from __future__ import annotations

import functools

import numpy as np
from scipy import special

from fmspace_nb.activations import Activation
from fmspace_nb.spectrum.polar import PolarGrid, PolarRoute, nothing


class HermiteRoute(PolarRoute):
    """The even (parity 0) or odd half of σ at Γ = bulk·I + spike·w*w*ᵀ; `resolution` scales the number of nodes and of columns, `extra` adds to it."""

    def __init__(self, sigma: Activation, parity: int, *, dim: int, bulk: float, spike: float, resolution: float = 1.0, extra: int = 0):
        self.sigma, self.parity, self.dim, self.bulk, self.spike = sigma, parity, dim, bulk, spike
        self.degree = int(20 * resolution) + 2 * extra
        self.polar = PolarGrid(dim, int(26 * resolution) + extra, int(8 * resolution), 2 / np.sqrt(dim))

    @functools.cached_property
    def _on_grid(self):
        """a_k(q) at the nodes, made once for all sectors."""
        q = ((self.bulk + self.spike) * self.polar.t**2 + self.bulk * self.polar.r**2) / self.dim
        return self.sigma.hermite(self.degree, q)

    def columns(self, sector: int, t, r) -> np.ndarray:
        """F at the points: t.shape + (columns,), in order of falling size."""
        q = ((self.bulk + self.spike) * t**2 + self.bulk * r**2) / self.dim
        coefficients = self._on_grid if t is self.polar.t else self.sigma.hermite(self.degree, q)
        away = np.where(q > 0, self.dim * q, 1.0)
        along, across = np.sqrt((self.bulk + self.spike) / away) * t, np.sqrt(self.bulk / away) * r
        result = []
        for k in range(self.parity, self.degree + 1, 2):
            powers = np.arange(sector, k + 1, 2)                                  # of r; an empty range below the sector
            size = np.exp((log_binomial(k, powers) + log_moment(self.dim - 1, powers, sector)) / 2)
            result += [coefficients[..., k] * s * along ** (k - n) * across**n for s, n in zip(size, powers)]
        return np.stack(result, axis=-1)

    def sector(self, sector: int, modes: int):
        """Eigenvalues (n ≤ modes,), descending, and the eigenfunctions: (t, r) -> (n,) + shape, orthonormal in L²(N(0, I))."""
        t, r, weights = self.grid()
        if sector > self.degree - (self.degree + self.parity) % 2:
            return nothing()
        factor = self.columns(sector, t, r) * np.sqrt(weights)[:, None]
        norms = np.linalg.norm(factor, axis=0)
        order = np.argsort(-norms, kind="stable")
        order = order[norms[order] > 0]
        _, singular, right = np.linalg.svd(np.linalg.qr(factor[:, order], mode="r"), full_matrices=False)
        count = min(modes, int(np.sum(singular > 0)))
        rotation = (right[:count] / singular[:count, None]).T

        def function(t, r):
            if t is not self.polar.t:
                t, r = np.broadcast_arrays(np.asarray(t, dtype=float), np.asarray(r, dtype=float))
            return np.moveaxis(self.columns(sector, t, r)[..., order] @ rotation, -1, 0)
        return singular[:count] ** 2, function


def log_binomial(k: int, n):
    return special.gammaln(k + 1) - special.gammaln(n + 1) - special.gammaln(k - n + 1)


def log_moment(dim: int, n, degree: int):
    """log E[ω^n P_degree(ω)] on the sphere of R^dim, n − degree even and ≥ 0."""
    return (special.gammaln(n + 1) - special.gammaln(n - degree + 1) - degree * np.log(2) + special.gammaln(dim / 2)
            - special.gammaln((n + degree + dim) / 2) + special.gammaln((n - degree + 1) / 2) - np.log(np.pi) / 2)
