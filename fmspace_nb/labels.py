"""What to call a mode: its harmonic degree, its legs along w*, its parity, read off the zeros of its eigenfunction."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Label(NamedTuple):
    """degree of the harmonic the mode is made of and its legs along w*, parity under x → −x (±1), and radial overtone.

    At B = 0 a mode of degree k in sector j is (radial factor) × (k − j legs along w*, j across it), with as many zeros between the poles
    as it has legs. The zeros stay with the mode as B grows, also where it passes another one in an avoided crossing.
    """

    degree: int
    legs: int
    parity: int
    radial: int = 0

    def __str__(self) -> str:
        legs = f"{self.legs} {'leg' if self.legs == 1 else 'legs'} along w*"
        return f"degree {self.degree}, {legs}, {'even' if self.parity > 0 else 'odd'}" + (f", radial overtone {self.radial}" if self.radial else "")


def by_zeros(views, sector: int, parity: int) -> list[Label]:
    """Labels of modes in descending order, from views (values (n, a, b), weights (a,), weights (b,)) on product grids.

    The first axis of a view is the angle or t > 0, whose zeros are legs. Near B = 0 a mode is a product in polar coordinates, at large
    spikes in (t, r): the view in which it is nearest to a product decides. Modes with equally many legs are radial overtones in order.
    """
    labels, overtones = [], {}
    for mode in range(len(views[0][0])):
        best = 0.0
        for values, first, second in views:
            left, size, _ = np.linalg.svd(values[mode] * np.sqrt(first)[:, None] * np.sqrt(second), full_matrices=False)
            if size[0] > best:
                best, legs = size[0], 2 * _zeros(left[first > 1e-9 * first.max(), 0]) + (sector + parity) % 2
        labels.append(Label(sector + legs, legs, 1 - 2 * parity, overtones.get(legs, 0)))
        overtones[legs] = overtones.get(legs, 0) + 1
    return labels


def _zeros(values: np.ndarray) -> int:
    """How often a function changes sign, ripples below 1e-4 of its largest weighted value apart."""
    signs = np.sign(values[np.abs(values) > 1e-4 * np.max(np.abs(values))])
    return int(np.count_nonzero(signs[1:] != signs[:-1]))
