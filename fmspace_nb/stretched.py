"""Sectors of T₁ for σ with kinks in few dimensions: harmonics of the stretched input (MATH.md §3, §5).

k₁(x, x') = k₀(X, X') with X = Γ^{1/2}x/√d, and for isotropic weights σ(⟨w, X⟩) = Σ_k m_k(‖w‖‖X‖) N_k P_k(ŵ·X̂), where
m_k(c) = E_ω[σ(cω) P_k(ω)] is an integral in one variable, cut at the kinks. So A_j = F Fᵀ with columns Y_k(X̂) m_k(‖X‖ g) for degrees k
and Gauss radii g = ‖w‖: no quadrature ever crosses a kink. Degrees up to ~√(1 + B/A) matter.
"""

from __future__ import annotations

import numpy as np

from fmspace_nb.activations import Activation
from fmspace_nb.harmonics import zonal
from fmspace_nb.panels import composite
from fmspace_nb.polar import PolarGrid, PolarRoute
from fmspace_nb.quadrature import polar_radius
from fmspace_nb.root import largest


class StretchRoute(PolarRoute):
    """The even (parity 0) or odd half of σ at Γ = bulk·I + spike·w*w*ᵀ, few dimensions; `resolution` scales nodes and degrees."""

    def __init__(self, sigma: Activation, parity: int, *, dim: int, bulk: float, spike: float, resolution: float = 1.0):
        self.sigma, self.parity, self.dim, self.bulk, self.spike = sigma, parity, dim, bulk, spike
        ratio = 1 + spike / bulk
        self.degree = int((40 + 12 * np.sqrt(ratio)) * resolution)
        self.polar = PolarGrid(dim, int(28 * resolution), int(32 * resolution), min(1.0, 2 / np.sqrt(ratio), 2 / np.sqrt(dim)),
                               (1 + spike / (3 * dim)) ** -0.3)
        self.norms, self.masses, _ = polar_radius(dim, int(90 * resolution), 1.0)
        self.spline = self._profile(float(self.norms[-1] * np.sqrt(self._square(self.polar.t, self.polar.r).max())), int(100 * resolution))

    def _square(self, t, r):
        """‖Γ^{1/2}x‖²/d."""
        return ((self.bulk + self.spike) * t**2 + self.bulk * r**2) / self.dim

    def _profile(self, largest_norm: float, points: int):
        """m_k(c) for all k of this parity as a spline in c, its knots crowding where the sphere of radius c first meets a kink."""
        from scipy.interpolate import CubicSpline      # a slow import, needed here only

        kinks = self.sigma.breaks(largest_norm)
        kinks = np.unique(np.abs(kinks[(kinks != 0) & (np.abs(kinks) < largest_norm)]))
        ends = np.r_[0.0, kinks, 1.05 * largest_norm]
        crowd = np.sin(np.linspace(0, np.pi / 2, points)) ** 2
        c = np.unique(np.concatenate([a + (b - a) * crowd for a, b in zip(ends[:-1], ends[1:])]))
        cuts = np.r_[-kinks[::-1], kinks]
        where = np.divide(cuts, c[:, None], out=np.full((c.size, cuts.size), 2.0), where=c[:, None] > 0)
        lattice = np.unique(np.r_[0.0, np.linspace(-np.pi / 2, np.pi / 2, 6 + self.degree // 5)])
        edges = np.concatenate([np.broadcast_to(lattice, (c.size, lattice.size)), np.arcsin(np.clip(where, -1, 1))], axis=1)
        angle, weights = composite(np.sort(edges, axis=1), points=10)
        weights = weights * np.cos(angle) ** (self.dim - 2)
        omega = np.sin(angle)
        values = self.sigma(c[:, None] * omega) * weights / np.sum(weights, axis=1, keepdims=True)
        table, before, now = np.empty((c.size, self.degree + 1)), np.zeros_like(omega), np.ones_like(omega)
        for k in range(self.degree + 1):               # the recurrence of `harmonics.gegenbauer`
            table[:, k] = np.sum(values * now, axis=1)
            before, now = now, (max(2 * k + self.dim - 2, 1) * omega * now - k * before) / max(k + self.dim - 2, 1)
        return CubicSpline(c, table[:, self.parity::2])

    def columns(self, sector: int, t, r) -> np.ndarray:
        """F at the points (n,): (n, degrees · norms)."""
        square = self._square(t, r)
        away = np.sqrt(np.where(square > 0, square, 1.0) * self.dim)
        harmonics = zonal(self.dim, sector, self.degree, np.sqrt(self.bulk + self.spike) * t / away, np.sqrt(self.bulk) * r / away)
        kept = np.arange(self.parity, self.degree + 1, 2) >= sector
        degrees = np.arange(self.parity, self.degree + 1, 2)[kept]
        profile = self.spline(np.minimum(np.multiply.outer(np.sqrt(square), self.norms), self.spline.x[-1]))[..., kept]
        return (harmonics[degrees - sector].T[:, None, :] * profile * np.sqrt(self.masses)[:, None]).reshape(len(t), -1)

    def sector(self, sector: int, modes: int):
        """Eigenvalues (n ≤ modes,), descending, and the eigenfunctions: (t, r) -> (n,) + shape, orthonormal in L²(N(0, I))."""
        factor = self.columns(sector, self.polar.t, self.polar.r) * np.sqrt(self.polar.weights)[:, None]
        values, vectors = largest(factor @ factor.T, modes)
        kept = values > 1e-13 * values[0]
        values, loads = values[kept], factor.T @ vectors[:, kept] / values[kept]

        def function(t, r):
            t, r = np.broadcast_arrays(np.asarray(t, dtype=float), np.asarray(r, dtype=float))
            return (self.columns(sector, t.ravel(), r.ravel()) @ loads).T.reshape((-1,) + t.shape)
        return values, function
