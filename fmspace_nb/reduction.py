"""From Γ and σ to the blocks of T₁: one block a sector and a parity under x → −x, solved at the resolution its accuracy asks for."""

from __future__ import annotations

from typing import Callable, NamedTuple

import numpy as np

from . import homogeneous
from .activations import Activation
from .harmonics import mean_power
from .levels import Levels
from .quadrature import gauss_gegenbauer

RESOLUTIONS = (0.75, 1.0, 1.4, 2.0, 2.8)


class Block(NamedTuple):
    """Modes of one sector and one parity: eigenvalues, estimated errors, eigenfunctions of (t, r), and the levels they come from."""

    values: np.ndarray
    errors: np.ndarray
    function: Callable
    levels: list


class Reduction:
    """T₁ of one activation at one Γ = bulk·I + spike·w*w*ᵀ, split by x → −x into the even and the odd half of σ."""

    def __init__(self, sigma: Activation, dim: int, bulk: float, spike: float):
        self.sigma, self.place = sigma, dict(dim=dim, bulk=bulk, spike=spike)
        self.halves = [(sigma.homogeneity, size) for size in sigma.halves]

    def trace(self) -> float:
        """E k₁(x,x) = E m(q), q = (A‖x‖² + B t²)/d, m the second moment of σ."""
        dim, bulk, spike = self.place.values()
        tau, weights = gauss_gegenbauer(dim, 64)
        power = self.sigma.homogeneity
        angular = weights @ (bulk + spike * tau**2) ** power
        return float(self.sigma.second_moment(1.0) * mean_power(dim, 2 * power) / dim**power * angular)

    def route(self, parity: int, resolution: float):
        power, size = self.halves[parity]
        return homogeneous.route(power, size, parity, resolution=resolution, **self.place) if size else None

    def solve(self, sectors: int, modes: int, tolerance: float = 1e-6) -> list[list[Block]]:
        """For each sector the blocks of its even and odd parity; ArithmeticError if no resolution reaches the tolerance."""
        blocks = [[] for _ in range(sectors)]
        for parity in (0, 1):
            if self.route(parity, 1.0) is None:
                continue
            levels = Levels(self.sigma, self.place["dim"], self.place["bulk"]).ladder(parity, modes + sectors)
            for degree, found in enumerate(self._refine(parity, sectors, modes, tolerance)):
                ladder = [(k, n) for k, n, _ in levels if k >= degree][:modes]
                values, errors, function = found
                count = min(len(values), len(ladder))
                blocks[degree].append(Block(values[:count], errors[:count], _first(function, count), ladder))
        return blocks

    def solve_one(self, parity: int, modes: int, tolerance: float = 1e-6):
        """The block of sector 0 and that parity, and (t, r, weights) with E[f] = Σ weights f(t, r) for products of its modes."""
        values, errors, function = self._refine(parity, 1, modes, tolerance)[0]
        return Block(values, errors, _first(function, len(values)), []), self.route(parity, 1.4).grid()

    def _refine(self, parity, sectors, modes, tolerance):
        before = None
        for resolution in RESOLUTIONS:
            route = self.route(parity, resolution)
            now = [route.sector(degree, modes) for degree in range(sectors)]
            if before is not None:
                found = [(v[:len(b)], np.abs(v[:len(b)] - b[:len(v)]), f) for (v, f), (b, _) in zip(now, before)]
                worst = max((np.max(e[:4] / v[:4]) for v, e, _ in found if len(v)), default=0.0)
                if worst <= tolerance:
                    return found
            before = now
        raise ArithmeticError(f"{self.sigma.name} at dim {self.place['dim']}, bulk {self.place['bulk']:g}, spike {self.place['spike']:g}: "
                              f"the first eigenvalues are known to {worst:.1e} only, not to {tolerance:.0e}")


def _first(function, count: int):
    return lambda t, r: function(t, r)[:count]
