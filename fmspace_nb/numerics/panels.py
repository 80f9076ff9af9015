"""Where a function on the line is smooth and where it breaks: the panels on which Gauss–Legendre rules converge."""

from __future__ import annotations

import functools

import numpy as np

POINTS = 16          # Gauss–Legendre nodes a panel
RESOLVED = 1e-12     # a panel is resolved once its last Chebyshev coefficients are this small, relative to the function
NARROWEST = 1e-9     # a panel as narrow as this that is still unresolved holds a kink or a jump
BENT = 1e-4          # a panel as narrow as this may hold a jump of the second derivative or the third
MOST = 4000          # more panels than this (or than two a unit length): the function is too rough for any rule here


@functools.lru_cache(maxsize=64)
def legendre(points: int = POINTS) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of the Gauss–Legendre rule on [0, 1]."""
    nodes, weights = np.polynomial.legendre.leggauss(points)
    return (nodes + 1) / 2, weights / 2


def composite(edges, points: int = POINTS) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of the Gauss–Legendre rule repeated on the panels between the edges (last axis: edges, then
    nodes)."""
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
    """Edges of panels on [−reach, reach] on which the function is smooth, and the points where it or a derivative
    breaks.

    Bisects until every panel is resolved by a polynomial of degree 15; what stays unresolved at width 1e-9 is a kink
    or a jump. Raises ValueError when 4000 panels, or two a unit length, do not suffice.
    """
    coarse = np.linspace(-1.0, 1.0, 18)
    start = reach * (coarse + 0.1370531 * (1 - coarse**2))  # lopsided, so that no halving lands on a round number
    edges = _bisect(function, start)
    breaks = _rounded(_clusters(edges, 4 * NARROWEST), 6, 3 * NARROWEST)
    if breaks.size:
        around = np.ravel(breaks[:, None] + NARROWEST * np.maximum(1, np.abs(breaks))[:, None] * np.array([-2.0, 2.0]))
        start = np.union1d(start[np.min(np.abs(start[:, None] - breaks), axis=1) > 1e-6], around)
        edges = _bisect(function, start)
    soft = _rounded(_clusters(edges[_away(edges, breaks)], BENT), 4, BENT)
    if soft.size:  # a higher derivative jumps, if an edge there resolves it
        cut = _bisect(function, np.union1d(start[_away(start, soft)], soft))
        if len(cut) < len(edges):
            return cut, np.union1d(breaks, soft)
    return edges, breaks


def _away(edges: np.ndarray, breaks: np.ndarray) -> np.ndarray:
    return np.min(np.abs(edges[:, None] - np.r_[breaks, np.inf]), axis=1) > 1e-4


def _clusters(edges: np.ndarray, width: float) -> np.ndarray:
    """Middles of the runs of panels narrower than `width` (relative beyond 1), each at its narrowest panel."""
    sizes = np.diff(edges) / np.maximum(1, np.abs(edges[1:]))
    narrow = np.flatnonzero(sizes < width)
    runs = np.split(narrow, np.flatnonzero(np.diff(narrow) > 1) + 1) if narrow.size else []
    least = np.array([run[np.argmin(sizes[run])] for run in runs], dtype=int)
    return (edges[least] + edges[least + 1]) / 2


def _rounded(breaks: np.ndarray, digits: int, within: float) -> np.ndarray:
    """Breaks are mostly meant to be round numbers."""
    round_ = np.round(breaks, digits)
    return np.where(np.abs(breaks - round_) < within * np.maximum(1, np.abs(breaks)), round_, breaks)


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
            raise ValueError(f"{count} panels on [{edges[0]:g}, {edges[-1]:g}] do not resolve the function")
    return np.sort(np.concatenate(done))


def gaussian_mean(function) -> float:
    """E f(z), z ~ N(0,1), of a vectorised f, kinks and jumps included."""
    nodes, weights = composite(panels(function, 16.0)[0])
    return float(np.sum(function(nodes) * weights * np.exp(-nodes**2 / 2)) / np.sqrt(2 * np.pi))


def gaussian_rule(edges, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes t and weights of E f(scale·z), z ~ N(0,1), for an f that is smooth between these edges."""
    reach = 16.0 * scale
    inner = edges[(edges > -reach) & (edges < reach)]
    nodes, weights = composite(np.union1d(inner, np.linspace(-reach, reach, 17)))
    return nodes, weights * np.exp(-((nodes / scale) ** 2) / 2) / (scale * np.sqrt(2 * np.pi))
