"""Where a function on the line is smooth and where it breaks: the panels on which Gauss–Legendre rules converge."""

from __future__ import annotations

import functools

import numpy as np

POINTS = 16          # Gauss–Legendre nodes a panel
RESOLVED = 1e-12     # a panel is resolved once its last Chebyshev coefficients are this small, relative to the function
NARROWEST = 1e-9     # a panel as narrow as this that is still unresolved holds a kink or a jump
MOST = 4000          # more panels than this (or than two a unit length): the function is too rough for any rule here


@functools.lru_cache(maxsize=64)
def legendre(points: int = POINTS) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of the Gauss–Legendre rule on [0, 1]."""
    nodes, weights = np.polynomial.legendre.leggauss(points)
    return (nodes + 1) / 2, weights / 2


def composite(edges, points: int = POINTS) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of the Gauss–Legendre rule repeated on the panels between the edges (last axis: edges, then nodes)."""
    edges = np.asarray(edges)
    nodes, weights = legendre(points)
    start, width = edges[..., :-1, None], np.diff(edges)[..., None]
    shape = edges.shape[:-1] + ((edges.shape[-1] - 1) * points,)
    return (start + width * nodes).reshape(shape), (width * weights).reshape(shape)


@functools.lru_cache(maxsize=1)
def _chebyshev() -> tuple[np.ndarray, np.ndarray]:
    """Chebyshev nodes on [0, 1], none at an end, and the matrix from values there to the last four coefficients."""
    angle = (np.arange(POINTS) + 0.5) * np.pi / POINTS
    last = np.arange(POINTS - 4, POINTS)
    return (1 - np.cos(angle)) / 2, 2 / POINTS * np.cos(last[:, None] * (np.pi - angle))


def panels(function, reach: float) -> tuple[np.ndarray, np.ndarray]:
    """Edges of panels on [−reach, reach] on which the function is smooth, and the points where it breaks.

    Bisects until every panel is resolved by a polynomial of degree 15; what stays unresolved at width 1e-9 is a kink or a jump.
    Raises ValueError when 4000 panels, or two a unit length, do not suffice.
    """
    coarse = np.linspace(-1.0, 1.0, 18)
    start = reach * (coarse + 0.1370531 * (1 - coarse**2))         # lopsided, so that no halving lands on a round number
    edges = _bisect(function, start)
    narrow = np.flatnonzero(np.diff(edges) < 4 * NARROWEST * np.maximum(1, np.abs(edges[1:])))
    if not narrow.size:
        return edges, np.array([])
    gaps = np.flatnonzero(np.diff(narrow) > 1)                     # neighbouring narrow panels belong to one break
    first, last = narrow[np.r_[0, gaps + 1]], narrow[np.r_[gaps, -1]]
    breaks = (edges[first] + edges[last + 1]) / 2
    rounded = np.round(breaks, 6)                                  # breaks are mostly meant to be round numbers
    breaks = np.where(np.abs(breaks - rounded) < 3 * NARROWEST * np.maximum(1, np.abs(breaks)), rounded, breaks)
    around = np.ravel(breaks[:, None] + NARROWEST * np.maximum(1, np.abs(breaks))[:, None] * np.array([-2.0, 2.0]))
    clear = np.min(np.abs(start[:, None] - breaks), axis=1) > 1e-6
    return _bisect(function, np.union1d(start[clear], around)), breaks


def _bisect(function, edges: np.ndarray) -> np.ndarray:
    nodes, tail = _chebyshev()
    floor = np.max(np.abs(function(np.linspace(-1.0, 1.0, 41)))) * 1e-2
    done, todo = [edges], np.stack([edges[:-1], edges[1:]])
    while todo.size:
        start, end = todo
        values = function(start[:, None] + (end - start)[:, None] * nodes)
        rough = np.max(np.abs(values @ tail.T), axis=1) > RESOLVED * np.maximum(floor, np.max(np.abs(values), axis=1))
        rough &= (end - start) > 4 * NARROWEST * np.maximum(1, np.abs(end))
        start, end, middle = start[rough], end[rough], (start[rough] + end[rough]) / 2
        done.append(middle)
        todo = np.stack([np.r_[start, middle], np.r_[middle, end]])
        if (count := sum(map(len, done))) > max(MOST, 2 * edges[-1]):
            raise ValueError(f"activation must be piecewise smooth; {count} panels on [{edges[0]:g}, {edges[-1]:g}] do not resolve it")
    return np.sort(np.concatenate(done))


def gaussian_mean(function) -> float:
    """E f(z), z ~ N(0,1), of a vectorised f, kinks and jumps included."""
    nodes, weights = composite(panels(function, 16.0)[0])
    return float(np.sum(function(nodes) * weights * np.exp(-nodes**2 / 2)) / np.sqrt(2 * np.pi))
