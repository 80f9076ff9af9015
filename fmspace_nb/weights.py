"""The spectrum of the weights: Marchenko–Pastur bulk, the outlier of Baik, Ben Arous and Péché, the critical step size.

Everything is about S = (d/m) WᵀW of a weight matrix W (m×d) with rows N(0, (A I + B vvᵀ)/d), and ratio = d/m.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from fmspace_nb import arguments
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


def outlier(*, spike: float, ratio: float, bulk: float = 1.0) -> Outlier:
    """The top eigenvalue of S and its eigenvector's squared overlap with the spike, as d → ∞ at fixed ratio.

    With δ = B/A it detaches iff δ > √ratio; then it sits at A(1 + δ)(1 + ratio/δ) with overlap
    (1 − ratio/δ²)/(1 + ratio/δ); otherwise at the bulk's edge, with overlap 0.

    Args:
        spike: B ≥ 0.
        ratio: d/m > 0.
        bulk: A > 0.

    Raises:
        ValueError, TypeError: an argument outside these domains.

    Source: Baik, Ben Arous and Péché (2005), Paul (2007); MATH.md section 2.
    """
    spike = arguments.real("spike", spike, minimum=0.0)
    edge = marchenko_pastur_edges(ratio=ratio, bulk=bulk)[1]
    delta = spike / bulk
    if delta <= math.sqrt(ratio):
        return Outlier(edge, 0.0, False)
    return Outlier(bulk * (1 + delta) * (1 + ratio / delta), (1 - ratio / delta**2) / (1 + ratio / delta), True)


def critical_step_size(activation, target, *, dim: int, width: int, samples: int) -> float:
    """η_c, the step size from which the spike shows in the weights: B_c/A_c = √(d/m); infinite when it never does.

    While A_c ≈ 1 this is √d β^{3/4} / (μ_σ ‖β̂‖); the growth of the bulk with the step is kept here.

    Args:
        activation, target: names or objects.
        dim, width, samples: d, m, n ≥ 1.

    Raises:
        ValueError, TypeError: an argument outside these domains.

    Source: MATH.md section 2, with ‖β̂‖² at its typical value.
    """
    unit = typical_conditional(activation, target, dim=dim, width=width, samples=samples, step_size=1.0)
    growth, threshold = unit.bulk - 1, math.sqrt(dim / width)
    gap = unit.spike - threshold * growth
    return math.sqrt(threshold / gap) if gap > 0 else math.inf
