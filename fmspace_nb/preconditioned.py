"""The preconditioned step on inputs N(0, Σ): where its spike points, and what it pays for it in noise."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq

from fmspace_nb import arguments
from fmspace_nb.activations import activation as as_activation
from fmspace_nb.covariance import LARGEST_STEP, Covariance, mean_square_slope, unit_vector
from fmspace_nb.other_steps import StepPrediction
from fmspace_nb.targets import target as as_target
from fmspace_nb.weights import Outlier

LARGEST_POWER = 20.0


class PreconditionedMoments(NamedTuple):
    """The parts of Γ on the axes of Σ, times m²/(η²d), each of shape (dim,).

    own, batch: variances of a neuron's own noise and of the batch's. mean: the mean of the spike; lead: the same with
    what large labels add along it.
    """

    own: np.ndarray
    batch: np.ndarray
    mean: np.ndarray
    lead: np.ndarray

    @property
    def length2(self) -> float:
        """‖P β̂‖² μ_σ² of typical data."""
        return float(self.mean @ self.mean + np.sum(self.batch))


def predict_preconditioned(
    activation, target, *, power, variances, direction, width: int, samples: int, step_size: float
) -> StepPrediction:
    """Γ averaged over the data, and ⟨v, w*⟩² given typical data, after a step W₀ − η·gradient·Σ^p, inputs N(0, Σ).

    With s² = w*ᵀΣw*, μ̃ = E g'(s z), μ_σ and Var σ' at the preactivations' variance tr Σ/d,

        Γ = I + (η²d/m²)[ E[σ'²] E[y²] Σ^{1+2p}/n + μ_σ² μ̃² Σ^{1+p} w*w*ᵀ Σ^{1+p} ]  (and a term of order 1/n),
        ⟨v, w*⟩² = μ̃²(w*ᵀΣ^{1+p}w*)² / (μ̃² w*ᵀΣ^{2+2p}w* + E[y²] tr Σ^{1+2p}/n),   v ∝ Σ^p β̂.

    power="batch" is the batch's own (XᵀX/n)⁻¹: Σ^p β̂ is the least-squares fit, and E[y²] − μ̃²s², what it leaves of the
    labels, takes the place of E[y²], 1/(n − d − 1) that of 1/n. It points better than the plain step at Σ = I iff
    α > E y²/μ_g².

    Args:
        activation, target: names or objects.
        power: p in [−20, 20], or "batch", for which n ≥ d + 2.
        variances: the variances of the inputs along their axes, > 0, shape (dim,).
        direction: w* in these axes, shape (dim,), normalised here.
        width, samples: m, n ≥ 1.
        step_size: η ≥ 0.

    Returns:
        (covariance, alignment): a Covariance in these axes, and ⟨v, w*⟩².

    Raises:
        ValueError, TypeError: an argument outside these domains.

    Source: chapter 09, (3) and (4); P = Σ^p is the family of Yoshida and Nitanda, arXiv:2509.25637.
    """
    step_size = arguments.real("step_size", step_size, minimum=0.0, maximum=LARGEST_STEP)
    width = arguments.integer("width", width)
    parts = preconditioned_moments(
        activation, target, power=power, variances=variances, direction=direction, samples=samples
    )
    w = unit_vector(direction, parts.mean.size)
    gamma = np.diag(parts.own + parts.batch) + np.outer(parts.lead, parts.lead)
    covariance = Covariance(np.eye(w.size) + step_size**2 * w.size / width**2 * gamma)
    overlap = float(w @ parts.mean) ** 2 / parts.length2 if parts.length2 else 0.0
    return StepPrediction(covariance, min(overlap, 1.0))


def preconditioned_moments(activation, target, *, power, variances, direction, samples: int) -> PreconditionedMoments:
    """The parts of `predict_preconditioned`'s Γ (arguments as there)."""
    sigma, goal = as_activation(activation), as_target(target)
    variances = arguments.array("variances", variances, shape=(None,))
    if not variances.size or np.min(variances) <= 0:
        raise ValueError(f"variances must be one or more numbers > 0, got {variances}")
    w = unit_vector(direction, variances.size)
    own = power == "batch" if isinstance(power, str) else False
    if isinstance(power, str):
        arguments.choice("power", power, ("batch",))
    else:
        power = arguments.real("power", power, minimum=-LARGEST_POWER, maximum=LARGEST_POWER)
    samples = arguments.integer("samples", samples, minimum=variances.size + 2 if own else 1)
    s, q = math.sqrt(w @ (variances * w)), math.sqrt(np.mean(variances))
    gain, gain_square, slope, square, large = _means(sigma, goal, s, q)
    label_power, spread = square + goal.noise**2, max(gain_square - gain**2, 0.0)
    if own:
        left = max(label_power - (slope * s) ** 2, 0.0)
        shape = 1 / (variances * (samples - w.size - 1))
        mean = gain * slope * w
        return PreconditionedMoments(spread * label_power * shape, gain**2 * left * shape, mean, mean)
    shape, turned = variances ** (1 + 2 * power) / samples, gain * variances ** (1 + power) * w
    lead = math.sqrt(max(slope**2 + (large - slope**2) / samples, 0.0)) * turned
    return PreconditionedMoments(spread * label_power * shape, gain**2 * label_power * shape, slope * turned, lead)


@lru_cache(maxsize=256)
def _means(sigma, goal, s: float, q: float) -> tuple[float, ...]:
    """E σ'(q z), E σ'(q z)², E g'(s z), E g(s z)², and what E[y² xxᵀ] has along Σw* beyond E[y²] Σ."""
    t, y, weights = goal.rule(s)
    gain = float(sigma.hermite(1, q**2)[1]) / q                                # Stein, as for the slope
    large = weights @ (((t / s) ** 2 - 1) * y**2) / s**2
    return gain, mean_square_slope(sigma, q), weights @ (t * y) / s**2, weights @ y**2, large


def preconditioned_outlier(parts: PreconditionedMoments, direction, *, width: int, step_size: float) -> Outlier:
    """The top eigenvalue of Σ̂ = (d/m) WᵀW, and ⟨u, w*⟩² of its eigenvector, given typical data.

    The rows of W have the covariance T + B vvᵀ, T = I + own noise, on the axes. With the companion resolvent p < 0,

        z(p) = −1/p + φ·mean(T/(1 + pT)),   h(p) = 1 + pB Σ_k v_k²/(1 + pT_k),   φ = d/m:

    the outlier sits at z(p) where h(p) = 0, detached iff z'(p) > 0, and ⟨u, w*⟩² = −pB r² z'(p)/(z h'(p)) with
    r = Σ_k w*_k v_k/(1 + pT_k). For T = A I this is the law of Baik, Ben Arous and Péché.

    Args:
        parts: of `preconditioned_moments`.
        direction: w*, shape (dim,).
        width: m ≥ 1.
        step_size: η ≥ 0.

    Raises:
        ValueError, TypeError: an argument outside these domains.

    Source: Silverstein and Bai (1995) for the bulk; the outlier is the pole that a rank-one change of it has.
    """
    arguments.instance("parts", parts, PreconditionedMoments)
    dim, width = parts.mean.size, arguments.integer("width", width)
    w = unit_vector(direction, dim)
    step_size = arguments.real("step_size", step_size, minimum=0.0, maximum=1e12)
    unit, ratio = step_size**2 * dim / width**2, dim / width
    bulk, square, mean = 1 + unit * parts.own, unit * (parts.mean**2 + parts.batch), math.sqrt(unit) * parts.mean
    top = float(bulk.max())

    def place(p):
        return -1 / p + ratio * np.mean(bulk / (1 + p * bulk))

    def slope(p):
        return 1 / p**2 - ratio * np.mean((bulk / (1 + p * bulk)) ** 2)

    low, high = -(1 - 1e-12) / top, -1e-12 / top
    edge = brentq(slope, low, high, rtol=1e-12)                                # left of it lies the bulk
    if 1 + edge * np.sum(square / (1 + edge * bulk)) >= 0:
        return Outlier(float(place(edge)), 0.0, False)
    p = brentq(lambda p: 1 + p * np.sum(square / (1 + p * bulk)), edge, -1e-12 / (top + np.sum(square)))
    share = -p * (w @ (mean / (1 + p * bulk))) ** 2 * slope(p) / (place(p) * np.sum(square / (1 + p * bulk) ** 2))
    return Outlier(float(place(p)), float(share), True)
