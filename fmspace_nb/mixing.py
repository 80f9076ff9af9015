"""Mode mixing: the top radial mode R leans towards the target-aligned quadratic harmonic Q (chapter 06).

Ψ, the top even eigenfunction of T₁, is cos φ·R + sin φ·Q + rest; R and Q are the top zonal eigenfunctions of degree 0
and 2 at B = 0.
An odd σ has no even modes: there the linear mode mixes with the aligned cubic one, and `modes` says so.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from fmspace_nb import arguments
from fmspace_nb.activations import Activation, activation as _activation
from fmspace_nb.covariance import SpikedCovariance
from fmspace_nb.numerics.harmonics import mean_power, multiplicity, zonal
from fmspace_nb.numerics.logvariance import REACH, gauss
from fmspace_nb.numerics.panels import composite
from fmspace_nb.remembered import curves
from fmspace_nb.spectrum.mercer import check_place
from fmspace_nb.spectrum.solve import solve

FORMS = ("exact", "printed")
# of the difference quotient, in B/(Ad), in which T₁ is analytic, and in B/A: A + B stays positive
RADIAL = 48                          # degree of the polynomial in asinh(‖x‖/scale) that holds a radial factor
STEP, LARGEST_STEP = 1e-5, 0.3


@dataclass(frozen=True)
class ModeMixing:
    """How far the top eigenfunction Ψ has turned from R towards Q. Angles in radians.

    angle = atan2(⟨Ψ,Q⟩, ⟨Ψ,R⟩); radial = ⟨Ψ,R⟩, quadratic = ⟨Ψ,Q⟩ (of the modes named in `modes`); residual = 1 −
    ⟨Ψ,R⟩² − ⟨Ψ,Q⟩²;
    eigenvalue: of Ψ, exact. first_order: the angle of R + τQ to first order in B, with first_order_eigenvalue λ̃.
    two_by_two: the angle of T₁ restricted to span{R, Q}. saturation: the angle for B → ∞ at this dim (None if σ has no
    power-law growth).
    """

    angle: float
    radial: float
    quadratic: float
    residual: float
    eigenvalue: float
    first_order: float
    first_order_eigenvalue: float
    two_by_two: float
    saturation: float | None
    modes: tuple[str, str]


def mode_mixing(activation, *, dim: int | None = None, bulk: float = 1.0, spike: float = 0.0,
                covariance: SpikedCovariance | None = None, form: str = "exact") -> ModeMixing:
    """The mixing of R and Q in T₁, exact beside its approximations.

    Args:
        activation, dim, bulk, spike, covariance: as for `mercer`.
        form: of the first order: "exact" as B → 0, or "printed", Theorem 5 as the paper prints it for ReLU, the limit
            of many dimensions (for σ = even·|z| + odd·z only).

    Returns:
        a ModeMixing: the exact angle, the first order, two modes and saturation, in radians.

    Raises:
        ValueError, TypeError, ArithmeticError: as for `mercer`; ValueError for a σ without a radial (odd σ: a linear)
            mode, or without a printed form.

    Source: paper, Theorem 5; chapter 06, (1) and (2).
    """
    return _mode_mixing(*check_place(activation, dim, bulk, spike, covariance), arguments.choice("form", form, FORMS))


@curves
def _mode_mixing(sigma, dim, bulk, spike, form) -> ModeMixing:
    small_spike_slope(sigma)                                                 # refuses a σ without a radial mode
    parity = int(sigma.parity == -1)
    modes, solver = _solved(sigma, dim, bulk, spike, parity)
    pair = solver.coefficients(pure_modes(sigma, dim, bulk, parity))              # R and Q in the solver's basis
    radial, quadratic = pair @ modes.vectors[0] * np.copysign(1.0, pair[0] @ modes.vectors[0])
    image = solver.image(pair)
    _, vectors = np.linalg.eigh(image @ image.T)                             # of T₁ restricted to span{R, Q}
    first, first_value = _first_order(sigma, dim, bulk, spike, parity, form)
    return ModeMixing(
        angle=_angle(radial, quadratic),
        radial=float(radial),
        quadratic=float(quadratic),
        residual=float(max(0.0, 1 - radial**2 - quadratic**2)),
        eigenvalue=float(modes.values[0]),
        first_order=first,
        first_order_eigenvalue=first_value,
        two_by_two=_angle(*vectors[:, 1]),
        saturation=saturation(sigma, dim=dim, bulk=bulk),
        modes=("linear", "cubic") if parity else ("radial", "quadratic"),
    )


def top_mode(activation, covariance: SpikedCovariance):
    """Ψ of `mode_mixing`, a function of t = ⟨x, w*⟩ and r ≥ 0, the length across it; positive far along w*."""
    sigma, *place = check_place(activation, None, 1.0, 0.0, covariance)
    function = _solved(sigma, *place, int(sigma.parity == -1))[0].function
    return lambda t, r: function(t, r)[0]


@curves
def _solved(sigma, dim, bulk, spike, parity):
    """(modes of one parity in sector 0, their solver)."""
    ((modes, _),), solver = solve(sigma, parity, dim=dim, bulk=bulk, spike=spike)
    return modes, solver


def _angle(radial: float, quadratic: float) -> float:
    """The angle of a direction up to sign: in (−π/2, π/2]."""
    if radial < 0 or (radial == 0 and quadratic < 0):
        radial, quadratic = -radial, -quadratic
    return float(np.arctan2(quadratic, radial))


@curves
def _isotropic(sigma: Activation, dim: int, bulk: float, parity: int):
    """([(modes, errors)] of the sectors up to degree parity + 2, their solver) at B = 0."""
    sectors = 2 if dim == 2 else parity + 3
    return solve(sigma, parity, dim=dim, bulk=bulk, spike=0.0, sectors=sectors if sigma.homogeneity is None else 1)


@curves
def pure_modes(sigma: Activation, dim: int, bulk: float, parity: int):
    """R and Q, the top zonal modes of degree parity and parity + 2 at B = 0, positive along w*: (t, r) -> (2,) + shape.

    One radial factor times the zonal harmonic of the degree.
    """
    degrees = (parity, parity + 2)
    radial = [_radial_factor(sigma, dim, bulk, degree) for degree in degrees]

    def modes(t, r):
        radius = np.hypot(t, r)
        away = np.where(radius > 0, radius, 1.0)
        harmonics = zonal(dim, 0, degrees[1], t / away, np.where(radius > 0, r / away, 1.0))
        return np.stack([factor(radius) * harmonics[degree] for factor, degree in zip(radial, degrees, strict=True)])
    return modes


def _radial_factor(sigma: Activation, dim: int, bulk: float, degree: int):
    """The factor ρ(‖x‖) of the top modes of a degree at B = 0, E ρ² = 1; all harmonics of the degree share it.

    It is read off the sector of that degree, where the mode has no leg and is the first. (Two dimensions have sectors 0
    and 1 alone.)
    """
    if sigma.homogeneity is not None:
        return lambda radius: radius**sigma.homogeneity / np.sqrt(mean_power(dim, 2 * sigma.homogeneity))
    found, solver = _isotropic(sigma, dim, bulk, degree % 2)
    sector = min(degree, 1) if dim == 2 else degree
    modes, row, tau, harmonic = found[sector][0], 0, 0.0, zonal(dim, sector, degree, 0.0, 1.0)[-1]
    if sector < degree:                                                      # not the first there, and 0 where τ = 0
        labels = solver.labels(sector, modes)
        row = next(i for i, label in enumerate(labels) if label.degree == degree and not label.radial)
        tau = np.sqrt(0.5)
        harmonic = zonal(dim, sector, degree, tau, tau)[-1]
    across, scale = np.sqrt(1 - tau**2), solver.scale_r
    ends = np.arcsinh(np.array([max(0.0, np.sqrt(dim) - 2 * REACH), np.sqrt(dim) + 2 * REACH]) / scale)

    def factor(u):
        radius = scale * np.sinh(u)
        return modes.function(tau * radius, across * radius)[row] / harmonic
    polynomial = np.polynomial.Chebyshev.interpolate(factor, RADIAL, domain=ends)
    return lambda radius: polynomial(np.arcsinh(radius / scale))


@curves
def _coupling(sigma, dim, bulk, parity) -> tuple[np.ndarray, np.ndarray]:
    """⟨·, T₁ ·⟩ on R, Q at B = 0 and its slope in B, both (2, 2): a difference quotient on the nodes of B = 0."""
    _, solver = _isotropic(sigma, dim, bulk, parity)
    pair = solver.coefficients(pure_modes(sigma, dim, bulk, parity))
    step = bulk * min(LARGEST_STEP, STEP * dim)
    images = [solver.at_spike(spike).image(pair) for spike in (-step, 0.0, step)]
    below, here, above = (image @ image.T for image in images)
    return here, (above - below) / (2 * step)


def _first_order(sigma, dim, bulk, spike, parity, form) -> tuple[float, float]:
    """The angle and the eigenvalue λ̃ to first order in B."""
    here, slope = _coupling(sigma, dim, bulk, parity)
    straight, across = slope[0]
    if form == "printed":
        if sigma.homogeneity != 1 or not sigma.halves[0]:
            raise ValueError(
                f"form must be 'exact' for a σ that is not even·|z| + odd·z, got 'printed' for {sigma.name}"
            )
        size = (2 * sigma.halves[0]) ** 2                                    # of T₁'s even half, in units of ReLU's
        straight, across = size / (2 * np.pi * dim), size * np.sqrt((2 * dim - 2) / (dim + 2)) / (4 * np.pi * dim)
    value = here[0, 0] + spike * straight
    return _angle(value - here[1, 1], spike * across), float(value)


def small_spike_slope(activation, *, bulk: float = 1.0) -> float:
    """dφ/d(B/d) at 0 as d → ∞: E σ''(√A z)/(√2 E σ(√A z)), p/(√2 A) if homogeneous; odd σ: √(3/2) E σ'''/E σ'.

    Args:
        activation, bulk: as in `mode_mixing`.

    Returns:
        the slope, in radians.

    Raises:
        ValueError, TypeError: a bulk outside [0.1, 10], or a σ with E σ = 0 that is not odd.

    Source: chapter 06, its third way to the angle.
    """
    sigma = _activation(activation)
    bulk = arguments.real("bulk", bulk, minimum=0.1, maximum=10.0)
    parity = int(sigma.parity == -1)
    a = sigma.hermite(parity + 2, bulk)                                      # Stein: E σ^(k)(√A z) = √k! A^{−k/2} a_k
    if abs(a[parity]) < 1e-12 * np.sqrt(sigma.second_moment(bulk)):
        raise ValueError(f"activation must have E σ ≠ 0 (or be odd) for a radial mode, got {sigma.name}")
    return float((3 if parity else 1) * a[parity + 2] / (bulk * a[parity]))


@functools.lru_cache(maxsize=64)
def saturation(activation, *, dim: int, bulk: float = 1.0) -> float | None:
    """The mixing angle as B → ∞: there Ψ → |t|^p (odd σ: sign(t)|t|^p), σ growing like a power p; None if it grows
    like none.

    For homogeneous σ tan φ_∞ = √((d−1)(d+2)/2)·p/(d+p), for all others p/√2 as d → ∞; odd σ:
    √(N(d,3)/N(d,1))·(p−1)/(d+p+1).

    Args:
        activation, dim, bulk: as in `mode_mixing`.

    Returns:
        the angle, in radians; None if σ grows like no power.

    Raises:
        ValueError, TypeError: as `mode_mixing`.

    Source: chapter 06, (3).
    """
    sigma, dim, bulk, _ = check_place(activation, dim, bulk, 0.0)
    parity = int(sigma.parity == -1)
    power = sigma.homogeneity if sigma.homogeneity is not None else growth(sigma, parity)
    if power is None:
        return None
    if sigma.homogeneity is not None:
        harmonics = np.sqrt(multiplicity(dim, parity + 2) / multiplicity(dim, parity))
        return float(np.arctan(harmonics * (power - parity) / (dim + power + parity)))
    t, weights = composite(np.linspace(0.0, REACH, 21))                      # on half the line, by symmetry
    r, across = gauss(dim - 1, np.sqrt(dim), 16)
    pure = pure_modes(sigma, dim, bulk, parity)(t[:, None], r)               # (2, t, r)
    return _angle(*(pure @ across @ (weights * np.exp(-t**2 / 2) * t**power)))


def growth(sigma: Activation, parity: int) -> float | None:
    """The power p with which the even (odd) half of σ grows, or None."""
    u = 2.0 ** np.arange(12, 19)
    half = sigma(u) + (1 - 2 * parity) * sigma(-u)
    if np.any(half[1:] * half[:-1] <= 0):
        return None
    power = np.log2(half[1:] / half[:-1])
    return float(np.round(power[-1], 2)) if np.ptp(power[-3:]) < 5e-3 else None
