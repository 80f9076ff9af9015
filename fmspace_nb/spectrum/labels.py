"""What to call a mode: its harmonic degree, its legs along w*, its parity, read off the zeros of its eigenfunction."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

HALF_TURNS = np.linspace(-np.pi / 4, np.pi / 4, 19)  # a mode keeps the name of the product it has the larger part of


class Label(NamedTuple):
    """degree of the harmonic the mode is made of and its legs along w*, parity under x → −x (±1), and radial overtone.

    At B = 0 a mode of degree k in sector j is (radial factor) × (k − j legs along w*, j across it), with as many zeros
    between the poles as it has legs. The zeros stay with the mode as B grows, also where it passes another one in an
    avoided crossing.
    """

    degree: int
    legs: int
    parity: int
    radial: int = 0

    def __str__(self) -> str:
        legs = f"{self.legs} {'leg' if self.legs == 1 else 'legs'} along w*"
        return f"degree {self.degree}, {legs}, {'even' if self.parity > 0 else 'odd'}" + (
            f", radial overtone {self.radial}" if self.radial else ""
        )


def by_zeros(views, sector: int, parity: int) -> list[Label]:
    """Labels of modes in descending order, from views (values (n, a, b), weights (a,), weights (b,)) on product grids.

    The first axis of a view is the angle or t > 0, whose zeros are legs. Near B = 0 a mode is a product in polar
    coordinates, at large spikes in (t, r): the view in which it is nearest to a product decides. Two modes that share
    out two products between them are in an avoided crossing, and get the labels of the products. Modes with equally
    many legs are radial overtones in order.
    """
    views = [
        (values * np.sqrt(np.multiply.outer(first, second)), first > 1e-9 * first.max())
        for values, first, second in views
    ]
    modes = np.eye(len(views[0][0]))
    products = [_nearest_product(views, mode) for mode in modes]
    for i in range(len(modes) - 1):
        if max(products[i][0], products[i + 1][0]) < 0.9:
            turns = np.array([[c * modes[i] + s * modes[i + 1], c * modes[i + 1] - s * modes[i]]
                              for c, s in zip(np.cos(HALF_TURNS), np.sin(HALF_TURNS), strict=True)])
            shares = _shares(views, turns)
            best = np.argmax(np.sum(shares, axis=1))
            if np.min(shares[best]) > 0.9:
                products[i:i + 2] = [_nearest_product(views, mode) for mode in turns[best]]
    labels, overtones = [], {}
    for _, zeros in products:
        legs = 2 * zeros + (sector + parity) % 2
        labels.append(Label(sector + legs, legs, 1 - 2 * parity, overtones.get(legs, 0)))
        overtones[legs] = overtones.get(legs, 0) + 1
    return labels


def _nearest_product(views, mode: np.ndarray) -> tuple[float, int]:
    """How near Σ mode_i ψ_i comes to a product f(angle) h(radius), 1 if it is one, and how often that f changes
    sign."""
    found = []
    for values, inside in views:
        left, size, _ = np.linalg.svd(np.tensordot(mode, values, axes=1), full_matrices=False)
        found.append((size[0] ** 2 / np.sum(size**2), left[:, 0], inside))
    share, factor, inside = max(found, key=lambda view: view[0])
    return float(share), _zeros(factor[inside])


def _shares(views, modes: np.ndarray) -> np.ndarray:
    """How near mixtures of modes (…, n) come to products, as `_nearest_product` has it: shape (…)."""
    sizes = [np.linalg.svd(np.tensordot(modes, values, axes=1), compute_uv=False) for values, _ in views]
    return np.max([size[..., 0] ** 2 / np.sum(size**2, axis=-1) for size in sizes], axis=0)


def _zeros(values: np.ndarray) -> int:
    """How often a function changes sign, ripples below 1e-4 of its largest weighted value apart."""
    signs = np.sign(values[np.abs(values) > 1e-4 * np.max(np.abs(values))])
    return int(np.count_nonzero(signs[1:] != signs[:-1]))
