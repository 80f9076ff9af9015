"""The root of T₁, for any σ at any d, A, B: in each sector a matrix of functions of one number.

S(x, g) = σ(xᵀΓ^{1/2}g/√d) is symmetric in x and g, both N(0, I), and T₁ = E_g S S = S². With x = t w* + r u and
g = t' w* + r' u',

    S_j(t, t')_kl = c_kl(√((A+B)/d) tt'),   c_kl(m) = E[e_k(r) σ(m + √(A/d) r z) G_l(z)],
    G_l(z) = E[e_l(r') P_j(z/r') | z]

between the shells e_0, e_1, … of sector j: functions of the length r, orthonormal across w*. z = r'⟨u, u'⟩ ~ N(0, 1)
is all that x sees of g across w*; only the average over z meets a kink of σ, and is cut there. In t and r everything
is close to a polynomial in the logarithm of the variance: Gauss rules with a dozen nodes in t and half a dozen shells
suffice. As d → ∞ one shell is left.
"""

from __future__ import annotations

import functools
import math
from itertools import pairwise

import numpy as np

from fmspace_nb.activations import Activation
from fmspace_nb.numerics.harmonics import gegenbauer, multiplicity
from fmspace_nb.numerics.logvariance import REACH, coarse, gauss, polynomials, shells
from fmspace_nb.numerics.panels import composite, legendre
from fmspace_nb.numerics.quadrature import graded_angle
from fmspace_nb.products import product
from fmspace_nb.remembered import Memory, curves
from fmspace_nb.spectrum.labels import Label, by_zeros
from fmspace_nb.spectrum.modes import Modes

SIZES = tuple((0.9 * 1.46**i, 0.9 * 2 ** (i / 2)) for i in range(5))  # factors of nodes and of shells
GAIN = 0.1           # the error of a size against that of the one before
FINEST = 0.8         # the scale of a logarithm of the variance, in units of the length on which σ bends
NODES = (11, 3)      # nodes in t: eleven, and three for each e-fold of the spike
SHELLS = (5, 8)      # shells: five as d → ∞, and eight/√d more, since r spreads by 1/√d of itself
USUAL = 8            # modes of a sector for which these suffice: for n times as many, √n times the nodes and the shells
SPARE = 5            # nodes in r beyond the shells, so that products of shells are averaged exactly
KINKED = 1.3         # a kink leaves its mark on t and r: that many times the nodes
STEP = 0.36          # of the trapezoidal rule for z, where σ bends no faster than the Gaussian
GENTLE = 1.4         # σ bends faster than the Gaussian once r√(A/d) exceeds its bend 1.4 times
POINTS = 10          # Gauss–Legendre nodes on a panel in z
WIDE = 8             # trapezoidal steps that one panel replaces
ROUNDING = 1e-13     # of ‖S‖: what rounding leaves of an entry that should vanish
LOWEST = 2e-9        # of S's largest eigenvalue: below it the square drowns in rounding
LARGEST = 4e7        # values of σ held at once: 320 MB, some seconds


_OF_ONE_SPIKE = ("_samples", "_zonal", "_rounding")  # what a root at another spike computes anew


class Root:
    """The even (parity 0) or odd half of σ at Γ = bulk·I + spike·w*w*ᵀ in dim dimensions.

    size: factors of the number of nodes in t and of shells; modes: as many as are wanted of each of `sectors` sectors.
    """

    sizes, gain = SIZES, GAIN

    def __init__(self, sigma: Activation, parity: int, *, dim: int, bulk: float, spike: float, size=SIZES[1],
                 sectors: int = 3, modes: int = 8):
        self.sigma, self.parity, self.dim, self.bulk = sigma, parity, dim, bulk
        breaks = sigma.breaks(16.0)
        self.breaks = np.unique(np.r_[breaks, -breaks])
        self.along, self.across = np.sqrt((bulk + spike) / dim), np.sqrt(bulk / dim)
        finest = FINEST * min(1.0, sigma.bend, np.sqrt(bulk))             # in σ's argument, for t' and r' of order one
        self.scale_t, self.scale_r = coarse(finest / self.along), coarse(finest / self.across)
        nodes, layers = np.array(size) * (KINKED if self.breaks.size else 1.0) * np.sqrt(max(1.0, modes / USUAL))
        self.count = int(layers * (SHELLS[0] + SHELLS[1] / np.sqrt(dim)))
        self.t, self.weights = gauss(1, self.scale_t, int(nodes * (NODES[0] + NODES[1] * np.arcsinh(1 / self.scale_t))))
        self.r, self.radial = gauss(dim - 1, self.scale_r, self.count + SPARE)
        widest = self.across * np.max(self.r[self.radial > 1e-12])
        self.step = coarse(STEP / layers * min(1.0, GENTLE * min(1.0, sigma.bend) / widest))
        self.first, self.second = np.triu_indices(len(self.t))

    def half(self, z):
        """The half of σ that acts on functions of this parity under x → −x."""
        return self.sigma.half(z, 1 - 2 * self.parity)

    def sample(self, m, r) -> np.ndarray:
        """σ(m + √(A/d) r z) at the nodes z of `_line`, along a new last axis: all that any sector's averages over z
        need."""
        z, width = _line(self.scale_r, self.step, bool(self.breaks.size))[0], self.across * r
        count = math.prod(np.broadcast_shapes(m.shape, width.shape)) * z.size
        if count > LARGEST:
            raise ArithmeticError(
                f"{self.sigma.name} bends too sharply for weights that spread so far: "
                f"its averages at dim {self.dim} take {count:.0e} values and do not fit into memory"
            )
        values = self.half(m[..., None] + width[..., None] * z)           # shape of m and r + (nodes in z,)
        if self.breaks.size:
            self._cut(values, *np.broadcast_arrays(m, width))
        return values

    def _cut(self, values, m, width) -> None:
        """In panels that a kink falls into: values with which the panel's rule is as good as one cut at the kink."""
        kinks = (self.breaks - m[..., None]) / np.maximum(width, 1e-300)[..., None]
        nodes, _ = legendre(POINTS)
        # weights divided out
        back = np.polynomial.legendre.legvander(2 * nodes - 1, POINTS - 1) * (2 * np.arange(POINTS) + 1)
        edges = _panels(self.scale_r, self.step)
        for i, (left, right) in enumerate(pairwise(edges)):
            hit = np.any((kinks > left) & (kinks < right), axis=-1)
            if np.any(hit):
                cuts = np.sort(np.clip((kinks[hit] - left) / (right - left), 0, 1), axis=-1)
                u, mass = composite(np.pad(cuts, ((0, 0), (1, 1)), constant_values=((0, 0), (0, 1))), points=POINTS)
                smooth = self.half(m[hit][:, None] + width[hit][:, None] * (left + (right - left) * u)) * mass
                moments = np.einsum("pu,puk->pk", smooth, np.polynomial.legendre.legvander(2 * u - 1, POINTS - 1))
                values[hit, i * POINTS:(i + 1) * POINTS] = moments @ back.T

    def average(self, sample, sector: int) -> np.ndarray:
        """E_z[σ(m + √(A/d) r z) G_l(z)], the shell l along the last axis in place of z."""
        seen = _seen(self.dim - 1, sector, self.scale_r, self.count, self.step, bool(self.breaks.size))
        return product(sample.reshape(-1, len(seen)), seen).reshape(*sample.shape[:-1], -1)

    def at_spike(self, spike: float) -> Root:
        """The root at another spike on the same nodes: for difference quotients in the spike."""
        moved = object.__new__(Root)
        moved.__dict__.update({name: value for name, value in self.__dict__.items() if name not in _OF_ONE_SPIKE})
        moved.along = np.sqrt((self.bulk + spike) / self.dim)
        return moved

    @functools.cached_property
    def _samples(self):
        return self.sample((self.along * self.t[self.first] * self.t[self.second])[:, None], self.r)  # (pairs, r, z)

    @functools.cached_property
    def _zonal(self) -> np.ndarray:
        return self.matrix(0)

    def matrix(self, sector: int) -> np.ndarray:
        """S_j, weighted, between (t_i, e_k): a symmetric matrix, the shell running fastest."""
        onto = shells(self.dim - 1, sector, self.scale_r, self.count, self.r) * self.radial                # (k, r)
        c = np.tensordot(self.average(self._samples, sector), onto, axes=(1, 1))  # (pairs, l, k)
        side = np.sqrt(self.weights)
        c = (c + c.transpose(0, 2, 1)) * (side[self.first] * side[self.second] / 2)[:, None, None]
        full = np.empty((len(side), len(side), self.count, self.count))
        full[self.first, self.second] = full[self.second, self.first] = c
        return full.transpose(0, 2, 1, 3).reshape(len(side) * self.count, -1)

    def image(self, vectors) -> np.ndarray:
        """S applied to coefficients (n, basis) in sector 0: ⟨f, T₁h⟩ is the product of their images."""
        return vectors @ self._zonal

    def coefficients(self, functions) -> np.ndarray:
        """Coefficients (n, basis) in sector 0 of functions (t, r) -> (n,) + shape of the parity at hand."""
        onto = shells(self.dim - 1, 0, self.scale_r, self.count, self.r) * self.radial
        values = np.tensordot(functions(self.t[:, None], self.r), onto, axes=(2, 1))                       # (n, t, k)
        return (values * np.sqrt(self.weights)[:, None]).reshape(len(values), -1)

    def sectors(self, count: int, modes: int) -> list[Modes]:
        """The first modes of T₁ in sectors 0 … count − 1."""
        found = [self._sector(sector, modes) for sector in range(count)]
        self.__dict__.pop("_samples", None)  # megabytes, which neither eigenfunctions nor images ask for again
        return found

    def _sector(self, sector: int, modes: int) -> Modes:
        values, vectors = np.linalg.eigh(self.matrix(sector) if sector else self._zonal)
        order = np.argsort(-np.abs(values))[:modes]
        lowest = max(LOWEST * np.abs(values[order[0]]), self._rounding / math.sqrt(multiplicity(self.dim - 1, sector)))
        order = order[np.abs(values[order]) > lowest]
        vectors = vectors[:, order]
        vectors = vectors * np.where(vectors[-self.count] < 0, -1.0, 1.0)  # positive far along w*
        charges = (np.repeat(np.sqrt(self.weights), self.count)[:, None] * vectors / values[order]).reshape(
            len(self.t), self.count, -1
        )
        return Modes(values[order] ** 2, vectors.T, functools.partial(self._functions, sector, charges))

    @functools.cached_property
    def _rounding(self) -> float:
        """What rounding may leave of S in a sector where it vanishes, times the root of that sector's multiplicity."""
        return ROUNDING * np.linalg.norm(self._zonal)

    def _functions(self, sector: int, charges, t, r) -> np.ndarray:
        """Eigenfunctions at (t, r), shape (n,) + shape: S once more, ψ = Sψ/μ, at the points or, if many, on a grid
        between them."""
        t, r = np.broadcast_arrays(np.asarray(t, dtype=float), np.asarray(r, dtype=float))
        odd = (sector + self.parity) % 2                                  # in t
        at, sign = (np.abs(t).ravel(), r.ravel()), np.where((t < 0) & bool(odd), -1.0, 1.0)
        grid = (_GRID, 2 * _GRID // 3)
        if t.size <= grid[0] * grid[1] // 2:
            return self._exact(sector, charges, *at).reshape((-1,) + t.shape) * sign
        places = zip(grid, (odd, sector % 2), at, (self.scale_t, self.scale_r), strict=True)
        (t0, along), (r0, across) = (_between(*place) for place in places)
        values = np.tensordot(self._exact(sector, charges, t0[:, None], r0), along, axes=(1, 1))  # (modes, r0, points)
        return np.einsum("nrp,pr->np", values, across).reshape((-1,) + t.shape) * sign

    def _exact(self, sector, charges, t, r) -> np.ndarray:
        """(modes,) + shape of t and r broadcast, t ≥ 0."""
        sample = _sample_at(self, t.tobytes(), t.shape, r.tobytes(), r.shape)
        return np.moveaxis(np.tensordot(self.average(sample, sector), charges, axes=2), -1, 0)

    def labels(self, sector: int, modes: Modes) -> list[Label]:
        """A label for each mode, by its zeros: in polar coordinates, and in (t, r)."""
        angle, complement, angular = graded_angle(self.dim, 40, min(1.0, 2 / np.sqrt(self.dim)))
        radius, radial = gauss(self.dim, np.sqrt(self.dim), 8)
        vectors = modes.vectors.reshape(len(modes.vectors), len(self.t), self.count)
        polar = self._polynomial(
            sector, vectors, np.multiply.outer(angle, radius), np.multiply.outer(complement, radius)
        )
        inside = vectors / np.sqrt(self.weights)[:, None]
        return by_zeros([(polar, angular, radial), (inside, self.weights, np.ones(self.count))], sector, self.parity)

    def _polynomial(self, sector: int, vectors, t, r) -> np.ndarray:
        """The modes as polynomials through the nodes: good to where the nodes reach, and quick."""
        odd = (sector + self.parity) % 2
        onto = polynomials(1, self.scale_t, len(self.t), self.t) * np.sqrt(self.weights) / self.t**odd
        f = polynomials(1, self.scale_t, len(self.t), t) * t**odd
        e = shells(self.dim - 1, sector, self.scale_r, self.count, r)
        return np.einsum(
            "nlk,l...,k...->n...", np.tensordot(vectors, onto, axes=(1, 1)).transpose(0, 2, 1), f, e, optimize=True
        )


_samples = Memory(64 * 2**20)  # at the points at which the sectors of one root are asked for, one after the other


@_samples
def _sample_at(root: Root, t: bytes, across: tuple, r: bytes, along: tuple) -> np.ndarray:
    """A root's sample at (t, r) against its own nodes t': shape of t and r + (t', z)."""
    t, r = (np.frombuffer(values).reshape((*shape, 1)) for values, shape in ((t, across), (r, along)))
    return root.sample(root.along * t * root.t, r)


_GRID = 48           # nodes in t of the grid between which eigenfunctions are interpolated, and two thirds of it in r


def _between(count: int, parity: int, s, scale: float):
    """Nodes on [0, max s], functions of this parity being smooth in asinh(s/scale), and the matrix that interpolates
    from them to s."""
    top = np.arcsinh(np.max(s) / scale) or 1.0                            # all s = 0: any reach will do
    angle, k = (np.arange(count) + 0.5) * np.pi / (2 * count), 2 * np.arange(count) + parity
    back = np.cos(np.multiply.outer(k, angle)) * np.where(k == 0, 1, 2)[:, None] / count
    share = np.minimum(np.arcsinh(s / scale) / top, 1.0)
    return scale * np.sinh(top * np.cos(angle)), np.cos(np.arccos(share)[..., None] * k) @ back


@curves
def _seen(dim: int, degree: int, scale: float, count: int, step: float, cut: bool) -> np.ndarray:
    """G_k(z) = E[e_k(r) P_degree(z/r) | z], r² = z² + ‖N(0, I_{dim−1})‖², times the weights of E_z at the nodes of
    `_line`: (z, k)."""
    (z, weights), (rho, mass) = _line(scale, step, cut), gauss(dim - 1, scale, 2 * count)
    r = np.maximum(np.hypot(z[:, None], rho), 1e-300)
    return ((shells(dim, degree, scale, count, r) * gegenbauer(dim, degree, z[:, None] / r)) @ mass * weights).T


@curves
def _line(scale: float, step: float, cut: bool) -> tuple[np.ndarray, np.ndarray]:
    """E f(z), z ~ N(0, 1): the trapezoidal rule for smooth f, panels that can be cut for others."""
    z = step * np.arange(-int(REACH / step), int(REACH / step) + 1)
    z, weights = composite(_panels(scale, step), points=POINTS) if cut else (z, step)
    return z, weights * np.exp(-z**2 / 2) / np.sqrt(2 * np.pi)


def _panels(scale: float, step: float) -> np.ndarray:
    half = scale * np.sinh(np.linspace(0, np.arcsinh(REACH / scale), 2 + int(REACH / step / WIDE)))
    return np.r_[-half[:0:-1], half]
