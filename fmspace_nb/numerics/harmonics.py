"""Spherical harmonics about an axis: multiplicities, zonal functions, and the Funk–Hecke eigenvalues of |ω|^p (chapters
01 and 05)."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from fmspace_nb.numerics.quadrature import gegenbauer_recurrence


def multiplicity(dim: int, degree: int) -> int:
    """N(dim, degree): dimension of the spherical harmonics of that degree on the unit sphere of R^dim, an exact
    integer."""
    if dim == 1:
        return int(degree <= 1)                       # the sphere of R is two points
    below = math.comb(dim + degree - 3, degree - 2) if degree >= 2 else 0
    return math.comb(dim + degree - 1, degree) - below


def gegenbauer(dim: int, degree: int, omega) -> np.ndarray:
    """P_degree(ω) of the sphere of R^dim, normalised to P(1) = 1: shape of omega."""
    omega = np.asarray(omega, dtype=float)
    before, now = np.zeros_like(omega), np.ones_like(omega)
    for k in range(degree):                           # (k + dim − 2) P_{k+1} = (2k + dim − 2) ω P_k − k P_{k−1}
        lead = max(k + dim - 2, 1)                    # dim = 2 at k = 0: P_1 = ω all the same
        before, now = now, (max(2 * k + dim - 2, 1) * omega * now - k * before) / lead
    return now


def zonal(dim: int, sector: int, degree: int, tau, complement) -> np.ndarray:
    """Orthonormal polar factors of the harmonics of degree sector … degree that carry `sector` powers across the axis.

    Row k − sector: ς^sector × polynomial of degree k − sector in τ, orthonormal for the measure of τ; shape (degree −
    sector + 1,) + tau.shape. complement = ς = √(1−τ²).
    """
    count = degree - sector + 1
    b = gegenbauer_recurrence(dim + 2 * sector, count)
    log_norm = (special.gammaln((dim - 1) / 2 + sector) - special.gammaln((dim - 1) / 2)
                + special.gammaln(dim / 2) - special.gammaln(dim / 2 + sector))            # log E ς^{2·sector}
    values = np.empty((count,) + np.shape(tau))
    values[0] = complement**sector * np.exp(-log_norm / 2)
    for k in range(count - 1):
        previous = b[k] * values[k - 1] if k else 0.0
        values[k + 1] = (tau * values[k] - previous) / b[k + 1]
    return values


def funk_hecke(power: float, dim: int, parity: int, degree: int) -> np.ndarray:
    """E[f(ω) P_k(ω)] for k = parity, parity + 2, … ≤ degree, with f = |ω|^p (parity 0) or sign(ω)|ω|^p (parity 1).

    The first is a moment of one coordinate of the sphere; then μ_{k+2}/μ_k = (p − k)/(p + k + dim).
    """
    moment = power + parity
    first = np.exp(
        special.gammaln(dim / 2) + special.gammaln((moment + 1) / 2) - special.gammaln((dim + moment) / 2)
    ) / np.sqrt(np.pi)
    k = np.arange(parity, degree - 1, 2.0)
    return first * np.cumprod(np.r_[1.0, (power - k) / (power + k + dim)])


def mean_power(dim: int, power: float) -> float:
    """E‖x‖^power for x ~ N(0, I_dim)."""
    return float(np.exp(power / 2 * np.log(2) + special.gammaln((dim + power) / 2) - special.gammaln(dim / 2)))
