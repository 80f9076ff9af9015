"""Dual kernels κ(q, q', c) = E[σ(u)σ(u')] of a pair of Gaussians with variances q, q' and covariance c: closed forms
(chapter 04, (2))."""

from __future__ import annotations

import numpy as np
from scipy import special

from fmspace_nb.numerics.panels import composite


def correlation(q, q2, c) -> tuple[np.ndarray, np.ndarray]:
    """√(qq') and ρ = c/√(qq') ∈ [−1, 1]; ρ = 0 where a variance vanishes."""
    scale = np.sqrt(q) * np.sqrt(q2)
    rho = np.divide(c, scale, out=np.zeros(np.broadcast_shapes(np.shape(c), np.shape(scale))), where=scale > 0)
    return scale, np.clip(rho, -1.0, 1.0)


def homogeneous(degree: float, even: float, odd: float):
    """κ of σ(z) = even·|z|^p + odd·sign(z)|z|^p, any p ≥ 0; p = 1 has Cho and Saul's arc-cosine form."""
    def dual(q, q2, c):
        scale, rho = correlation(q, q2, c)
        parts = [size**2 * homogeneous_profile(degree, parity, rho) for parity, size in enumerate((even, odd)) if size]
        return scale**degree * sum(parts)
    return dual


def homogeneous_profile(degree: float, parity: int, rho, order: int = 0) -> np.ndarray:
    """κ(1, 1, ρ) of |z|^p (parity 0) or sign(z)|z|^p (parity 1), or its derivative of that order in ρ; shape of rho.

    κ solves (1−ρ²)y'' + (2p−1)ρ y' − p² y = 0, so m derivatives of that equation give y^(m+2) from y^(m+1) and y^(m).
    """
    p, square = degree, rho**2
    if p == 1 and parity == 0:
        size = 2 / np.pi
        starts = (
            lambda: np.sqrt(1 - square) + rho * np.arcsin(rho),
            lambda: np.arcsin(rho),
            lambda: 1 / np.sqrt((1 - rho) * (1 + rho)),
        )
    elif parity == 0:
        size = 2**p * special.gamma((p + 1) / 2) ** 2 / np.pi
        starts = (
            lambda: special.hyp2f1(-p / 2, -p / 2, 0.5, square),
            lambda: p**2 * rho * special.hyp2f1(1 - p / 2, 1 - p / 2, 1.5, square),
        )
    else:
        size = 2 ** (p + 1) * special.gamma(p / 2 + 1) ** 2 / np.pi
        starts = (
            lambda: rho * special.hyp2f1((1 - p) / 2, (1 - p) / 2, 1.5, square),
            lambda: special.hyp2f1((1 - p) / 2, (1 - p) / 2, 0.5, square),
        )
    if order < len(starts):
        return size * starts[order]()
    known = len(starts)
    before, now = starts[known - 2](), starts[known - 1]()
    for m in range(known - 2, order - 1):
        before, now = now, ((2 * m + 1 - 2 * p) * rho * now + (m - p) ** 2 * before) / ((1 - rho) * (1 + rho))
    return size * now


def erf(q, q2, c):
    """κ of erf(z/√2): (2/π) arcsin(c/√((1+q)(1+q')))."""
    return 2 / np.pi * np.arcsin(np.clip(c / (np.sqrt(1 + q) * np.sqrt(1 + q2)), -1.0, 1.0))


def gelu(q, q2, c):
    """κ of zΦ(z), by Stein's identity twice."""
    scale = np.sqrt(q) * np.sqrt(q2)
    area = np.maximum((scale - c) * (scale + c), 0.0)  # qq' − c², whose digits a difference of squares loses
    arc = np.arcsin(np.clip(c / (np.sqrt(1 + q) * np.sqrt(1 + q2)), -1.0, 1.0))
    rest = (area + c**2 * (1 / (1 + q) + 1 / (1 + q2))) / np.sqrt(1 + q + q2 + area)
    return c / 4 + (c * arc + rest) / (2 * np.pi)


def cosine(q, q2, c):
    """κ of cos z: (e^{−(q+q'−2c)/2} + e^{−(q+q'+2c)/2})/2."""
    return (np.exp(-(q + q2 - 2 * c) / 2) + np.exp(-(q + q2 + 2 * c) / 2)) / 2


def sine(q, q2, c):
    """κ of sin z: e^{−(q+q')/2} sinh c, written so that nothing overflows and small c loses no digit."""
    return -np.exp(-(q + q2 - 2 * np.abs(c)) / 2) * np.expm1(-2 * np.abs(c)) * np.sign(c) / 2


def by_expansion(activation, q, q2, c):
    """κ = Σ_k a_k(q) a_k(q') ρ^k; relative error ≤ 1e-10 (of √(κ(q,q,q) κ(q',q',q'))), by double quadrature where the
    sum is too slow.

    The sum stops at the k for which Cauchy and Schwarz bound the rest; near ρ = ±1 a kink makes that too late.
    """
    q, q2, c = (
        np.broadcast_arrays(q, q2, c)
        if np.ndim(q) == np.ndim(q2) == 0
        else (np.asarray(q), np.asarray(q2), np.asarray(c))
    )
    _, rho = correlation(q, q2, c)
    size, size2 = activation.second_moment(q), activation.second_moment(q2)
    unit = np.sqrt(size) * np.sqrt(size2)
    for degree in (24, 64, 160):
        a, b = activation.hermite(degree, q), activation.hermite(degree, q2)
        tails = np.maximum(0, size - np.sum(a**2, axis=-1)), np.maximum(0, size2 - np.sum(b**2, axis=-1))
        late = np.sqrt(tails[0]) * np.sqrt(tails[1]) * np.abs(rho) ** (degree + 1) > 1e-10 * unit
        if not late.any():
            break
    value = np.zeros(np.broadcast_shapes(np.shape(rho), np.shape(unit)))
    for k in range(degree, -1, -1):
        value *= rho
        value += a[..., k] * b[..., k]
    if late.any():
        shape = value.shape
        pairs = [np.broadcast_to(x, shape)[late] for x in (q, q2, rho)]
        value[late] = np.concatenate(
            [
                _by_double_quadrature(activation, *part)
                for part in zip(*(np.array_split(x, -(-x.size // 4)) for x in pairs), strict=True)
            ]
        )
    return value


def _by_double_quadrature(activation, q, q2, rho):
    """E_z[σ(√q z) E_y σ(√q'(ρz + √(1−ρ²) y))] for arrays (n,) of pairs, each integral cut where its integrand bends."""
    lattice = np.linspace(-9.0, 9.0, 13)
    scale, scale2, noise = np.sqrt(q)[:, None], np.sqrt(q2)[:, None], np.sqrt((1 - rho) * (1 + rho))[:, None]
    reach = 9.1 * max(scale.max(), scale2.max())
    bends = activation.edges(reach)
    bends = bends[np.abs(bends) < reach]
    kinks = activation.breaks(reach)
    spread = noise[..., None] * np.array([-9.0, -4.5, -1.5, 0.0, 1.5, 4.5, 9.0])
    slope = np.where(rho == 0, 1.0, rho)[:, None]
    near = ((kinks / scale2)[..., None] - spread).reshape(len(q), -1) / slope
    edges = np.concatenate(
        [np.broadcast_to(lattice, (len(q), 13)), bends / scale, bends / (scale2 * slope), near], axis=1
    )
    z, weights = composite(np.sort(np.clip(edges, -9, 9), axis=1))
    centre, width = scale2 * rho[:, None] * z, np.maximum(scale2 * noise, 1e-150)
    cuts = np.clip((bends - centre[..., None]) / width[..., None], -9, 9)
    inner = np.concatenate([np.broadcast_to(lattice, centre.shape + (13,)), cuts], axis=-1)
    y, inner_weights = composite(np.sort(inner, axis=-1))
    smooth = np.sum(activation(centre[..., None] + width[..., None] * y) * inner_weights * np.exp(-y**2 / 2), axis=-1)
    return np.sum(activation(scale * z) * smooth * weights * np.exp(-z**2 / 2), axis=-1) / (2 * np.pi)

