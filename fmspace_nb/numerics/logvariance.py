"""Polynomials in the logarithm of the variance, log(1 + (s/scale)²), of a length s = ‖N(0, I_dim)‖: Gauss rules and
values.

Averages of σ(s z) over z ~ N(0, 1) depend on s through the variance s², flat below the scale on which σ bends and like
a power
above it: in the logarithm both are nearly polynomials. A dozen nodes suffice, whatever the dimension and the scale are.
"""

from __future__ import annotations

import functools

import numpy as np
from scipy import special

from fmspace_nb.numerics.panels import legendre
from fmspace_nb.numerics.quadrature import gauss_of, graded_angle

REACH = 10.0         # standard deviations beyond which a Gaussian counts for nothing (1e-23)
FINE = 320           # points of the rule from which a Gauss rule is made, in the variable in which the rest is smooth


def lanczos(x: np.ndarray, mass: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """(a, b) of x p_k = b_k p_{k+1} + a_k p_k + b_{k−1} p_{k−1}, p_k orthonormal under the masses at the points x;
    each (count,)."""
    basis, a, b = np.zeros((count + 1, len(x))), np.empty(count), np.empty(count)
    basis[0] = np.sqrt(mass / np.sum(mass))
    for k in range(count):
        known, rest = basis[:k + 1], x * basis[k]
        a[k] = rest @ basis[k]
        for _ in range(2):                            # twice is enough to stay orthogonal
            rest = rest - (known @ rest) @ known
        b[k] = np.linalg.norm(rest)
        basis[k + 1] = rest / b[k]
    return a, b


@functools.lru_cache(maxsize=1024)
def recurrence(dim: int, scale: float, count: int) -> tuple[np.ndarray, np.ndarray]:
    """(a, b) of the polynomials in log(1 + (s/scale)²) that are orthonormal for s = ‖N(0, I_dim)‖; each (count,)."""
    u, mass = legendre(FINE)
    low, high = np.arcsinh(np.array([max(0.0, np.sqrt(dim) - REACH), np.sqrt(dim) + REACH]) / scale)
    s = scale * np.sinh(low + (high - low) * u)
    log_density = (dim - 1) * np.log(s) - s**2 / 2
    return lanczos(
        np.log1p((s / scale) ** 2), mass * np.hypot(scale, s) * np.exp(log_density - np.max(log_density)), count
    )


@functools.lru_cache(maxsize=1024)
def gauss(dim: int, scale: float, count: int) -> tuple[np.ndarray, np.ndarray]:
    """E f(s) by `count` nodes, exact for polynomials of degree < 2·count; in no dimension s = 0."""
    if dim == 0:
        return np.zeros(1), np.ones(1)
    a, b = recurrence(dim, scale, count)
    x, weights = gauss_of(a, b[:-1])
    return scale * np.sqrt(np.expm1(x)), weights


@functools.lru_cache(maxsize=256)
def gauss_angle(dim: int, steep: float, count: int) -> tuple[np.ndarray, np.ndarray]:
    """E f(τ) over half the sphere of R^dim, τ a coordinate, exact for polynomials of degree < 2·count in log(1 +
    steep·τ²)."""
    tau, _, mass = graded_angle(dim, FINE, min(1 / np.sqrt(steep), 1 / np.sqrt(dim)))
    a, b = lanczos(np.log1p(steep * tau**2), mass, count)
    x, weights = gauss_of(a, b[:-1])
    return np.sqrt(np.expm1(x) / steep), weights


def polynomials(dim: int, scale: float, count: int, s) -> np.ndarray:
    """The orthonormal polynomials p_0 … p_{count−1} at s: shape (count,) + s.shape."""
    (a, b), x = recurrence(dim, scale, count), np.log1p((s / scale) ** 2)
    values = np.ones((count,) + np.shape(s))
    for k in range(count - 1):
        values[k + 1] = ((x - a[k]) * values[k] - (b[k - 1] * values[k - 1] if k else 0.0)) / b[k]
    return values


def shells(dim: int, degree: int, scale: float, count: int, r) -> np.ndarray:
    """r^degree × polynomials, orthonormal for r = ‖N(0, I_dim)‖: shape (count,) + r.shape.

    The factor r^{2·degree} makes the measure of r in R^dim that of R^{dim + 2·degree}.
    """
    log_mean = degree * np.log(2) + special.gammaln(dim / 2 + degree) - special.gammaln(dim / 2)  # log E r^{2·degree}
    return polynomials(dim + 2 * degree, scale, count, r) * (r * np.exp(-log_mean / max(2 * degree, 1))) ** degree


def coarse(x: float) -> float:
    """x down to half an octave: rules for scales that barely differ are one rule, made once."""
    return float(2.0 ** (np.floor(2 * np.log2(x)) / 2))
