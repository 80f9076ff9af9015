"""A grid in the half-plane of inputs x = t w* + r u: angles about w* times radii ‖x‖, and what every solver on it shares."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from fmspace_nb.numerics.interpolation import lagrange
from fmspace_nb.numerics.quadrature import graded_angle, graded_half_line, polar_radius, stretched_angle
from fmspace_nb.spectrum.labels import Label, by_zeros


@dataclass(frozen=True)
class PolarGrid:
    """Nodes t = ‖x‖τ > 0 and r = ‖x‖ς, x ~ N(0, I_dim): `angles` × `radii` of them, graded to the scales angle_grade and radius_grade.

    With a stretch the angles are those of `stretched_angle`.
    """

    dim: int
    angles: int
    radii: int
    angle_grade: float
    radius_grade: float = 1.0
    stretch: float | None = None

    def __post_init__(self):
        rule = graded_angle(self.dim, self.angles, self.angle_grade) if self.stretch is None else stretched_angle(self.dim, self.angles, self.stretch)
        tau, complement, angular, u = rule
        radius, radial, v = polar_radius(self.dim, self.radii, self.radius_grade)
        for name, value in dict(tau=tau, complement=complement, angular=angular, u=u, radius=radius, radial=radial, v=v).items():
            object.__setattr__(self, name, value)

    @functools.cached_property
    def t(self) -> np.ndarray:
        """⟨x, w*⟩ at the nodes (angles · radii,), the radius running fastest."""
        return np.multiply.outer(self.tau, self.radius).ravel()

    @functools.cached_property
    def r(self) -> np.ndarray:
        """The rest of ‖x‖ at the nodes (angles · radii,)."""
        return np.multiply.outer(self.complement, self.radius).ravel()

    @functools.cached_property
    def weights(self) -> np.ndarray:
        """E[f] = Σ weights f(t, r) for products f of two functions of one parity in t."""
        return np.multiply.outer(self.angular, self.radial).ravel()

    def coordinates(self, t, r):
        """The variables u of the angle and v of the radius in which functions on the grid are close to polynomials."""
        latitude, radius = np.arctan2(np.abs(t), r), np.hypot(t, r)
        if self.stretch is None:
            u = np.arcsinh(latitude / self.angle_grade) / np.arcsinh(np.arcsin(self.tau[-1]) / self.angle_grade) * self.u[-1]
        else:
            u = np.sin(np.arctan2(np.abs(t), self.stretch * r))
        if self.dim > 18:
            return u, radius**2
        return u, np.arcsinh(radius / self.radius_grade) / np.arcsinh(self.radius[-1] / self.radius_grade) * self.v[-1]

    def interpolation(self, t, r, sector: int, flip: float):
        """The matrices (points, angles) and (points, radii) that interpolate functions of a sector which take the sign `flip` under t → −t."""
        u, v = self.coordinates(t, r)
        if self.stretch is None:
            return lagrange(self.u, u), lagrange(self.v, v)
        mirrored = lagrange(np.r_[-self.u[::-1], self.u], u)
        matrix = mirrored[:, self.angles:] + flip * mirrored[:, self.angles - 1::-1]
        if sector % 2:                                                # odd across w*: a polynomial times the distance from the axis
            matrix *= np.sqrt(1 - u**2)[:, None] / np.sqrt(1 - self.u**2)
        return matrix, lagrange(self.v, v)

    def holds(self, t, r) -> np.ndarray:
        """Where the grid's outermost nodes enclose a point, so that interpolation is safe."""
        latitude, radius = np.arctan2(np.abs(t), r), np.hypot(t, r)
        inner, slack = self.radius[0] if self.dim > 18 else 0.0, 1 + 1e-12            # the outermost nodes themselves are held
        return (latitude <= slack * np.arcsin(self.tau[-1])) & (radius <= slack * self.radius[-1]) & (slack * radius >= inner)


class PolarRoute:
    """A solver of T₁'s sectors on a `PolarGrid`, for functions of one parity (0 even, 1 odd) under x → −x.

    A subclass sets `polar` and `parity` and defines sector(degree, modes) -> eigenvalues (n ≤ modes,), descending, and the eigenfunctions
    (t, r) -> (n,) + shape, orthonormal in L²(N(0, I)).
    """

    polar: PolarGrid
    parity: int

    def grid(self):
        """(t, r, weights) with E[f] = Σ weights f(t, r) for products f of two eigenfunctions of one parity."""
        return self.polar.t, self.polar.r, self.polar.weights

    def labels(self, sector: int, modes: int, function) -> list[Label]:
        """A label for each of the first `modes` eigenfunctions, by their zeros."""
        polar = self.polar
        views = [(function(polar.t, polar.r)[:modes].reshape(modes, polar.angles, polar.radii), polar.angular, polar.radial)]
        if polar.dim <= 40:                                           # above, ‖x‖ ≈ √dim and the two views see the same
            t, weights = graded_half_line(40, min(1.0, 2 * polar.angle_grade))
            r, radial, _ = polar_radius(polar.dim - 1, 16, 1.0)
            inside = polar.holds(t[:, None], r)                       # beyond the grid lies hardly any weight
            values = np.zeros((modes, len(t), len(r)))
            values[:, inside] = function(*(np.broadcast_to(x, inside.shape)[inside] for x in (t[:, None], r)))[:modes]
            views.append((values, weights, radial))
        return by_zeros(views, sector, self.parity)


def nothing():
    """The modes of a sector in which there are none: no eigenvalue, and eigenfunctions of shape (0,) + shape."""
    return np.empty(0), lambda t, r: np.empty((0,) + np.broadcast_shapes(np.shape(t), np.shape(r)))
