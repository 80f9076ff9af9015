"""Averages over ω, one coordinate of a uniform point of the sphere across w*: E_ω[σ(a + bω) P_j(ω)] for arrays of a and b ≥ 0."""

from __future__ import annotations

import functools

import numpy as np

from fmspace_nb.activations import Activation
from fmspace_nb.numerics.harmonics import gegenbauer
from fmspace_nb.numerics.panels import composite
from fmspace_nb.numerics.quadrature import gauss_gegenbauer, sphere_trapezoid


class Across:
    """The even (parity 0) or odd half of σ, averaged across w* in dim dimensions (so ω lives on the sphere of R^{dim−1}).

    spread: the typical size of b/√dim; with the sharpness of σ it sets the number of nodes, scaled by `resolution`. A smooth σ shares
    one rule among all a and b; kinks, and panels where σ is sharp, cut the rule anew for each. radii_first: what is averaged over ω is an
    average of σ over radii (`radial.RadialRoute`): smooth but for a kink at 0, which counts from |kinks| < 1 on.
    """

    def __init__(self, sigma: Activation, parity: int, dim: int, spread: float, resolution: float, *, radii_first: bool = False):
        self.sigma, self.parity, self.dim, self.resolution = sigma, parity, dim - 1, resolution
        power, slope = sigma.half_power(1)
        self.tilt = slope if power == 1 else None
        sharp, breaks = sharpness(sigma), sigma.breaks(16.0)
        self.cut = sigma.edges if sharp < 0.2 else sigma.breaks if breaks.size else None
        if radii_first:
            near = breaks[np.abs(breaks) < 1] / dim                   # in units of ‖x‖‖g‖: where kinks near 0 leave structure
            self.cut, sharp = (lambda reach: np.unique(np.multiply.outer(near, [0, 0.5, 1, 2]))) if near.size else None, 1.0
        steep = spread / max(sharp, 0.2)
        if dim <= 24 or steep <= 0.6:
            self.omega, self.mass = gauss_gegenbauer(self.dim, int(((16 if dim <= 24 else 24) + 28 * max(0.3, steep**1.4)) * resolution))
        else:
            self.omega, self.mass = sphere_trapezoid(self.dim, min(0.6, 0.27 / steep) / resolution)

    def half(self, z):
        """The half of σ that acts on functions of this parity under x → −x."""
        if self.sigma.parity is not None:
            return self.sigma(z)
        if self.parity == 0 and self.tilt is not None:                        # gelu, softplus: the odd half is linear
            return self.sigma(z) - self.tilt * z
        return (self.sigma(z) + (1 - 2 * self.parity) * self.sigma(-z)) / 2

    def sample(self, a, b):
        """Values of the half of σ at a + bω with their ω and weights, along a new last axis."""
        a, b = np.broadcast_arrays(a, b)
        omega, mass = self.nodes(a, b)
        return self.half(a[..., None] + b[..., None] * omega), omega, mass

    def nodes(self, a, b):
        """The rule in ω: nodes and weights, one for all or, where kinks cut it, along a new last axis of a and b."""
        if self.cut is None or self.dim == 1:
            self._check_size(a.size * self.omega.size)
            return self.omega, self.mass
        kinks = self.cut(float(np.max(np.abs(a) + b, initial=0.0)))
        kinks = np.unique(np.r_[kinks, -kinks] if self.sigma.parity is None else kinks)
        reach, points = min(np.pi / 2, 8.5 / np.sqrt(self.dim)), max(6, int(8 * self.resolution))
        self._check_size(4 * a.size * (kinks.size + 6) * points)         # angles, weights and values
        where = np.divide(kinks - a[..., None], b[..., None], out=np.full(a.shape + kinks.shape, 2.0), where=b[..., None] > 0)
        cuts = np.clip(np.arcsin(np.clip(where, -1, 1)), -reach, reach)
        lattice = np.broadcast_to(np.linspace(-reach, reach, 7), a.shape + (7,))
        angle, weights = composite(np.sort(np.concatenate([lattice, cuts], axis=-1), axis=-1), points=points)
        weights = weights * np.cos(angle) ** (self.dim - 2)
        return np.sin(angle), weights / np.sum(weights, axis=-1, keepdims=True)

    def _check_size(self, values: int) -> None:
        if values > 1e8:
            raise ArithmeticError(f"{self.sigma.name} bends too sharply for weights that spread so far: its averages do not fit into memory")

    def project(self, sample, sector: int):
        """E_ω[σ(a + bω) P_sector(ω)] from a sample."""
        values, omega, mass = sample
        mass = mass * gegenbauer(self.dim, sector, omega)
        return values @ mass if mass.ndim == 1 else np.sum(values * mass, axis=-1)


@functools.lru_cache(maxsize=64)
def sharpness(sigma: Activation) -> float:
    """The scale on which σ bends, from the narrowest panel between its kinks that resolves it: 1 for tanh, 2 for softplus or gentler."""
    edges, breaks = sigma.edges(16.0), sigma.breaks(16.0)
    apart = np.min(np.abs((edges[1:] + edges[:-1])[:, None] / 2 - np.r_[breaks, np.inf]), axis=1) > 1e-6
    return float(np.clip(np.min(np.diff(edges)[apart]) / 0.47, 0.01, 2.0))             # 0.47: the narrowest panel of tanh
