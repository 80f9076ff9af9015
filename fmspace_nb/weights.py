"""The spectrum of the weights: Marchenko–Pastur bulk, the outlier of Baik, Ben Arous and Péché, the critical step size.

Everything is about S = (d/m) WᵀW of a weight matrix W (m×d) with rows N(0, (A I + B vvᵀ)/d), and ratio = d/m.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from fmspace_nb import arguments
from fmspace_nb.activations import activation as as_activation
from fmspace_nb.covariance import LARGEST_STEP, StepMoments, typical_conditional
from fmspace_nb.numerics.quadrature import gauss_hermite

_LEVELS = np.geomspace(10, 1e-4, 14)  # heights over the real axis down which the resolvent is followed
_HALF_NORMAL, _HALF_WEIGHTS = (part[16:] for part in gauss_hermite(32))  # ξ² is even in ξ


class Outlier(NamedTuple):
    """Where the top eigenvalue of S sits, ⟨u, v⟩² of its eigenvector with the spike, and whether it left the bulk."""

    eigenvalue: float
    overlap: float
    detached: bool


def sample_covariance(weights) -> np.ndarray:
    """S = (d/m) WᵀW, shape (dim, dim), of weights W, shape (width, dim)."""
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
    """The density of the eigenvalues of S at x when there is no spike; integrates to 1 less the atom at zero.

    Args:
        x: where, any shape.
        ratio: d/m > 0.
        bulk: A > 0.

    Raises:
        ValueError, TypeError: an argument outside these domains.

    Source: Marchenko and Pastur (1967); MATH.md section 2.
    """
    x = arguments.array("x", x)
    low, high = marchenko_pastur_edges(ratio=ratio, bulk=bulk)
    inside = (x > low) & (x < high)
    safe = np.where(inside, x, high)
    return np.where(
        inside, np.sqrt(np.maximum((high - safe) * (safe - low), 0)) / (2 * np.pi * bulk * ratio * safe), 0.0
    )


def readout_scaled_density(x, *, ratio: float, bulk: float) -> np.ndarray:
    """The density of the eigenvalues of S once neuron j's noise is proportional to its readout: variances 1 + (A −
    1)ξ², ξ ~ N(0,1).

    `marchenko_pastur` with the same mean variance A keeps its edges; this law, a scale mixture, has a tail. They agree
    at A = 1. Solves m (−z + E[τ/(1 + γτm)]) = 1 for the resolvent's trace m(z), by Newton's method from far above the
    real axis.

    Args:
        x: where, any shape, > 0.
        ratio: γ = d/m > 0.
        bulk: the mean variance A ≥ 1.

    Raises:
        ValueError, TypeError: an argument outside these domains.

    Source: Marchenko and Pastur (1967) for weighted rows; MATH.md section 8 ("scale mixture").
    """
    x = arguments.array("x", x, minimum=0.0)
    if np.any(x == 0):
        raise ValueError("x must be > 0 everywhere, got 0")
    ratio, bulk = arguments.real("ratio", ratio, above=0.0), arguments.real("bulk", bulk, minimum=1.0)
    scale, weight = 1 + (bulk - 1) * _HALF_NORMAL**2, 2 * _HALF_WEIGHTS
    m = 1j / (x * _LEVELS[0])
    for level in _LEVELS:
        z = x * (1 + 1j * level)
        for _ in range(3):
            share = scale / (1 + ratio * scale * m[..., None])
            mean = share @ weight
            m = m - (m * (mean - z) - 1) / (mean - z - ratio * m * (share**2 @ weight))
    return np.maximum(m.imag, 0.0) / np.pi


def outlier(*, spike: float, ratio: float, bulk: float = 1.0, readout: float | None = None) -> Outlier:
    """The top eigenvalue of S and its eigenvector's squared overlap with the spike, as d → ∞ at fixed ratio γ = d/m.

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

    Raises:
        ValueError, TypeError: an argument outside these domains.

    Source: Baik, Ben Arous and Péché (2005), Paul (2007); MATH.md section 2. With its own variance the readout's row
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

    Raises:
        ValueError, TypeError: an argument outside these domains.

    Source: MATH.md section 2, "the row the spike arrives in".
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

    Raises:
        ValueError, TypeError: an argument outside these domains.

    Source: MATH.md section 2, with ‖β̂‖² at its typical value.
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
