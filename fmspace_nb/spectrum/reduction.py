"""From Γ and σ to the blocks of T₁: one block a sector and a parity under x → −x, each by the route that is accurate there."""

from __future__ import annotations

from typing import Callable, NamedTuple

import numpy as np

from fmspace_nb.activations import NAMED, Activation
from fmspace_nb.numerics.harmonics import mean_power
from fmspace_nb.numerics.quadrature import gauss_gegenbauer
from fmspace_nb.spectrum import homogeneous
from fmspace_nb.spectrum.across import sharpness
from fmspace_nb.spectrum.labels import Label
from fmspace_nb.spectrum.polar import PolarGrid
from fmspace_nb.spectrum.radial import RadialRoute
from fmspace_nb.spectrum.root import RootRoute
from fmspace_nb.spectrum.waves import WaveRoute
from fmspace_nb.spectrum.weak import HermiteRoute

RESOLUTIONS = (0.7, 0.9, 1.15, 1.5, 2.0)


class Block(NamedTuple):
    """Modes of one sector and one parity: eigenvalues, estimated errors, eigenfunctions of (t, r), labels."""

    values: np.ndarray
    errors: np.ndarray
    function: Callable
    labels: list[Label]


class Reduction:
    """T₁ of one activation at one Γ = bulk·I + spike·w*w*ᵀ, split by x → −x into the even and the odd half of σ."""

    def __init__(self, sigma: Activation, dim: int, bulk: float, spike: float):
        self.sigma, self.dim, self.bulk, self.spike = sigma, dim, bulk, spike
        self.kinked = sigma.homogeneity is None and sigma.breaks(16.0).size > 0
        self.tolerance, self.trust = (1e-4, 0.1) if self.kinked else (1e-6, 0.05 if dim > 18 else 0.2)
        self.assumed = 1.0 if self.kinked or sharpness(sigma) < 0.5 else 0.2

    def route(self, parity: int, resolution: float, *, careful: bool = False, extra: int = 0):
        """The solver of one half of σ at a resolution, None if that half vanishes; careful: kinks are not left to a finer grid.

        extra: how many modes and sectors are wanted beyond eight and three.
        """
        place = dict(dim=self.dim, bulk=self.bulk, spike=self.spike, resolution=resolution, extra=extra)
        power, size = self.sigma.half_power(parity)
        if size == 0:
            return None
        if power is not None:
            return homogeneous.route(power, size, parity, **place)
        if self.sigma in (NAMED["cosine"], NAMED["sine"]):
            return WaveRoute(parity, **place)
        if self.kinked and (careful or self.dim < 7):
            return RadialRoute(self.sigma, parity, **place)
        weak = self.dim > 300 and self.spike < 0.01 * self.bulk * self.dim
        return (HermiteRoute if weak else RootRoute)(self.sigma, parity, **place)

    def trace(self) -> float:
        """E k₁(x,x) = E m(q), q = (A‖x‖² + B t²)/d, m(q) = E σ(√q z)²."""
        power = self.sigma.homogeneity
        if power is not None:
            tau, weights = gauss_gegenbauer(self.dim, 64)
            angular = weights @ (self.bulk + self.spike * tau**2) ** power
            return float(self.sigma.second_moment(1.0) * mean_power(self.dim, 2 * power) / self.dim**power * angular)
        polar = PolarGrid(self.dim, 60, 32, min(1 / np.sqrt(self.bulk + self.spike), 2 / np.sqrt(self.dim)), 0.3)
        variance = (self.bulk * (polar.t**2 + polar.r**2) + self.spike * polar.t**2) / self.dim
        moments = polar.weights * self.sigma.second_moment(variance)
        if moments[-1] > 1e-9 * np.sum(moments):                             # far out along w*
            raise ValueError(f"activation must be square-integrable under k₁, got {self.sigma.name}, which grows too fast for this spike")
        return float(np.sum(moments))

    def worst(self, values, errors, top: float) -> float:
        """The largest relative error among the first four; with kinks, what is less than 1e-12 of the top drowns in any rule's noise."""
        return float(np.max(np.where(values > 1e-12 * top * self.kinked, errors / values, 0.0)[:4], initial=0.0))

    def solve(self, sectors: int, modes: int) -> list[list[Block]]:
        """For each sector the blocks of its even and odd parity; ArithmeticError if no resolution reaches the tolerance."""
        blocks = [[] for _ in range(sectors)]
        for parity in (0, 1):
            if self.route(parity, RESOLUTIONS[0]) is None:
                continue
            found, route = self._refine(parity, sectors, modes)
            for degree, (values, errors, function) in enumerate(found):
                labels = route.labels(degree, len(values), function)
                blocks[degree].append(Block(values[:len(labels)], errors[:len(labels)], _first(function, len(labels)), labels))
        return blocks

    def solve_one(self, parity: int, modes: int):
        """The block of sector 0 and that parity, and (t, r, weights) with E[f] = Σ weights f(t, r) for products of its modes."""
        (found,), route = self._refine(parity, 1, modes)
        values, errors, function = found
        return Block(values, errors, _first(function, len(values)), []), route.grid()

    def _refine(self, parity: int, sectors: int, modes: int):
        """(values, errors, function) of each sector at the first resolution whose estimated error is within the tolerance; its route.

        Errors fall geometrically with the resolution: the next is estimated as the last change times the ratio of the last two
        changes, a ratio trusted down to 0.05 (to 0.1 with kinks, whose errors scatter; to 0.2 in few dimensions, where radii near 0
        converge more slowly than the rest). Of one change alone the ratio is taken to be 0.2 for a gentle σ, where it is 0.07 or
        less, and 1 for others.
        """
        extra = max(0, modes - 8) + max(0, sectors - 3)
        for careful in (False, True)[:1 + (self.kinked and 7 <= self.dim <= 40)]:
            history = []
            for resolution in RESOLUTIONS[:4] if self.kinked else RESOLUTIONS:
                route = self.route(parity, resolution, careful=careful, extra=extra)
                history.append([route.sector(degree, modes) for degree in range(sectors)])
                if len(history) < 2:
                    continue
                found = [_estimate([level[degree][0] for level in history], self.trust, self.assumed) + (history[-1][degree][1],)
                         for degree in range(sectors)]
                top = max(np.max(values, initial=0.0) for values, _, _ in found)
                worst = max(self.worst(values, errors, top) for values, errors, _ in found)
                if worst <= self.tolerance:
                    return found, route
        raise ArithmeticError(f"{self.sigma.name} at dim {self.dim}, bulk {self.bulk:g}, spike {self.spike:g}: the first eigenvalues are "
                              f"known to a relative {worst:.0e} only, not to {self.tolerance:.0e}")


def _estimate(history, trust, assumed):
    """Values and errors of the last of a sequence of approximations, by their geometric convergence: at a ratio ≥ trust."""
    count = min(len(values) for values in history[-3:])
    last, before, *older = [values[:count] for values in reversed(history)]
    change = np.abs(last - before)
    if not older:
        change = assumed * change
    else:
        earlier = np.abs(before - older[0])
        change = change * np.clip(np.divide(change, earlier, out=np.ones_like(change), where=earlier > 0), trust, 1.0)
    return last, change + 1e-15 * last


def _first(function, count: int):
    return lambda t, r: function(t, r)[:count]

