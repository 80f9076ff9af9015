"""Gauss rules for Gaussian and angular averages, from Golub–Welsch tridiagonals: stable from d = 2 to 10⁵ and beyond.

Every rule is a pair (nodes, weights) with weights that sum to one; arrays come from a cache and are read-only.
"""

from __future__ import annotations

import functools

import numpy as np
from scipy import special
from scipy.linalg import eigh_tridiagonal

from fmspace_nb import arguments
from fmspace_nb.numerics.panels import legendre

FAR_LATITUDE = 9.0   # in units of 1/√dim: the measure of the sphere beyond is below 1e-18


def gauss_of(diagonal: np.ndarray, offdiagonal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nodes, ascending, and weights of the Gauss rule whose orthonormal polynomials have this three-term recurrence."""
    nodes, vectors = eigh_tridiagonal(diagonal, offdiagonal)
    return frozen(nodes, vectors[0] ** 2)


def frozen(*arrays):
    """The arrays, read-only from now on: they stay in a cache."""
    for array in arrays:
        array.flags.writeable = False
    return arrays


@functools.lru_cache(maxsize=64)
def gauss_hermite(points: int) -> tuple[np.ndarray, np.ndarray]:
    """E[f(z)], z ~ N(0,1): exact for polynomials of degree < 2·points."""
    points = arguments.integer("points", points)
    return gauss_of(np.zeros(points), np.sqrt(np.arange(1.0, points)))


@functools.lru_cache(maxsize=256)
def gauss_gegenbauer(dim: int, points: int) -> tuple[np.ndarray, np.ndarray]:
    """E[f(ω)], ω a coordinate of a uniform point of the unit sphere of R^dim: density ∝ (1−ω²)^{(dim−3)/2}; dim = 1: ω
    = ±1."""
    dim, points = arguments.integer("dim", dim), arguments.integer("points", points)
    if dim == 1:
        return frozen(np.array([-1.0, 1.0]), np.array([0.5, 0.5]))
    return gauss_of(np.zeros(points), gegenbauer_recurrence(dim, points)[1:])


def gegenbauer_recurrence(dim: int, count: int) -> np.ndarray:
    """b with ω p_k = b[k+1] p_{k+1} + b[k] p_{k−1} for the orthonormal polynomials of that density, k < count; b[0] =
    0."""
    k, index = np.arange(1.0, count), (dim - 2) / 2
    if index == 0:                                     # Chebyshev, where the formula below is 0/0 at k = 1
        return np.r_[0.0, np.sqrt(np.where(k == 1, 0.5, 0.25))]
    return np.r_[0.0, np.sqrt(k * (k + 2 * index - 1) / (4 * (k + index) * (k + index - 1)))]


def graded_angle(dim: int, points: int, grade: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Half of the polar angle about w*: τ = cos ∠(x, w*) ∈ [0, 1], its complement ς = √(1−τ²), and weights.

    Gauss–Legendre in u, latitude arcsin τ = grade·sinh(U u): uniform well below the grade, logarithmic beyond, for
    functions with structure on a scale ≪ 1 that other Gauss rules miss.
    """
    u, weights = legendre(points)
    stretch = np.arcsinh(min(np.pi / 2, FAR_LATITUDE / np.sqrt(dim)) / grade)
    latitude = grade * np.sinh(stretch * u)
    log_norm = special.gammaln(dim / 2) - special.gammaln((dim - 1) / 2) - np.log(np.pi) / 2 + np.log(2)
    density = np.exp(log_norm + (dim - 2) * np.log(np.cos(latitude))) * stretch * grade * np.cosh(stretch * u)
    return np.sin(latitude), np.cos(latitude), weights * density
