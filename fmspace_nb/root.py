"""Sectors of T₁ for any σ, through its symmetric square root (MATH.md §5).

S(x, g) = σ(xᵀΓ^{1/2}g/√d) is symmetric in x and g, both N(0, I), and k₁(x, x') = E_g[S(x, g) S(x', g)]: T₁ = S². In polar coordinates
x = ‖x‖(τ w* + ς u), in sector j and on functions of one parity, S has the kernel

    S_j(‖x‖, τ; ‖g‖, τ') = E_ω[σ(‖x‖‖g‖ (√((A+B)/d) ττ' + √(A/d) ςς' ω)) P_j(ω)],   ω a coordinate of the sphere of R^{d−1}.

It depends on the radii through their product only. Eigenvalues of T₁ are squares: positive by construction, and accurate to ~1e-15 of
the largest of S, so that λ/λ_max ~ 1e-20 still has digits. No dual kernel is needed.
"""

from __future__ import annotations

import functools

import numpy as np

from fmspace_nb.across import Across, sharpness
from fmspace_nb.activations import Activation
from fmspace_nb.polar import PolarGrid, PolarRoute


class RootRoute(PolarRoute):
    """The even (parity 0) or odd half of σ at Γ = bulk·I + spike·w*w*ᵀ, on a grid of angles and radii; `resolution` scales the grid."""

    def __init__(self, sigma: Activation, parity: int, *, dim: int, bulk: float, spike: float, resolution: float = 1.0):
        self.sigma, self.parity, self.dim = sigma, parity, dim
        self.along, self.across = np.sqrt((bulk + spike) / dim), np.sqrt(bulk / dim)
        few, bend = dim <= 18, max(sharpness(sigma), np.sqrt(bulk))     # few: radii near 0 matter; bend: where averages of σ do
        angles = (24 + 5 * np.log10(1 + spike / dim)) * (max(1.0, bulk**0.3) if few else 1)
        inner = (1 + spike / (3 * dim)) ** -0.3 if dim <= 3 else 1.0
        self.polar = PolarGrid(dim, int(angles * resolution), int((24 if few else 6 + 200 / dim) * resolution),
                               min(bend / np.sqrt(bulk + spike), 2 / np.sqrt(dim)), inner)
        self.knots = int((32 if few else 12 + 400 / dim) * resolution)
        self.average = Across(sigma, parity, dim, np.sqrt(bulk), resolution)

    @functools.cached_property
    def _sample(self):
        """σ at all pairs of angles and at knots that span the products of two radii, made once for all sectors."""
        polar = self.polar
        first, second = np.triu_indices(polar.angles)
        a = self.along * polar.tau[first] * polar.tau[second]
        b = self.across * polar.complement[first] * polar.complement[second]
        turn = 1 / max(1.0, self.along)                               # a product this small leaves the argument of σ below one
        product = np.arcsinh(np.multiply.outer(polar.radius, polar.radius) / turn)
        middle, half = (product.max() + product.min()) / 2, (product.max() - product.min()) / 2
        angle = (np.arange(self.knots) + 0.5) * np.pi / self.knots
        knots = turn * np.sinh(middle + half * np.cos(angle))
        k = np.arange(self.knots)
        basis = np.cos(np.multiply.outer(k, angle)) * np.where(k == 0, 1, 2)[:, None] / self.knots
        interpolate = np.cos(np.arccos(np.clip((product - middle) / half, -1, 1))[..., None] * k) @ basis      # Chebyshev
        return self.average.sample(a[:, None] * knots, b[:, None] * knots), interpolate

    def kernel(self, sector: int) -> np.ndarray:
        """S_j between the nodes: (angle·radius, angle·radius)."""
        sample, interpolate = self._sample
        angles, radii = self.polar.angles, self.polar.radii
        pairs = self.average.project(sample, sector) @ interpolate.reshape(radii * radii, -1).T
        index = np.empty((angles, angles), dtype=int)
        first, second = np.triu_indices(angles)
        index[first, second] = index[second, first] = np.arange(len(first))
        return pairs[index].reshape(angles, angles, radii, radii).transpose(0, 2, 1, 3).reshape(angles * radii, angles * radii)

    @functools.cached_property
    def _rounding(self) -> float:
        """What rounding leaves of S in a sector where it vanishes: averages over ω cancel there, of terms as large as in sector 0."""
        return 4e-15 * np.sqrt(self.polar.weights @ self.kernel(0) ** 2 @ self.polar.weights)

    def sector(self, sector: int, modes: int):
        """Eigenvalues (n ≤ modes,) of T₁, descending, and the eigenfunctions: (t, r) -> (n,) + shape, orthonormal in L²(N(0, I))."""
        kernel, root = self.kernel(sector), np.sqrt(self.polar.weights)
        weighted = kernel * root * root[:, None]
        if np.abs(weighted[-1, -1]) > 1e-6 * np.max(np.abs(weighted)):      # x and g both far out along w*
            raise ValueError(f"activation must be square-integrable under k₁, got {self.sigma.name}, which grows too fast for this spike")
        values, vectors = largest(weighted, modes)
        kept = np.abs(values) > max(1e-12 * np.max(np.abs(values)), self._rounding)       # below that lies no digit of λ
        values, vectors = values[kept], vectors[:, kept]
        charges = root[:, None] * vectors / values
        samples = (kernel @ charges).T.reshape(-1, self.polar.angles, self.polar.radii)       # smoother than vectors/root far out
        return values**2, lambda t, r: self._extend(sector, samples, charges, t, r)

    def _extend(self, sector, samples, charges, t, r):
        """Eigenfunctions anywhere: by interpolation between the nodes, by one more application of S beyond them."""
        t, r = np.broadcast_arrays(np.asarray(t, dtype=float), np.asarray(r, dtype=float))
        shape, t, r = t.shape, t.ravel(), r.ravel()
        inside = self.polar.holds(t, r)
        u, v = self.polar.coordinates(t[inside], r[inside])
        values = np.empty((len(samples), t.size))
        along = np.tensordot(lagrange(self.polar.u, u), samples, axes=(1, 1))             # (points, modes, radii)
        values[:, inside] = np.sum(along * lagrange(self.polar.v, v)[:, None], axis=2).T
        for part in np.array_split(np.flatnonzero(~inside), 1 + np.count_nonzero(~inside) // 32):
            values[:, part] = (self._rows(sector, np.abs(t[part]), r[part]) @ charges).T
        flip = np.where(t < 0, (-1.0) ** (sector + self.parity), 1.0)
        return (values * flip).reshape((-1,) + shape)

    def _rows(self, sector, t, r):
        """S_j between points and nodes."""
        a = self.along * np.multiply.outer(t, self.polar.t)
        b = self.across * np.multiply.outer(r, self.polar.r)
        return self.average.project(self.average.sample(a, b), sector)


def largest(matrix: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The `count` eigenpairs of a symmetric matrix that are largest in size, largest first: block power iteration, Rayleigh–Ritz."""
    if len(matrix) > 150:
        block = matrix @ np.random.default_rng(0).standard_normal((len(matrix), count + 12))
        for _ in range(40):
            basis = np.linalg.qr(block)[0]
            block = matrix @ basis
            values, rotation = np.linalg.eigh(basis.T @ block)
            order = np.argsort(-np.abs(values))[:count]
            values, vectors = values[order], basis @ rotation[:, order]
            if np.max(np.abs(block @ rotation[:, order] - vectors * values)) < 1e-12 * np.abs(values[0]):
                return values, vectors                 # residuals this small leave eigenvalues wrong by their square
    values, vectors = np.linalg.eigh(matrix)
    order = np.argsort(-np.abs(values))[:count]
    return values[order], vectors[:, order]


def lagrange(nodes: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The matrix (at, nodes) that interpolates from the nodes, in barycentric form."""
    gaps = nodes[:, None] - nodes + np.eye(len(nodes))
    scale = np.exp(-np.sum(np.log(np.abs(gaps)), axis=1) + np.mean(np.sum(np.log(np.abs(gaps)), axis=1)))
    weights = scale * np.where(np.arange(len(nodes)) % 2 == 0, 1.0, -1.0)
    distance = np.subtract.outer(at, nodes)
    hit = distance == 0
    terms = weights / np.where(hit, 1.0, distance)
    return np.where(hit.any(axis=1)[:, None], hit, terms / np.sum(terms, axis=1, keepdims=True))
