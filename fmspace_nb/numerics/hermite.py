"""Hermite coefficients a_k(v) = E[σ(√v z) h_k(z)]: closed forms, and quadrature for any σ (h_k orthonormal, z ~
N(0,1))."""

from __future__ import annotations

import numpy as np
from scipy import special

from fmspace_nb.numerics.panels import composite

REACH = 13.0         # Gaussian weights beyond 13 standard deviations are below 1e-36


def gaussian(z) -> np.ndarray:
    """The density of N(0, 1)."""
    return np.exp(-z**2 / 2) / np.sqrt(2 * np.pi)


def hermite_functions(degree: int, z: np.ndarray) -> np.ndarray:
    """h_0 … h_degree at z: shape (degree + 1,) + z.shape."""
    values = np.empty((degree + 1,) + np.shape(z))
    values[0] = 1.0
    if degree:
        values[1] = z
    for k in range(1, degree):
        values[k + 1] = (z * values[k] - np.sqrt(k) * values[k - 1]) / np.sqrt(k + 1)
    return values


def homogeneous(power: float, even: float, odd: float):
    """a_k of even·|z|^p + odd·sign(z)|z|^p: v^{p/2} E[|z|^p …], the even and the odd coefficients each a product."""
    def coefficients(degree, variance):
        unit = np.zeros(degree + 1)
        for parity, size in ((0, even), (1, odd)):
            count = np.arange((degree - parity) // 2)
            if degree >= parity:
                first = 2 ** ((power + parity) / 2) * special.gamma((power + parity + 1) / 2) / np.sqrt(np.pi)
                k = 2.0 * count + parity
                unit[parity::2] = size * first * np.cumprod(np.r_[1.0, (power - k) / np.sqrt((k + 1) * (k + 2))])
        return np.asarray(variance)[..., None] ** (power / 2) * unit
    return coefficients


def erf(degree, variance):
    """a_k of erf(z/√2): E[σ'(√v z) √v h_{k−1}]/√k, a Gaussian integral."""
    v = np.asarray(variance, dtype=float)[..., None]
    m = np.arange(1, (degree + 1) // 2)
    steps = -v / (1 + v) * np.sqrt((2 * m - 1) / (2 * m))
    odd = np.cumprod(np.concatenate([np.sqrt(2 * v / (np.pi * (1 + v))), steps], axis=-1), axis=-1)
    values = np.zeros(v.shape[:-1] + (degree + 1,))
    if degree:
        values[..., 1::2] = odd / np.sqrt(np.arange(1, degree + 1, 2))
    return values


def gelu(degree, variance):
    """a_k of zΦ(z) = z(1 + erf(z/√2))/2, by z h_k = √(k+1) h_{k+1} + √k h_{k−1}."""
    v = np.asarray(variance, dtype=float)[..., None]
    base = erf(degree + 1, variance)
    k = np.arange(degree + 1)
    below = np.concatenate([np.zeros_like(v), base[..., :-2]], axis=-1)
    return np.sqrt(v) / 2 * ((k == 1) + np.sqrt(k + 1) * base[..., 1:] + np.sqrt(k) * below)


def wave(parity: int):
    """a_k of cos (parity 0) or sin (parity 1): ±v^{k/2} e^{−v/2}/√k! on the k of that parity."""
    def coefficients(degree, variance):
        v = np.asarray(variance, dtype=float)[..., None]
        k = np.arange(degree + 1)
        size = np.exp(special.xlogy(k / 2, v) - v / 2 - special.gammaln(k + 1) / 2)
        return np.where(k % 2 == parity, (-1.0) ** (k // 2) * size, 0.0)
    return coefficients


def by_quadrature(activation, degree: int, variance) -> np.ndarray:
    """a_k of any activation on the panels where it is smooth; near machine precision, kinks included."""
    variance = np.asarray(variance, dtype=float)
    flat = variance.ravel()
    values = np.empty((flat.size, degree + 1))
    values[flat == 0] = activation(0.0) * (np.arange(degree + 1) == 0)
    octave = np.full(flat.shape, -np.inf)
    np.log2(flat, out=octave, where=flat > 0)
    octave = np.floor(octave / 2)                 # variances within a factor of four share their nodes
    for group in np.unique(octave[flat > 0]):
        members = np.flatnonzero(octave == group)
        for chosen in np.array_split(members, 1 + members.size // 1024):  # a table of nodes that fits the cache
            values[chosen] = _share_nodes(activation, degree, flat[chosen])
    return values.reshape(variance.shape + (degree + 1,))


def _share_nodes(activation, degree: int, variance: np.ndarray) -> np.ndarray:
    smallest, reach = np.sqrt(variance.min()), REACH * np.sqrt(variance.max())
    width = smallest * min(1.0, 6 / np.sqrt(degree + 1))           # h_k oscillates with wave number √k
    edges = activation.edges(reach)
    edges = np.union1d(edges[np.abs(edges) < reach], np.linspace(-reach, reach, 2 + int(2 * reach / width)))
    nodes, weights = composite(edges)
    scale = np.sqrt(variance)[:, None]
    z = nodes / scale
    density = activation(nodes) * weights * gaussian(z) / scale
    largest = np.max(np.abs(density), axis=1, keepdims=True)
    # σ that vanishes around 0 has nothing but tails there
    if np.any(np.abs(density[:, [0, -1]]) > np.maximum(1e-12 * largest, 1e-30)):
        raise ValueError(
            f"variance must be smaller for an activation that grows as fast as {activation.name}: at "
            f"{variance.max():g} part of "
            f"the mean lies beyond {REACH:g} standard deviations"
        )
    values = np.empty((variance.size, degree + 1))
    values[:, 0] = np.sum(density, axis=1)
    now, before = z, 1.0
    for k in range(1, degree + 1):
        values[:, k] = np.sum(density * now, axis=1)
        now, before = (z * now - np.sqrt(k) * before) / np.sqrt(k + 1), now
    return values


def smoothed(activation, centre, variance: float) -> np.ndarray:
    """E σ(centre + √variance z), shape of centre, the integral cut where σ bends: at its kinks, and wherever it is
    sharper than N(0,1)."""
    centre, width = np.asarray(centre, dtype=float), np.sqrt(variance)
    reach = np.max(np.abs(centre), initial=0.0) + 9 * width
    edges = activation.edges(reach)
    bends = edges if np.min(np.diff(edges), initial=np.inf) < width else activation.breaks(reach)
    cuts = np.clip((bends - centre[..., None]) / width, -9.0, 9.0)
    lattice = np.broadcast_to(np.linspace(-9.0, 9.0, 13), centre.shape + (13,))
    z, weights = composite(np.sort(np.concatenate([lattice, cuts], axis=-1), axis=-1), points=10)
    return np.sum(activation(centre[..., None] + width * z) * weights * gaussian(z), axis=-1)
