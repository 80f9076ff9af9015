"""The spectrum of the weights: Marchenko–Pastur bulk, the outlier of Baik, Ben Arous and Péché, the critical step size.

Everything is about S = (d/m) WᵀW of a weight matrix W (m×d) with rows N(0, (A I + B vvᵀ)/d), and ratio = d/m.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq

from fmspace_nb import arguments
from fmspace_nb.activations import activation as as_activation
from fmspace_nb.covariance import typical_conditional


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
    return np.where(inside, np.sqrt(np.maximum((high - safe) * (safe - low), 0)) / (2 * np.pi * bulk * ratio * safe), 0.0)


def outlier(*, spike: float, ratio: float, bulk: float = 1.0, retained: float = 1.0) -> Outlier:
    """The top eigenvalue of S and its eigenvector's squared overlap with the spike, as d → ∞ at fixed ratio φ = d/m.

    With δ = B/A it detaches iff δ > √φ; then it sits at A(1 + δ)(1 + φ/δ) with overlap (1 − φ/δ²)/(1 + φ/δ); otherwise at
    the bulk's edge, with overlap 0.

    A real step also takes the network's own output out of the residual, and with it shrinks the one component of W₀ along
    the readout, to the share `retained` (see `retained_share`): the spike then competes with φ·retained² instead of φ.
    With θ = δ + φ retained²: detached iff θ > φ + √φ, at A(θ + θ/(θ − φ)), overlap (δ/θ)(1 − φ/(θ − φ)²).

    Args:
        spike: B ≥ 0.
        ratio: d/m > 0.
        bulk: A > 0.
        retained: the share left of the weights' component along the readout, any sign; 1 is the pure spiked model.

    Raises:
        ValueError, TypeError: an argument outside these domains.

    Source: Baik, Ben Arous and Péché (2005), Paul (2007); MATH.md section 2. The retained share: the readout's row of W is
    independent of the others, a rank-one addition to a Marchenko–Pastur matrix with R-transform 1/(1 − φz).
    """
    spike, retained = arguments.real("spike", spike, minimum=0.0), arguments.real("retained", retained)
    edge = marchenko_pastur_edges(ratio=ratio, bulk=bulk)[1]
    delta = spike / bulk
    theta = delta + ratio * retained**2
    above = theta - ratio
    if above <= math.sqrt(ratio):
        return Outlier(edge, 0.0, False)
    return Outlier(bulk * theta * (1 + 1 / above), delta / theta * (1 - ratio / above**2), True)


def retained_share(activation, *, width: int, step_size: float) -> float:
    """1 − η μ_σ²/m: what a step leaves of the weights' component along the readout, since f(x) ≈ μ_σ ⟨W₀ᵀa, x⟩/√m + ….

    Args:
        activation: a name, a callable or an Activation.
        width: m ≥ 1.
        step_size: η ≥ 0.

    Source: the −f part of the gradient, MATH.md section 1; it vanishes like 1/√d at η ~ √d.
    """
    width = arguments.integer("width", width)
    gain = as_activation(activation).hermite(1)[1]
    return 1 - arguments.real("step_size", step_size, minimum=0.0) * gain**2 / width


def critical_step_size(activation, target, *, dim: int, width: int, samples: int) -> float:
    """η_c, the step size from which the spike shows in the weights; infinite when it never does.

    Solves the threshold of `outlier` with the covariance and the retained share of that very step. At leading order this is
    B_c = √(d/m), that is η_c = √d β^{3/4} / (μ_σ ‖β̂‖).

    Args:
        activation, target: names or objects.
        dim, width, samples: d, m, n ≥ 1.

    Raises:
        ValueError, TypeError: an argument outside these domains.

    Source: MATH.md section 2, with ‖β̂‖² at its typical value.
    """
    unit = typical_conditional(activation, target, dim=dim, width=width, samples=samples, step_size=1.0)
    growth, shrink, ratio = unit.bulk - 1, 1 - retained_share(activation, width=width, step_size=1.0), dim / width

    def excess(step):
        delta = unit.spike * step**2 / (1 + growth * step**2)
        return delta + ratio * (1 - shrink * step) ** 2 - ratio - math.sqrt(ratio)

    if unit.spike - math.sqrt(ratio) * growth <= 0:
        return math.inf
    high = math.sqrt(math.sqrt(ratio) / (unit.spike - math.sqrt(ratio) * growth))  # the threshold when all is retained
    while excess(high) < 0:
        high *= 1.5
    return brentq(excess, 0.0, high, xtol=1e-12 * high, rtol=1e-12)
