"""The spectrum of the weights: Marchenko–Pastur bulk, the outlier of Baik, Ben Arous and Péché, the critical step size.

Everything is about Σ̂ = (d/m) WᵀW of a weight matrix W (m×d) with rows N(0, (A I + B vvᵀ)/d), and ratio = d/m.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from fmspace_nb import arguments
from fmspace_nb.activations import activation as as_activation
from fmspace_nb.covariance import LARGEST_STEP, StepMoments, typical_conditional
from fmspace_nb.numerics.quadrature import gauss_hermite
from fmspace_nb.remembered import curves
from fmspace_nb.targets import target as as_target

_HIGHEST, _LOWEST = 10, 1e-4  # heights over the real axis between which the resolvent is followed, in units of z
_NEWTON = [1] * 23 + [5]  # steps at each height: only the last has to be exact
_HALF_NORMAL, _HALF_WEIGHTS = (part[16:] for part in gauss_hermite(32))  # ξ² is even in ξ


class Outlier(NamedTuple):
    """Where the top eigenvalue of Σ̂ sits, ⟨u, v⟩² of its eigenvector with the spike, and whether it left the bulk."""

    eigenvalue: float
    overlap: float
    detached: bool


def sample_covariance(weights) -> np.ndarray:
    """Σ̂ = (d/m) WᵀW, shape (dim, dim), of weights W, shape (width, dim)."""
    weights = arguments.array("weights", weights, shape=(None, None))
    return weights.T @ weights * (weights.shape[1] / weights.shape[0])


def marchenko_pastur_edges(*, ratio: float, bulk: float = 1.0) -> tuple[float, float]:
    """The ends A(1 ∓ √ratio)² of the bulk."""
    ratio, bulk = arguments.real("ratio", ratio, above=0.0), arguments.real("bulk", bulk, above=0.0)
    return bulk * (1 - math.sqrt(ratio)) ** 2, bulk * (1 + math.sqrt(ratio)) ** 2


def marchenko_pastur_atom(*, ratio: float) -> float:
    """The mass at zero, 1 − m/d when the matrix is wider than tall (ratio = d/m > 1), else 0."""
    return max(0.0, 1 - 1 / arguments.real("ratio", ratio, above=0.0))


def marchenko_pastur(x, *, ratio: float, bulk: float = 1.0) -> np.ndarray:
    """The density of the eigenvalues of Σ̂ at x when there is no spike; integrates to 1 less the atom at zero.

    Args:
        x: where, any shape.
        ratio: d/m > 0.
        bulk: A > 0.

    Returns:
        the density, of the shape of x.

    Raises:
        ValueError, TypeError: an argument outside these domains.

    Source: Marchenko and Pastur (1967); chapter 03.
    """
    x = arguments.array("x", x)
    low, high = marchenko_pastur_edges(ratio=ratio, bulk=bulk)
    inside = (x > low) & (x < high)
    safe = np.where(inside, x, high)
    return np.where(
        inside, np.sqrt(np.maximum((high - safe) * (safe - low), 0)) / (2 * np.pi * bulk * ratio * safe), 0.0
    )


def bulk_density(x, target, *, ratio: float, bulk: float, sample_ratio: float = math.inf) -> np.ndarray:
    """The density of the eigenvalues of Σ̂'s bulk after a step: the noise of row j has the scale a_j and the shape Ŵ.

    `marchenko_pastur` with the same mean variance A_c keeps its edges; this law has a tail, longer where the labels
    have heavy tails and samples are few. With u ~ N(0,1) (u_j = √m a_j), c = A_c − 1, y the labels, τ = y²/E y² it
    solves

        p = 1/(a + b h),   q = p h,   a = −z + E_u[1/D],   b = c E_u[u²/D],   D = 1 + γ(p + c u² q),
        h = E_τ[τ/(1 + τ b p/α)],

    p the trace of the resolvent (Σ̂ − z)⁻¹ over d, q that of Ŵ times it, by Newton's method from far above the axis.
    As α → ∞ the noise is round: h = 1, rows scaled by their readouts alone.

    Args:
        x: where, any shape, > 0.
        target: the target g, whose labels give τ.
        ratio: γ = d/m > 0.
        bulk: the mean variance A_c ≥ 1.
        sample_ratio: α = n/d > 0, infinite by default.

    Returns:
        the density, of the shape of x.

    Raises:
        ValueError, TypeError: an argument outside these domains.

    Source: chapter 08, "the bulk is no longer Gaussian"; Marchenko and Pastur (1967) for weighted rows.
    """
    x = arguments.array("x", x, minimum=0.0)
    if np.any(x == 0):
        raise ValueError("x must be > 0 everywhere, got 0")
    ratio, bulk = arguments.real("ratio", ratio, above=0.0), arguments.real("bulk", bulk, minimum=1.0)
    if sample_ratio != math.inf:
        sample_ratio = arguments.real("sample_ratio", sample_ratio, above=0.0)
    tau, law = _label_powers(as_target(target))
    squares, weight, excess = _HALF_NORMAL**2, 2 * _HALF_WEIGHTS, bulk - 1
    heights = np.geomspace(_HIGHEST * (x + bulk * (1 + ratio)), _LOWEST * x, len(_NEWTON))
    p = q = -1 / (x + 1j * heights[0])                                  # nearly, so far above all eigenvalues
    for z in x + 1j * np.repeat(heights, _NEWTON, axis=0):
        inverse = 1 / (1 + ratio * (p[..., None] + excess * squares * q[..., None]))  # 1/D, x.shape + (u,)
        square = inverse**2
        first, second, fourth = (square @ (squares**k * weight) for k in (0, 1, 2))
        a, b = -z + inverse @ weight, excess * (inverse @ (squares * weight))
        a_p, a_q, b_q = -ratio * first, -ratio * excess * second, -ratio * excess**2 * fourth  # b_p = a_q
        share = 1 / (1 + (b * p / sample_ratio)[..., None] * tau)
        h, slope = share @ (tau * law), -(share**2 @ (tau**2 * law)) / sample_ratio
        h_p, h_q = slope * (b + p * a_q), slope * p * b_q
        one, two = p * (a + b * h) - 1, q - p * h
        one_p, one_q = a + b * h + p * (a_p + h * a_q + b * h_p), p * (a_q + h * b_q + b * h_q)
        two_p, two_q = -h - p * h_p, 1 - p * h_q
        size = one_p * two_q - one_q * two_p
        p, q = p - (one * two_q - one_q * two) / size, q - (one_p * two - two_p * one) / size
    return np.maximum(p.imag, 0.0) / np.pi


@curves
def _label_powers(target) -> tuple[np.ndarray, np.ndarray]:
    """y²/E y² at the nodes of a Gauss rule, and their weights; noise on the labels by a rule of its own."""
    z, weights = gauss_hermite(32)
    y, law = target.link(z), weights
    if target.noise:
        e, more = gauss_hermite(12)
        y, law = (y[:, None] + target.noise * e).ravel(), np.multiply.outer(weights, more).ravel()
    return y**2 / (law @ y**2), law


def outlier(*, spike: float, ratio: float, bulk: float = 1.0, readout: float | None = None) -> Outlier:
    """The top eigenvalue of Σ̂ and its eigenvector's squared overlap with the spike, as d → ∞ at fixed ratio γ = d/m.

    With δ = B/A it detaches iff δ > √γ; then it sits at A(1 + δ)(1 + γ/δ) with overlap (1 − γ/δ²)/(1 + γ/δ); otherwise
    at the bulk's edge, with overlap 0.

    In a real step the weights' combination along the readout, in which the spike arrives, need not have the variance A
    of the others (see `readout_variance`). With θ = (B + γ·readout)/A: detached iff θ > γ + √γ, at Aθ(1 + 1/(θ − γ)),
    with overlap (δ/θ)(1 − γ/(θ − γ)²); readout = A is the law above.

    Args:
        spike: B ≥ 0.
        ratio: d/m > 0.
        bulk: A > 0.
        readout: variance ≥ 0 of the weights along the readout; A unless given.

    Returns:
        an Outlier: the eigenvalue, the squared overlap, and whether it has left the bulk.

    Raises:
        ValueError, TypeError: an argument outside these domains.

    Source: Baik, Ben Arous and Péché (2005), Paul (2007); chapter 03, (2). With its own variance the readout's row
    is a rank-one addition to a Marchenko–Pastur matrix, whose R-transform is 1/(1 − γz).
    """
    spike, edge = arguments.real("spike", spike, minimum=0.0), marchenko_pastur_edges(ratio=ratio, bulk=bulk)[1]
    readout = bulk if readout is None else arguments.real("readout", readout, minimum=0.0)
    theta = (spike + ratio * readout) / bulk
    above = theta - ratio
    if above <= math.sqrt(ratio):
        return Outlier(edge, 0.0, False)
    return Outlier(bulk * theta * (1 + 1 / above), spike / (bulk * theta) * (1 - ratio / above**2), True)


def readout_variance(activation, target, *, dim: int, width: int, samples: int, step_size: float) -> float:
    """V, the variance after a step of √d times the weights along the readout a.

    V = (1 − ημ_σ²/m)² + (ημ_σ/m)² E[σ²]/α + 3(A_c − 1)(1 + β(E σ''')²/(6 Var σ')).

    First: the residual holds f(x), so that the step takes from W₀ its part along a. Second: of f's own output over the
    batch the part that does not lie along W₀ᵀa is noise. Third: neuron j's share of the gradient noise is proportional
    to a_j, and E a⁴ = 3 (E a²)²; the He₂ part of σ' adds one vector that all neurons share.

    Args:
        activation, target: names or objects.
        dim, width, samples: d, m, n ≥ 1.
        step_size: η ≥ 0.

    Returns:
        V ≥ 0, a number.

    Raises:
        ValueError, TypeError: an argument outside these domains.

    Source: chapter 03, the formula of V.
    """
    dim, width, samples = (arguments.integer(*size) for size in (("dim", dim), ("width", width), ("samples", samples)))
    step_size = arguments.real("step_size", step_size, minimum=0.0, maximum=LARGEST_STEP)
    shrink, square = _readout_growth(activation, target, dim, width, samples)
    return (1 - step_size * shrink) ** 2 + step_size**2 * square


def _readout_growth(activation, target, dim, width, samples) -> tuple[float, float]:
    """(s, q) of V = (1 − s η)² + q η²."""
    sigma, moments = as_activation(activation), StepMoments.of(activation, target)
    third = math.sqrt(6) * float(sigma.hermite(3)[3])                         # E σ''' (Stein)
    noise = max(moments.gain_square - moments.gain**2, 0.0) + width / dim * third**2 / 6
    output = (moments.gain / width) ** 2 * float(sigma.second_moment(1.0)) * dim / samples
    return moments.gain**2 / width, output + 3 * dim / (samples * width**2) * moments.label_power * noise


def real_outlier(activation, target, *, dim: int, width: int, samples: int, step_size: float) -> Outlier:
    """`outlier` as one real step on typical data has it: its A_c, B_c and readout variance (arguments as there)."""
    sizes = {"dim": dim, "width": width, "samples": samples, "step_size": step_size}
    covariance = typical_conditional(activation, target, **sizes)
    readout = readout_variance(activation, target, **sizes)
    return outlier(spike=covariance.spike, bulk=covariance.bulk, ratio=dim / width, readout=readout)


def critical_step_size(activation, target, *, dim: int, width: int, samples: int) -> float:
    """η_c, the step size from which the spike shows in the weights; infinite when it never does.

    The η at which `real_outlier` detaches: at leading order B_c = √(d/m), that is η_c = √d β^{3/4} / (μ_σ ‖β̂‖).

    Args:
        activation, target: names or objects.
        dim, width, samples: d, m, n ≥ 1.

    Returns:
        η_c ≥ 0, a number.

    Raises:
        ValueError, TypeError: an argument outside these domains.

    Source: chapter 03, (3), with ‖β̂‖² at its typical value.
    """
    unit = typical_conditional(activation, target, dim=dim, width=width, samples=samples, step_size=1.0)
    growth, ratio = unit.bulk - 1, dim / width
    shrink, more = _readout_growth(activation, target, dim, width, samples)
    # B_c + γ·readout = (γ + √γ) A_c, a quadratic in η: every term is 1, η or η²
    square = unit.spike + ratio * (shrink**2 + more) - (ratio + math.sqrt(ratio)) * growth
    moments = StepMoments.of(activation, target)
    if moments.gain**2 <= 1e-12 * moments.gain_square or square <= 0:          # E σ' = 0 but for rounding
        return math.inf
    linear, constant = 2 * ratio * shrink, math.sqrt(ratio)
    return float((linear + math.sqrt(linear**2 + 4 * square * constant)) / (2 * square))
