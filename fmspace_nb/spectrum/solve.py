"""One half of σ at one Γ, solved at growing sizes until two in a row agree."""

from __future__ import annotations

import numpy as np

from fmspace_nb.activations import Activation
from fmspace_nb.numerics.harmonics import multiplicity
from fmspace_nb.spectrum.homogeneous import Harmonics
from fmspace_nb.spectrum.modes import Modes, Solver
from fmspace_nb.spectrum.root import Root

AIM = 1e-6           # the relative error at which the sizes stop to grow, and with kinks, where each size gains less
AIM_KINKED = 1e-4
LIMIT = 1e-3         # what the largest size must reach: more is an error
FIRST = 4            # modes of each sector whose errors decide
DROWNED = 1e-12      # of the largest eigenvalue: below it kinks drown in the noise of any rule
ROUNDED = 1e-14      # of the largest, over the multiplicity: below it rounding of the root eats the digits aimed at


def solver(sigma: Activation, parity: int, *, size: int, **place) -> Solver | None:
    """The solver of the even (0) or odd (1) half of σ at its size-th size.

    None where that half vanishes or the sizes end.
    """
    power, amount = sigma.half_powers[parity]
    kind = Root if power is None else Harmonics
    if amount == 0 or size >= len(kind.sizes):
        return None
    if power is None:
        return Root(sigma, parity, size=Root.sizes[size], **place)
    return Harmonics(power, amount, parity, size=Harmonics.sizes[size], **place)


def solve(sigma: Activation, parity: int, *, dim: int, bulk: float, spike: float, sectors: int = 1, modes: int = 8):
    """[(modes, errors)] of sectors 0 … sectors − 1, and the solver they come from.

    ([], None) where that half of σ vanishes. Raises ArithmeticError where no size reaches a relative error of 10⁻³ on
    the first four modes of each sector.
    """
    sharp = kinked(sigma)
    size, before = 0, None
    while found := solver(sigma, parity, size=size, dim=dim, bulk=bulk, spike=spike, sectors=sectors, modes=modes):
        now = found.sectors(sectors, modes)
        if before:
            solved = [_compared(*pair, found.gain) for pair in zip(now, before, strict=True)]
            top = max(np.max(modes.values, initial=0.0) for modes, _ in solved)
            floors = [top * max(DROWNED * sharp, ROUNDED / multiplicity(dim - 1, j)) for j in range(sectors)]
            worst = max(
                relative_error(modes.values, errors, floor)
                for (modes, errors), floor in zip(solved, floors, strict=True)
            )
            if worst <= (AIM_KINKED if sharp else AIM):
                return solved, found
        before, last, size = now, found, size + 1
    if before and worst <= LIMIT:
        return solved, last
    if before:
        raise ArithmeticError(
            f"{sigma.name} at dim {dim}, bulk {bulk:g}, spike {spike:g}: the first eigenvalues are known to a relative "
            f"{worst:.0e} only, not to {LIMIT:.0e}"
        )
    return [], None


def kinked(sigma: Activation) -> bool:
    """Whether σ, not homogeneous, has a kink or a jump."""
    return sigma.homogeneity is None and sigma.breaks(16.0).size > 0


def relative_error(values, errors, floor: float = 0.0) -> float:
    """The largest relative error among the first four modes above the floor."""
    return float(np.max(np.where(values > floor, errors / values, 0.0)[:FIRST], initial=0.0))


def _compared(now: Modes, before: Modes, gain: float) -> tuple[Modes, np.ndarray]:
    """The modes that both sizes have, and their estimated errors."""
    count = min(len(now.values), len(before.values))
    values = now.values[:count]
    errors = gain * np.abs(values - before.values[:count]) + np.finfo(float).eps * values

    def function(t, r):
        return now.function(t, r)[:count]
    return Modes(values, now.vectors[:count], function), errors
