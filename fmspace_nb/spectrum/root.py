"""Sectors of T₁ for any σ, through its symmetric square root (MATH.md §5).

S(x, g) = σ(xᵀΓ^{1/2}g/√d) is symmetric in x and g, both N(0, I), and k₁(x, x') = E_g[S(x, g) S(x', g)]: T₁ = S². In polar coordinates
x = ‖x‖(τ w* + ς u), in sector j and on functions of one parity, S has the kernel

    S_j(‖x‖, τ; ‖g‖, τ') = E_ω[σ(‖x‖‖g‖ (√((A+B)/d) ττ' + √(A/d) ςς' ω)) P_j(ω)],   ω a coordinate of the sphere of R^{d−1}.

It depends on the radii through their product only; and since xᵀΓ^{1/2}g = (Γ^{1/4}x)ᵀ(Γ^{1/4}g), on the angle between those two only. Eigenvalues of T₁ are squares: positive by construction, and accurate to ~1e-15 of
the largest of S, so that λ/λ_max ~ 1e-20 still has digits. No dual kernel is needed.
"""

from __future__ import annotations

import functools

import numpy as np

from fmspace_nb.activations import Activation
from fmspace_nb.numerics.interpolation import chebyshev
from fmspace_nb.spectrum.across import Across, sharpness
from fmspace_nb.spectrum.polar import PolarGrid, PolarRoute, nothing


class RootRoute(PolarRoute):
    """The even (parity 0) or odd half of σ at Γ = bulk·I + spike·w*w*ᵀ, on a grid of angles and radii; `resolution` scales the grid.

    extra: the modes or sectors asked for beyond the usual ones, each of which takes a further angle.
    """

    def __init__(self, sigma: Activation, parity: int, *, dim: int, bulk: float, spike: float, resolution: float = 1.0, extra: int = 0):
        self.sigma, self.parity, self.dim = sigma, parity, dim
        self.along, self.across = np.sqrt((bulk + spike) / dim), np.sqrt(bulk / dim)
        few, bend = dim <= 18, max(min(1.0, sharpness(sigma)), np.sqrt(bulk))     # few: radii near 0 matter; bend: where averages of σ do
        wide, stretch = max(1.0, bulk**0.3) if few else 1.0, None
        angles, strength = (28 + 5 * np.log10(1 + spike / dim)) * wide, min(1.0, 12 / dim) * spike / bulk
        if strength <= (60 if dim <= 60 else 12):                     # a Gauss rule in the direction of Γ^{1/4}x needs fewer angles
            angles = (18 + 7 * np.log10(1 + strength) + 3 * np.log10(max(1, dim / 20))) * wide * (1.15 if dim <= 3 else 1)
            stretch = (1 + strength) ** -0.25
        self.polar = PolarGrid(dim, int(angles * resolution) + extra, int((28 + dim if few else 5 + 300 / dim) * resolution),
                               min(bend / np.sqrt(bulk + spike), 2 / np.sqrt(dim)), (1 + spike / (3 * dim)) ** -0.3 if dim <= 3 else 1.0,
                               stretch)
        self.knots = int(min(46, 12 + 700 / dim) * resolution)
        self.average = Across(sigma, parity, dim, np.sqrt(bulk), resolution)

    @functools.cached_property
    def _sample(self):
        """σ at all pairs of angles and at knots that span the products of two radii, made once for all sectors."""
        polar = self.polar
        first, second = self._pairs
        a = self.along * polar.tau[first] * polar.tau[second]
        b = self.across * polar.complement[first] * polar.complement[second]
        turn = 1 / max(1.0, self.along)                               # a product this small leaves the argument of σ below one
        product = np.arcsinh(np.multiply.outer(polar.radius, polar.radius) / turn)
        middle, half = (product.max() + product.min()) / 2, (product.max() - product.min()) / 2
        places, interpolate = chebyshev(self.knots, (product - middle) / half)
        knots = turn * np.sinh(middle + half * places)
        return self.average.sample(a[:, None] * knots, b[:, None] * knots), interpolate

    @functools.cached_property
    def _pairs(self):
        return np.triu_indices(self.polar.angles)

    def _between_angles(self, sector: int) -> np.ndarray:
        """S_j between two angles, at the knots: (pairs of angles, knots)."""
        return self.average.project(self._sample[0], sector)

    def _matrix(self, sector: int):
        """S_j, weighted, in the angles times a basis of few functions of the radius: (matrix, basis, pairs of angles at the knots).

        At any two angles S_j is a smooth function of the product of the radii, so it has few singular functions. The basis holds those
        of eight random mixtures of all pairs of angles, down to rounding.
        """
        pairs, interpolate, (first, second), angles = self._between_angles(sector), self._sample[1], self._pairs, self.polar.angles
        root, side = np.sqrt(self.polar.radial), np.sqrt(self.polar.angular)
        weighted, balance = interpolate * (root * root[:, None])[..., None], (side[first] * side[second])[:, None]
        mixtures = np.random.default_rng(0).standard_normal((8, len(pairs))) @ (pairs * balance)
        basis, sizes, _ = np.linalg.svd((weighted @ mixtures.T).reshape(len(root), -1), full_matrices=False)
        basis = basis[:, sizes >= 1e-11 * sizes[0]]
        count = basis.shape[1]
        reduced = np.tensordot(basis, np.tensordot(basis, weighted, axes=(0, 0)), axes=(0, 1)).reshape(count * count, -1)
        index = np.empty((angles, angles), dtype=int)
        index[first, second] = index[second, first] = np.arange(len(first))
        matrix = ((pairs * balance) @ reduced.T)[index].reshape(angles, angles, count, count)
        return matrix.transpose(0, 2, 1, 3).reshape(angles * count, angles * count), basis, pairs[index]

    @functools.cached_property
    def _rounding(self) -> float:
        """What rounding leaves of S in a sector where it vanishes: averages over ω cancel there, of terms as large as in sector 0."""
        return 4e-15 * np.linalg.norm(self._sector_0[0])

    @functools.cached_property
    def _sector_0(self):
        return self._matrix(0)

    def sector(self, sector: int, modes: int):
        """Eigenvalues (n ≤ modes,) of T₁, descending, and the eigenfunctions: (t, r) -> (n,) + shape, orthonormal in L²(N(0, I))."""
        matrix, basis, pairs = self._matrix(sector) if sector else self._sector_0
        interpolate, polar = self._sample[1], self.polar
        values, vectors = largest(matrix, modes)
        corner = polar.weights[-1] * (interpolate[-1, -1] @ pairs[-1, -1])          # x and g both far out along w*
        if sector == 0 and np.abs(corner) > 1e-6 * np.max(np.abs(values)):
            raise ValueError(f"activation must be square-integrable under k₁, got {self.sigma.name}, which grows too fast for this spike")
        kept = np.abs(values) > max(1e-12 * np.max(np.abs(values)), self._rounding)       # below that lies no digit of λ
        values, vectors = values[kept], vectors[:, kept]
        if not values.size:
            return nothing()
        on_nodes = basis @ vectors.reshape(polar.angles, basis.shape[1], len(values))
        charges = np.sqrt(polar.weights)[:, None] * on_nodes.reshape(-1, len(values)) / values

        @functools.cache
        def samples():
            """S once more, smoother than vectors/√weights far out: first between the radii, then between the angles."""
            spread = np.tensordot(interpolate, charges.reshape(polar.angles, polar.radii, -1), axes=(1, 1))     # (radius, knot, angle, mode)
            return np.tensordot(pairs, spread, axes=((1, 2), (2, 1))).transpose(2, 0, 1)
        return values**2, lambda t, r: self._extend(sector, samples(), charges, t, r)

    def _extend(self, sector, samples, charges, t, r):
        """Eigenfunctions anywhere: by interpolation between the nodes, by one more application of S beyond them."""
        t, r = np.broadcast_arrays(np.asarray(t, dtype=float), np.asarray(r, dtype=float))
        shape, t, r = t.shape, t.ravel(), r.ravel()
        inside = self.polar.holds(t, r)
        flip = (-1.0) ** (sector + self.parity)                                           # of t
        between_angles, between_radii = self.polar.interpolation(t[inside], r[inside], sector, flip)
        values = np.empty((len(samples), t.size))
        along = np.tensordot(between_angles, samples, axes=(1, 1))                        # (points, modes, radii)
        values[:, inside] = np.sum(along * between_radii[:, None], axis=2).T
        for part in np.array_split(np.flatnonzero(~inside), 1 + np.count_nonzero(~inside) // 32):
            values[:, part] = (self._rows(sector, np.abs(t[part]), r[part]) @ charges).T
        return (values * np.where(t < 0, flip, 1.0)).reshape((-1,) + shape)

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
