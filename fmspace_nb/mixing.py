"""Mode mixing: the top radial mode R leans towards the target-aligned quadratic harmonic Q (MATH.md §6).

Ψ, the top even eigenfunction of T₁, is cos φ·R + sin φ·Q + rest; R and Q are the top zonal eigenfunctions of degree 0 and 2 at B = 0.
An odd σ has no even modes: there the linear mode mixes with the aligned cubic one, and `modes` says so.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from fmspace_nb import arguments
from fmspace_nb.activations import Activation, activation as _activation
from fmspace_nb.numerics.harmonics import multiplicity
from fmspace_nb.numerics.quadrature import graded_half_line, polar_radius
from fmspace_nb.spectrum.levels import Levels
from fmspace_nb.spectrum.mercer import check_place
from fmspace_nb.spectrum.reduction import Reduction


@dataclass(frozen=True)
class ModeMixing:
    """How far the top eigenfunction Ψ has turned from R towards Q. Angles in radians.

    angle = atan2(⟨Ψ,Q⟩, ⟨Ψ,R⟩); radial = ⟨Ψ,R⟩, quadratic = ⟨Ψ,Q⟩ (of the modes named in `modes`); residual = 1 − ⟨Ψ,R⟩² − ⟨Ψ,Q⟩²;
    eigenvalue: of Ψ, exact. first_order: angle of R + τQ, Theorem 5 (as printed for relu; for other σ without jumps exact at B → 0),
    with first_order_eigenvalue λ̃. matrix: T₁ restricted to span{R, Q}; two_by_two: its angle; matrix_eigenvalues: descending.
    small_spike: the law φ ≈ (B/d)·E σ''/(√2 E σ) for B/d → 0 after d → ∞. saturation: the angle for B → ∞ at this dim (None if σ has
    no power-law growth). limit: the exact angle for d → ∞ at this B/d.
    """

    angle: float
    radial: float
    quadratic: float
    residual: float
    eigenvalue: float
    first_order: float
    first_order_eigenvalue: float
    matrix: np.ndarray
    two_by_two: float
    matrix_eigenvalues: np.ndarray
    small_spike: float
    saturation: float | None
    modes: tuple[str, str]
    place: tuple[Activation, float, float]

    @functools.cached_property
    def limit(self) -> float:
        sigma, bulk, ratio = self.place
        return limit_mixing(sigma, ratio=ratio, bulk=bulk)


def mode_mixing(activation, *, dim: int, bulk: float = 1.0, spike: float = 0.0) -> ModeMixing:
    """The mixing of R and Q in T₁, exact beside its approximations; arguments as for `mercer`."""
    return _mode_mixing(*check_place(activation, dim, bulk, spike))


@functools.lru_cache(maxsize=256)
def _mode_mixing(sigma, dim, bulk, spike) -> ModeMixing:
    parity = int(sigma.parity == -1)
    levels = Levels(sigma, dim, bulk)
    reduction = Reduction(sigma, dim, bulk, spike)
    block, (t, r, weights) = reduction.solve_one(parity, modes=16)
    pure = np.stack([levels.zonal(parity)(t, r), levels.zonal(parity + 2)(t, r)])
    overlaps = block.function(t, r) @ (weights * pure).T                     # ⟨ψ_i, R⟩, ⟨ψ_i, Q⟩
    matrix = (overlaps.T * block.values) @ overlaps
    values, vectors = np.linalg.eigh(matrix)
    values.flags.writeable = False
    radial, quadratic = overlaps[0] * (1 if overlaps[0, 0] >= 0 else -1)
    first, first_value = _first_order(sigma, levels, dim, spike, parity)
    matrix.flags.writeable = False                                           # it stays in the cache
    return ModeMixing(
        angle=_angle(radial, quadratic), radial=float(radial), quadratic=float(quadratic),
        residual=float(max(0.0, 1 - radial**2 - quadratic**2)), eigenvalue=float(block.values[0]),
        first_order=first, first_order_eigenvalue=first_value, matrix=matrix, two_by_two=_angle(*vectors[:, 1]),
        matrix_eigenvalues=values[::-1], small_spike=small_spike_slope(sigma, bulk=bulk) * spike / dim,
        saturation=saturation(sigma, dim=dim, bulk=bulk), modes=("linear", "cubic") if parity else ("radial", "quadratic"),
        place=(sigma, bulk, spike / dim))


def _angle(radial: float, quadratic: float) -> float:
    """The angle of a direction up to sign: in (−π/2, π/2]."""
    if radial < 0 or (radial == 0 and quadratic < 0):
        radial, quadratic = -radial, -quadratic
    return float(np.arctan2(quadratic, radial))


def _first_order(sigma, levels, dim, spike, parity) -> tuple[float, float]:
    first, second, straight, across = levels.coupling(parity)
    if sigma.name == "relu":                                                 # Theorem 5, as printed
        straight, across = 1 / (2 * np.pi * dim), np.sqrt((2 * dim - 2) / (dim + 2)) / (4 * np.pi * dim)
    value = first + spike * straight
    return _angle(value - second, spike * across), float(value)


def small_spike_slope(activation, *, bulk: float = 1.0) -> float:
    """dφ/d(B/d) at 0 as d → ∞: E σ''(√A z)/(√2 E σ(√A z)), p/(√2 A) if homogeneous; odd σ: √(3/2) E σ'''/E σ'."""
    sigma = _activation(activation)
    bulk = arguments.real("bulk", bulk, minimum=0.1, maximum=10.0)
    parity = int(sigma.parity == -1)
    a = sigma.hermite(parity + 2, bulk)                                      # Stein: E σ^(k)(√A z) = √k! A^{−k/2} a_k
    if abs(a[parity]) < 1e-12 * np.sqrt(sigma.second_moment(bulk)):
        raise ValueError(f"activation must have E σ ≠ 0 (or be odd) for a radial mode, got {sigma.name}")
    return float((3 if parity else 1) * a[parity + 2] / (bulk * a[parity]))


def saturation(activation, *, dim: int, bulk: float = 1.0) -> float | None:
    """The mixing angle as B → ∞: there Ψ → |t|^p (odd σ: sign(t)|t|^p), σ growing like a power p; None if it grows like none.

    For homogeneous σ tan φ_∞ = √((d−1)(d+2)/2)·p/(d+p), for all others p/√2 as d → ∞; odd σ: √(N(d,3)/N(d,1))·(p−1)/(d+p+1).
    """
    sigma, dim, bulk, _ = check_place(activation, dim, bulk, 0.0)
    parity = int(sigma.parity == -1)
    power = sigma.homogeneity if sigma.homogeneity is not None else _growth(sigma, parity)
    if power is None:
        return None
    ratio = np.sqrt(multiplicity(dim, parity + 2) / multiplicity(dim, parity)) * (power - parity) / (dim + power + parity)
    if sigma.homogeneity is None and ratio:                                  # R and Q have radial factors of their own
        levels, (radius, weights, _) = Levels(sigma, dim, bulk), polar_radius(dim, 40, 1.0)
        radial, quadratic = (weights * radius**power @ levels.radial(parity + step)(radius) for step in (0, 2))
        ratio *= quadratic / radial
    return float(np.arctan(ratio))


def _growth(sigma: Activation, parity: int) -> float | None:
    """The power p with which the even (odd) half of σ grows, or None."""
    u = 2.0 ** np.arange(12, 19)
    half = sigma(u) + (1 - 2 * parity) * sigma(-u)
    if np.any(half[1:] * half[:-1] <= 0):
        return None
    power = np.log2(half[1:] / half[:-1])
    return float(np.round(power[-1], 2)) if np.ptp(power[-3:]) < 5e-3 else None


def limit_spectrum(activation, *, ratio: float, bulk: float = 1.0, modes: int = 8):
    """d → ∞ at fixed ratio = B/d: the leading spectrum becomes that of k_∞(t,t') = E_g[Φ(gt)Φ(gt')] on L²(N(0,1)).

    Φ(a) = E σ(√A z + √ratio a). Returns eigenvalues (n,), descending, even and odd modes merged, and functions: t -> (n,) + shape.
    """
    sigma = _activation(activation)
    ratio = arguments.real("ratio", ratio, minimum=0.0, maximum=1e3)
    bulk = arguments.real("bulk", bulk, minimum=0.1, maximum=10.0)
    modes = arguments.integer("modes", modes, minimum=1, maximum=64)
    found = [_limit_half(sigma, ratio, bulk, parity, modes) for parity in (0, 1)]
    values = np.concatenate([v for v, _ in found])
    order = np.argsort(-values, kind="stable")[:modes]
    return values[order], lambda t: np.concatenate([f(np.asarray(t, dtype=float)) for _, f in found])[order]


def _limit_half(sigma, ratio, bulk, parity, modes):
    if sigma.parity == 2 * parity - 1:                                       # the other half is all there is
        return np.zeros(0), lambda at: np.zeros((0,) + at.shape)
    t, weights = graded_half_line(64, min(1.0, np.sqrt(max(bulk, 1.0) / max(ratio, 1e-300))))

    def rows(at):
        product = np.sqrt(ratio) * np.multiply.outer(at, t)
        smooth = [sigma.smoothed(sign * product, bulk) for sign in (1, -1)]
        return (smooth[0] + (1 - 2 * parity) * smooth[1]) / 2                # Φ is even or odd on the half-line

    root = np.sqrt(weights)
    values, vectors = np.linalg.eigh(rows(t) * np.multiply.outer(root, root))
    order = np.argsort(-np.abs(values))[:modes]
    order = order[np.abs(values[order]) > 1e-9 * np.max(np.abs(values))] if np.any(values) else order[:0]
    samples = vectors[:, order] * root[:, None] / values[order]
    return values[order] ** 2, lambda at: np.moveaxis(rows(at) @ samples, -1, 0)


def limit_mixing(activation, *, ratio: float, bulk: float = 1.0) -> float:
    """The mixing angle for d → ∞ at fixed ratio = B/d: of the limit kernel's top mode, R → 1, Q → h₂ (odd σ: h₁, h₃)."""
    sigma = _activation(activation)
    ratio = arguments.real("ratio", ratio, minimum=0.0, maximum=1e3)
    bulk = arguments.real("bulk", bulk, minimum=0.1, maximum=10.0)
    parity = int(sigma.parity == -1)
    if ratio == 0:
        return 0.0
    _, function = _limit_half(sigma, ratio, bulk, parity, 1)
    t, weights = graded_half_line(96, min(1.0, np.sqrt(max(bulk, 1.0) / ratio)))
    top = function(t)[0]
    pure = (np.ones_like(t), (t**2 - 1) / np.sqrt(2)) if not parity else (t, (t**3 - 3 * t) / np.sqrt(6))
    return _angle(*(float(np.sum(weights * top * p)) for p in pure))
