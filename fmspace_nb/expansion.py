"""The expansion of k₁ in the spike: k₁ = k₀^(A) + (B/2d) S + … + remainder, and the norm of what is left (chapter 05).

Along w → w + √(B/d) ξ w* the kernel solves a heat equation, so the term of order n in s = B/d is

    κ_n = (1/(2^n n!)) E[(t ∂_u + t' ∂_v)^{2n} σ(u)σ(v)],
    t = ⟨x,w*⟩, (u, v) Gaussian with the variances of the bulk alone.

For σ = even·|z| + odd·z (relu, leaky relu, …) every order is closed: κ is built from √Δ and arcsin ρ, Δ = qq' − c²,
and Δ is linear in s. For smooth σ, E[σ^(m)(u) σ^(l)(v)] is a Hermite sum.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from fmspace_nb import arguments
from fmspace_nb.activations import Activation, activation as as_activation
from fmspace_nb.covariance import SpikedCovariance
from fmspace_nb.numerics.dual import correlation
from fmspace_nb.numerics.harmonics import gegenbauer, mean_power
from fmspace_nb.numerics.logvariance import coarse, gauss, gauss_angle
from fmspace_nb.numerics.quadrature import gauss_gegenbauer
from fmspace_nb.spectrum.mercer import check_place


_ANGLES = 24         # nodes in the angle about w*, of a homogeneous σ
_NODES = 16          # nodes in t
_RADII = (6, 16)     # nodes in r: six, and 16/√d more, since r spreads by 1/√(2d) of itself


def expansion_terms(activation, covariance: SpikedCovariance, order: int, x, x2=None) -> np.ndarray:
    """The terms of order 0 … order of k₁ in the spike, between inputs (n, dim) and (n', dim): shape (order + 1, n, n').

    Term 1 is (B/2d) S. Their sum is the expansion; kernel minus sum is the remainder.

    Args:
        activation: a name, a callable or an Activation.
        covariance: Γ, a SpikedCovariance.
        order: of the last term, ≥ 0.
        x, x2: inputs, shapes (n, dim) and (n', dim); x2 = x unless given.

    Returns:
        the terms, shape (order + 1, n, n').

    Raises:
        ValueError: a σ with a kink that is not even·|z| + odd·z: its terms from order 2 on do not exist.
        ArithmeticError: the Hermite sums do not converge: far from the origin, or poles as near the line as tanh's.

    Source: paper, Theorem 3; chapter 05, (2).
    """
    sigma, order = as_activation(activation), arguments.integer("order", order, minimum=0, maximum=8)
    covariance = arguments.instance("covariance", covariance, SpikedCovariance)
    x = arguments.array("x", x, shape=(None, covariance.dim))
    x2 = x if x2 is None else arguments.array("x2", x2, shape=(None, covariance.dim))
    bulk = SpikedCovariance(covariance.dim, bulk=covariance.bulk, direction=covariance.direction)
    t, t2 = x @ bulk.direction, x2 @ bulk.direction
    terms = taylor(sigma, order, bulk.square(x)[:, None], bulk.square(x2), bulk.inner(x, x2), t[:, None], t2)
    return terms * ((covariance.spike / covariance.dim) ** np.arange(order + 1.0))[:, None, None]


def taylor(sigma: Activation, order: int, q, q2, c, t, t2) -> np.ndarray:
    """Taylor coefficients κ_0 … κ_order of s -> κ(q + s t², q' + s t'², c + s tt'), broadcast; first axis the order."""
    if sigma.homogeneity == 1:
        return _piecewise_linear(sigma, order, *np.broadcast_arrays(q, q2, c, t, t2))
    _check_smooth(sigma)
    return _smooth(sigma, order, *np.broadcast_arrays(q, q2, c, t, t2))


def _check_smooth(sigma: Activation) -> None:
    power = sigma.homogeneity
    # the latter: z|z|, |z|^1.5, …
    if sigma.breaks(16.0).size if power is None else power % 1 or sigma.halves[1 - int(power) % 2]:
        raise ValueError(
            f"activation must be smooth, or linear on either side of 0, to be expanded in the spike; got {sigma.name}"
        )


def _piecewise_linear(sigma, order, q, q2, c, t, t2):
    even, odd = sigma.halves
    area = np.maximum(q * q2 - c**2, 0.0)                              # Δ at s = 0; Δ(s) = area + s·slope
    slope = np.maximum(q * t2**2 + q2 * t**2 - 2 * c * t * t2, 0.0)
    apart = area > 1e-14 * q * q2  # parallel inputs stay parallel: √Δ = 0 at every s
    base = np.where(apart, area, 1.0)
    n = np.arange(order + 1).reshape((-1,) + (1,) * np.ndim(q))
    powers, half = np.where(apart, _powers(slope / base, order), 0.0), np.sqrt(base)
    root, inverse = special.binom(0.5, n) * powers * half, special.binom(-0.5, n) * powers / half
    first, second = (
        np.divide(t**2, q, out=np.zeros_like(q), where=q > 0),
        np.divide(t2**2, q2, out=np.zeros_like(q), where=q2 > 0),
    )
    growth = first * _powers(-first, order) + second * _powers(-second, order)         # t²/Q + t'²/Q'
    turn = -_product(growth, np.stack([c, t * t2] + [np.zeros_like(c)] * order)[:order + 1]) / 2
    turn[0] += t * t2
    turn = _product(turn, inverse)                                     # d/ds arcsin ρ
    angle, (_, rho) = np.empty_like(root), correlation(q, q2, c)
    angle[0] = np.where(apart, np.arcsin(rho), np.copysign(np.pi / 2, c))
    angle[1:] = turn[:-1] / n[1:]
    rate = _product(growth, root) / 2 + t * t2 * angle                 # dκ/ds of 2/π·(√Δ + c arcsin ρ)
    value = np.empty_like(root)
    value[0] = 2 / np.pi * even**2 * (root[0] + c * angle[0]) + odd**2 * c
    value[1:] = 2 / np.pi * even**2 * rate[:-1] / n[1:]
    if order:
        value[1] += odd**2 * t * t2
    return value


def _powers(x, order):
    """1, x, x² … along a new first axis: products are quicker than powers."""
    found = np.ones((order + 1, *x.shape))
    for n in range(order):
        np.multiply(found[n], x, out=found[n + 1])
    return found


def _product(a, b):
    """The product of two power series, coefficients along the first axis, cut at their length."""
    return np.stack([sum(a[i] * b[n - i] for i in range(n + 1)) for n in range(len(a))])


def _smooth(sigma, order, q, q2, c, t, t2):
    scale, rho = correlation(q, q2, c)
    degree = _enough(sigma, order, max(np.max(q), np.max(q2)), float(np.max(np.abs(rho))))
    left, right = (_derivative_coefficients(sigma, 2 * order, degree, v) for v in (q, q2))
    values = np.zeros((order + 1,) + np.shape(c))
    for n in range(order + 1):
        for m in range(2 * n + 1):
            inner = np.zeros(np.shape(c))
            for k in range(degree, -1, -1):
                inner = inner * rho + left[m][..., k] * right[2 * n - m][..., k]
            values[n] += math.comb(2 * n, m) * t**m * t2 ** (2 * n - m) * inner
        values[n] /= 2**n * math.factorial(n)
    return values


def _derivative_coefficients(sigma, highest, degree, variance):
    """E[σ^(m)(√q z) h_k(z)] = √((k+m)!/k!) q^{−m/2} a_{k+m}(q) (Stein), for m ≤ highest: a list of variance.shape +
    (degree + 1,)."""
    unique, back = np.unique(variance, return_inverse=True)
    coefficients = sigma.hermite(degree + highest, unique)
    noise = 1e-15 * np.max(np.abs(coefficients), axis=1, keepdims=True)
    coefficients = np.where(np.abs(coefficients) > noise, coefficients, 0.0)
    k = np.arange(degree + 1)
    return [
        (
            coefficients[:, m : m + degree + 1]
            * np.exp((special.gammaln(k + m + 1) - special.gammaln(k + 1)) / 2)
            * np.maximum(unique[:, None], 1e-35) ** (-m / 2)
        )[back.reshape(np.shape(variance))]
        for m in range(highest + 1)
    ]


def _enough(sigma, order, variance, rho) -> int:
    """The degree at which the Hermite sums have converged to 1e-8 for the largest variance and correlation."""
    for degree in (24, 48, 96, 192, 384):
        top = _derivative_coefficients(sigma, 2 * order, degree, np.array([variance]))
        terms = np.stack([top[m][0] * top[2 * order - m][0] for m in range(2 * order + 1)]) * rho ** np.arange(
            degree + 1
        )
        if np.max(np.abs(terms[:, -6:])) <= 1e-8 * np.max(np.abs(terms)):
            return degree
    raise ArithmeticError(
        f"the Hermite sums of order {order} for {sigma.name} do not converge at variance {variance:.3g} within "
        f"degree 384"
    )


def remainder_norm(activation, *, dim: int, bulk: float = 1.0, spike: float, order: int, sectors: int = 3) -> float:
    """‖T_R‖ on L²(N(0, I)), R = k₁ − (terms up to order): the largest of the first `sectors` sectors; slope order + 1
    in B/d (Theorem 3).

    Args:
        activation, dim, bulk, spike: as in `mercer`.
        order: of the last term taken away.
        sectors: how many sectors are searched.

    Returns:
        the norm ≥ 0, a number.

    Raises:
        ValueError, TypeError, ArithmeticError: as `expansion_terms`.

    Source: paper, Theorem 3; chapter 05, (2).
    """
    sigma, dim, bulk, spike = check_place(activation, dim, bulk, spike)
    order = arguments.integer("order", order, minimum=0, maximum=8)
    sectors = min(arguments.integer("sectors", sectors, minimum=1, maximum=16), 2 if dim == 2 else 16)
    if sigma.homogeneity != 1:
        _check_smooth(sigma)
    t, r, weights = _inputs(sigma, dim, bulk, spike)
    blocks = _blocks(sigma, dim, bulk, spike, order, sectors, t, r) if sigma.homogeneity == 1 else \
        _smooth_blocks(sigma, dim, bulk, spike, order, sectors, t, r)
    root = np.sqrt(weights)
    return max(float(np.max(np.abs(np.linalg.eigvalsh(block * np.multiply.outer(root, root))))) for block in blocks)


def _blocks(sigma, dim, bulk, spike, order, sectors, t, r):
    """The remainder's kernel averaged over ω against P_j, for both parities and each sector j: matrices between the
    nodes."""
    q, ratio = bulk * (t**2 + r**2) / dim, spike / dim
    omega, mass = gauss_gegenbauer(dim - 1, 24)
    blocks = np.zeros((2, sectors, t.size, t.size))
    for w, m in zip(omega, mass, strict=True):
        c = bulk * (np.multiply.outer(t, t) + w * np.multiply.outer(r, r)) / dim
        for sign in (1, -1):                                           # the kernel at x and at −x gives both parities
            terms = taylor(sigma, order, q[:, None], q, sign * c, t[:, None], sign * t)
            variance = q + ratio * t**2
            exact = sigma.dual(variance[:, None], variance, sign * (c + ratio * np.multiply.outer(t, t)))
            rest = m * (exact - np.tensordot(ratio ** np.arange(order + 1.0), terms, axes=1)) / 2
            for j in range(sectors):
                blocks[0, j] += float(gegenbauer(dim - 1, j, w)) * rest
                blocks[1, j] += float(gegenbauer(dim - 1, j, w)) * sign * rest
    return blocks.reshape(-1, t.size, t.size)


def _smooth_blocks(sigma, dim, bulk, spike, order, sectors, t, r):
    """The same from Hermite sums: ρ^k averaged over ω once for each k, everything else is of low rank."""
    q, ratio = bulk * (t**2 + r**2) / dim, spike / dim
    variance = q + ratio * t**2
    degree = _enough(sigma, order, variance.max(), 1.0)
    exact, derivatives = sigma.hermite(degree, variance), _derivative_coefficients(sigma, 2 * order, degree, q)
    omega, mass = gauss_gegenbauer(dim - 1, 32)
    shape = mass * np.stack([gegenbauer(dim - 1, j, omega) for j in range(sectors)])
    along, across = np.multiply.outer(t, t)[..., None], np.multiply.outer(r, r)[..., None] * omega
    before = bulk * (along + across) / (dim * np.sqrt(np.multiply.outer(q, q)))[..., None]
    after = (bulk * (along + across) + spike * along) / (dim * np.sqrt(np.multiply.outer(variance, variance)))[
        ..., None
    ]
    powers = np.ones_like(before), np.ones_like(after)
    blocks = np.zeros((2, sectors, t.size, t.size))
    for k in range(degree + 1):
        old, new = (np.moveaxis(power @ shape.T, -1, 0) for power in powers)
        blocks[k % 2] += new * np.multiply.outer(exact[:, k], exact[:, k])
        for n in range(order + 1):
            for m in range(2 * n + 1):
                left, right = t**m * derivatives[m][:, k], t ** (2 * n - m) * derivatives[2 * n - m][:, k]
                size = math.comb(2 * n, m) * ratio**n / (2**n * math.factorial(n))
                blocks[(k + m) % 2] -= size * old * np.multiply.outer(left, right)
        np.multiply(powers[0], before, out=powers[0])
        np.multiply(powers[1], after, out=powers[1])
    return blocks.reshape(-1, t.size, t.size)


def _inputs(sigma, dim, bulk, spike):
    """(t, r, weights) of half the plane of t and r; one radius is enough for a homogeneous σ."""
    if sigma.homogeneity is not None:
        tau, weights = gauss_angle(dim, coarse(1 + spike / bulk), _ANGLES)
        radius = mean_power(dim, 2 * sigma.homogeneity) ** (0.5 / sigma.homogeneity) if sigma.homogeneity else 1.0
        return radius * tau, radius * np.sqrt((1 - tau) * (1 + tau)), weights
    t, along = gauss(1, coarse(math.sqrt(dim * bulk / (bulk + spike))), _NODES)
    r, across = gauss(dim - 1, coarse(math.sqrt(dim)), _RADII[0] + int(_RADII[1] / math.sqrt(dim)))
    t, r, weights = np.broadcast_arrays(t[:, None], r, np.multiply.outer(along, across))
    return t.ravel(), r.ravel(), weights.ravel()
