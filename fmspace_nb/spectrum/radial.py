"""Sectors of T₁ for σ with kinks in few dimensions: radii first, angles after, so that no rule crosses a kink (MATH.md §5).

With x = ‖x‖(τ w* + ς u) and the like for g, σ(xᵀΓ^{1/2}g/√d) = σ(‖x‖‖g‖c), c = √((A+B)/d) ττ' + √(A/d) ςς' ω. Averaged against
functions φ of both radii it is a smooth function of c, however rough σ is:

    H_ik(c) = E[φ_i(‖x‖) G_k(c‖x‖)],    G_k(s) = E[σ(s‖g‖) φ_k(‖g‖)],

where only G's integral meets a kink, at ‖g‖ = kink/s, and is cut there. Then `root.RootRoute` averages H over the angles.
"""

from __future__ import annotations

import functools

import numpy as np
from scipy import special

from fmspace_nb.activations import Activation
from fmspace_nb.numerics.interpolation import chebyshev
from fmspace_nb.numerics.panels import composite
from fmspace_nb.numerics.quadrature import angle_at, angle_reach, graded_angle, polar_radius
from fmspace_nb.spectrum.across import Across
from fmspace_nb.spectrum.polar import PolarGrid
from fmspace_nb.spectrum.root import RootRoute


class RadialRoute(RootRoute):
    """The even (parity 0) or odd half of σ at Γ = bulk·I + spike·w*w*ᵀ, on a grid of angles and radii; `resolution` scales the grid."""

    def __init__(self, sigma: Activation, parity: int, *, dim: int, bulk: float, spike: float, resolution: float = 1.0, extra: int = 0):
        self.sigma, self.parity, self.dim, self.resolution = sigma, parity, dim, resolution
        self.along, self.across = np.sqrt((bulk + spike) / dim), np.sqrt(bulk / dim)
        ratio = np.log10(1 + spike / bulk)
        grade = (1 + spike / (3 * dim)) ** -0.3 if dim <= 5 else 1.0
        far = np.max(np.abs(sigma.breaks(16.0)), initial=0.0)         # only large ‖x‖‖g‖ see such a kink: modes of their own, if small
        self.polar = PolarGrid(dim, int((26 + 6 * ratio) * max(1.0, bulk**0.3) * resolution) + extra,
                               int((28 + 5 * ratio) * (1 + min(far, 10.0) / 10) * resolution),
                               min(1 / np.sqrt(bulk + spike), 2 / np.sqrt(dim)), grade)
        self.radius, self.radial, v = polar_radius(dim, 4 * self.polar.radii, grade)
        self.shapes = Orthonormal(v, self.radial, int(0.6 * self.polar.radii))
        self.knots = int((30 + 10 * ratio) * min(2.0, max(1.0, dim / 8)) * resolution)
        self.turn = 2 / self.polar.radius[-1] ** 2                    # c less than this leaves the argument of σ below one or two
        self.reach = np.arcsinh(np.hypot(self.along, self.across) / self.turn)
        self.average = Across(sigma, parity, dim, np.sqrt(bulk), max(1.0, dim / 9) * resolution, radii_first=True)

    @functools.cached_property
    def _profile(self):
        """G_k(s), s ≥ 0, as a spline."""
        from scipy.interpolate import make_interp_spline  # a slow import, needed here only

        dim = self.dim
        low, high = max(0.0, np.sqrt(dim) - 9.0), np.sqrt(dim) + 6.0
        largest = (high + 1) * np.hypot(self.along, self.across)
        s = np.sinh(np.linspace(0, np.arcsinh(largest * high), int(300 * self.resolution))) / high
        cuts = np.unique(np.abs(self.sigma.edges(16.0)))
        where = np.divide(cuts, s[:, None], out=np.full((s.size, cuts.size), high), where=s[:, None] > 0)
        grade = self.polar.radius_grade
        lattice = grade * np.sinh(np.linspace(np.arcsinh(low / grade), np.arcsinh(high / grade), 5 + len(self.shapes.steps) // 3))
        edges = np.concatenate([np.broadcast_to(lattice, (s.size, lattice.size)), np.clip(where, low, high)], axis=1)
        radius, weights = composite(np.sort(edges, axis=1), points=10)
        log_density = (dim - 1) * np.log(np.maximum(radius, 1e-300)) - radius**2 / 2 - special.gammaln(dim / 2) - (dim / 2 - 1) * np.log(2)
        _, v = self.polar.coordinates(np.zeros(radius.shape), radius)
        values = self.average.half(s[:, None] * radius) * weights * np.exp(log_density)
        return make_interp_spline(s, np.stack([np.sum(values * shape, axis=1) for shape in self.shapes(v)], axis=-1), k=5)

    def _averaged(self, s):
        """G_k(s) for s of either sign: s.shape + (radii,)."""
        return self._profile(np.abs(s)) * np.where(s < 0, (-1.0) ** self.parity, 1.0)[..., None]

    def _at_knots(self, a, b, sector: int):
        """What H at the knots must be multiplied with to be averaged over c = a + bω in this sector: (knots,) + a.shape."""
        omega, mass = self.average.nodes(a, b)
        c = a[..., None] + b[..., None] * omega
        _, interpolate = chebyshev(self.knots, 2 * np.arcsinh(np.abs(c) / self.turn) / self.reach - 1)
        values = interpolate * np.where(c < 0, (-1.0) ** self.parity, 1.0)[..., None]
        return self.average.project((np.moveaxis(values, -1, 0), omega, mass), sector)

    @functools.cached_property
    def _sample(self):
        """H at the knots of c, between the nodes of the radius; there is nothing to sample for the angles alone."""
        knots = self.turn * np.sinh(self.reach * (chebyshev(self.knots, np.zeros(0))[0] + 1) / 2)
        shapes = self.shapes(self.polar.v)
        between = self.shapes.weighted @ self._averaged(np.multiply.outer(knots, self.radius))
        return None, np.moveaxis(shapes.T @ between @ shapes, 0, 2)

    def _between_angles(self, sector):
        polar = self.polar
        if self.average.cut is not None:
            return self._across_the_kink(sector)[self._pairs]
        first, second = self._pairs
        a = self.along * polar.tau[first] * polar.tau[second]
        b = self.across * polar.complement[first] * polar.complement[second]
        return self._at_knots(a, b, sector).T

    def _across_the_kink(self, sector):
        """The same where H has a kink at c = 0: averages against functions of both angles, cut where c first meets 0."""
        polar, dim, grade = self.polar, self.dim, self.polar.angle_grade
        tau, complement, mass, u = graded_angle(dim, 2 * polar.angles, grade)
        shapes = Orthonormal(u, mass, int(0.6 * polar.angles))
        lattice = np.linspace(0, 1, 5 + int(0.2 * polar.angles))
        result = np.zeros((len(shapes.steps), len(shapes.steps), self.knots))
        for k, row in enumerate(shapes.weighted.T):
            cut = np.arctan2(self.across * complement[k], self.along * tau[k])
            cut = min(1.0, np.arcsinh(cut / grade) / np.arcsinh(angle_reach(dim) / grade))
            v, weights = composite(np.unique(np.r_[lattice, cut]), points=10)
            other, across, density = angle_at(dim, v, grade)
            values = self._at_knots(self.along * tau[k] * other, self.across * complement[k] * across, sector)
            result += np.multiply.outer(row, (shapes(v) * weights * density) @ values.T)
        at = shapes(polar.u)
        return np.einsum("pqk,pa,qb->abk", (result + np.swapaxes(result, 0, 1)) / 2, at, at, optimize=True)

    def _rows(self, sector, t, r):
        polar = self.polar
        a = self.along * np.multiply.outer(t, polar.tau)
        b = self.across * np.multiply.outer(r, polar.complement)
        omega, mass = self.average.nodes(a, b)
        values = self._averaged(a[..., None] + b[..., None] * omega) @ self.shapes(polar.v)
        return np.moveaxis(self.average.project((np.moveaxis(values, -1, 0), omega, mass), sector), 0, -1).reshape(len(t), polar.weights.size)


class Orthonormal:
    """The first `count` polynomials that are orthonormal for weights at nodes, by their three-term recurrence (Lanczos)."""

    def __init__(self, nodes, weights, count):
        self.steps, basis, v = [], [], np.sqrt(weights / np.sum(weights))
        self.first = 1 / np.sqrt(np.sum(weights))
        for _ in range(count):
            basis.append(v)
            coefficients = np.array(basis) @ (nodes * v)
            rest = nodes * v - coefficients @ np.array(basis)
            rest -= (np.array(basis) @ rest) @ np.array(basis)
            self.steps.append((coefficients[-1], np.linalg.norm(rest)))
            v = rest / self.steps[-1][1]
        self.weighted = np.array(basis) * np.sqrt(weights)            # times values at the nodes: averages against the polynomials

    def __call__(self, at) -> np.ndarray:
        """(count,) + at.shape."""
        values, before, below = [np.full(np.shape(at), self.first)], 0.0, 0.0
        for middle, step in self.steps[:-1]:
            values.append(((at - middle) * values[-1] - below * before) / step)
            before, below = values[-2], step
        return np.stack(values)
