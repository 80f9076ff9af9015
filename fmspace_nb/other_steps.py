"""What two other steps do to the weights: the sign step (the first step of Adam) and Muon's orthogonalised gradient."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy.special import erf, owens_t

from fmspace_nb import arguments
from fmspace_nb.activations import activation as as_activation
from fmspace_nb.covariance import LARGEST_STEP, Covariance, SpikedCovariance, StepMoments, alignment, unit_vector


class StepPrediction(NamedTuple):
    """Γ after a step, and the squared overlap of the direction it learns with the target's."""

    covariance: SpikedCovariance | Covariance
    alignment: float


def predict_sign_step(
    activation, target, *, dim: int, width: int, samples: int, step_size: float, direction=None
) -> StepPrediction:
    """Γ and ⟨v, w*⟩² after a step of size η against the sign of every gradient entry, given typical data.

    Neuron j moves by η sign(a_j) (s + noise), s_k = erf(μ_σ β̂_k/√(2 Var(σ') E[y²]/n)): P is the mean of s_k², and

        A_c = 1 + η²d(1 − P),   B_c = η²d²P,   v = s/‖s‖.

    For w* spread over the coordinates P = (2/π) arcsin(ν²/(1 + ν²)) with ν² = (μ_σ²/Var σ')(1 + αμ_g²/E y²), and
    ⟨v, w*⟩² = ρ² ν²/((1 + ν²) arcsin(ν²/(1 + ν²))), ρ² the plain step's. The weights along v are two points and a
    Gaussian, ±√B_c + N(0, A_c), since all |sign a_j| are equal.

    Args:
        activation, target: names or objects.
        dim, width, samples: d, m, n ≥ 1 (Γ does not depend on m).
        step_size: η ≥ 0.
        direction: w*, shape (dim,), since a sign is not rotation invariant; None for w* with Gaussian coordinates.

    Returns:
        (covariance, alignment): a SpikedCovariance, whose direction e₁ stands for v, and ⟨v, w*⟩².

    Raises:
        ValueError, TypeError: an argument outside these domains.

    Source: chapter 09, (1) and (2).
    """
    dim, samples = arguments.integer("dim", dim), arguments.integer("samples", samples)
    arguments.integer("width", width)
    step_size = arguments.real("step_size", step_size, minimum=0.0, maximum=LARGEST_STEP)
    moments = StepMoments.of(activation, target)
    batch, noise = sign_noise(moments, samples)
    if direction is None:
        signal = moments.gain**2 * (moments.slope**2 / dim + batch)
        angle = math.asin(signal / (signal + noise)) if signal else 0.0
        share = 2 / math.pi * angle
        tilt = (moments.gain * moments.slope) ** 2 / dim / ((signal + noise) * angle) if angle else 0.0
    else:
        w = unit_vector(direction, dim)
        mean, share_of = _signs(moments.gain * moments.slope * w, moments.gain**2 * batch, noise)
        share = float(np.mean(share_of))
        tilt = float(w @ mean) ** 2 / (dim * share) if share else 0.0
    covariance = SpikedCovariance(dim, bulk=1 + step_size**2 * dim * (1 - share), spike=(step_size * dim) ** 2 * share)
    return StepPrediction(covariance, min(tilt, 1.0))


def sign_noise(moments: StepMoments, samples: int) -> tuple[float, float]:
    """Variances of a coordinate of β̂ about its mean, and of the rest of a neuron's gradient, whose signs compete."""
    batch = moments.label_power / samples
    return batch, max(moments.gain_square - moments.gain**2, 0.0) * batch


def _signs(mean, batch, noise) -> tuple[np.ndarray, np.ndarray]:
    """E s and E s² over N(mean, batch) of s(x) = E sign(x + N(0, noise)), elementwise; Owen (1956) for the square."""
    total = batch + noise
    if total == 0:
        return np.sign(mean), np.abs(np.sign(mean))
    h = mean / math.sqrt(total)
    return erf(h / math.sqrt(2)), 1 - 8 * owens_t(h, math.sqrt(noise / (noise + 2 * batch)))


def sign_step_angle(activation, covariance: SpikedCovariance) -> float:
    """The mixing angle of the top even mode after a sign step as d → ∞, in radians.

    The weights along v are ±√B_c, so that the even part of the limiting kernel has rank one: with A = A_c, b = B_c/d
    the mode is E_z σ_even(√A z + √b t), and tan φ = b/(A + b) · E[σ(√(A+b) z) h₂(z)] / E σ(√(A+b) z). ReLU: 1/√2 for
    the second factor.

    Args:
        activation: name or object, not odd.
        covariance: that of `predict_sign_step`; φ is measured from the radial mode R to the quadratic along v.

    Returns:
        φ, in radians.

    Raises:
        ValueError, TypeError: an argument outside these domains; an activation with E σ(√(A+b) z) = 0.

    Source: chapter 09, the derivation of (2).
    """
    arguments.instance("covariance", covariance, SpikedCovariance)
    share = covariance.spike / covariance.dim
    total = covariance.bulk + share
    radial, _, quadratic = as_activation(activation).hermite(2, total)
    if abs(radial) < 1e-12 * math.sqrt(float(as_activation(activation).second_moment(total))):
        raise ValueError(f"activation must have a mean under N(0, {total:g}), got {as_activation(activation)!r}")
    return math.atan(share / total * quadratic / radial)


def predict_muon_step(activation, target, *, dim: int, width: int, samples: int, step_size: float) -> StepPrediction:
    """Γ and ⟨v, w*⟩² after a step of size η along U Vᵀ of the gradient U Λ Vᵀ.

    For m ≥ d the step O has OᵀO = I: Γ = (1 + η²d/m) I, no spike. For m < d it has d/m along v, and 1 on average.

    Args:
        activation, target: names or objects.
        dim, width, samples: d, m, n ≥ 1.
        step_size: η ≥ 0.

    Returns:
        (covariance, alignment): a SpikedCovariance, whose direction e₁ stands for v = β̂/‖β̂‖, and ⟨v, w*⟩², which is
        that of the plain step.

    Raises:
        ValueError, TypeError: an argument outside these domains.

    Source: chapter 09, Muon's step.
    """
    dim, width = arguments.integer("dim", dim), arguments.integer("width", width)
    samples = arguments.integer("samples", samples)
    step_size = arguments.real("step_size", step_size, minimum=0.0, maximum=LARGEST_STEP)
    StepMoments.of(activation, target)
    spike = step_size**2 * (dim / width - 1) * dim / (dim - 1) if width < dim else 0.0
    along = 1 + step_size**2 * dim / width
    covariance = SpikedCovariance(dim, bulk=along - spike, spike=spike)
    return StepPrediction(covariance, alignment(target, dim=dim, samples=samples))


def muon_density(x, *, ratio: float, step_size: float) -> np.ndarray:
    """The density of the eigenvalues of Σ̂ = (d/m) WᵀW after Muon's step; integrates to 1 less the atom at zero.

    W = W₀ + ηO with every singular value of O one, and W₀ Gaussian: what matters of O is that. With c = min(γ, 1/γ),
    γ = d/m, the resolvent's trace p of the smaller of WᵀW and WWᵀ, scaled so that the noise has variance 1/max, is a
    root of p [θ²/u − uz + 1 − c] = 1, u = 1 + cp, θ² = η² for m < d, η²γ otherwise.

    Args:
        x: where, any shape, > 0.
        ratio: γ = d/m > 0.
        step_size: η ≥ 0.

    Returns:
        the density, of the shape of x.

    Raises:
        ValueError, TypeError: an argument outside these domains.

    Source: Dozier and Silverstein (2007), information plus noise, for information of equal singular values.
    """
    x = arguments.array("x", x, minimum=0.0)
    if np.any(x == 0):
        raise ValueError("x must be > 0 everywhere, got 0")
    ratio = arguments.real("ratio", ratio, above=0.0)
    step_size = arguments.real("step_size", step_size, minimum=0.0, maximum=1e6)
    wide = ratio > 1  # Σ̂ is the larger of the two: scale and share of its non-zero eigenvalues
    c, theta2, scale = (1 / ratio, step_size**2, ratio) if wide else (ratio, step_size**2 * ratio, 1.0)
    z = np.ravel(x) / scale
    # p (θ² + (1 − c) u − u² z) = u in p:  c² z p³ + c (2z − 1 + c) p² + (z − θ² − 1 + 2c) p + 1 = 0
    one = np.ones_like(z)
    coefficients = np.stack([c**2 * z, c * (2 * z - 1 + c), z - theta2 - 1 + 2 * c, one], axis=-1)
    companion = np.zeros((z.size, 3, 3))
    companion[:, 0] = -coefficients[:, 1:] / coefficients[:, :1]
    companion[:, [1, 2], [0, 1]] = 1.0
    density = np.max(np.linalg.eigvals(companion).imag, axis=-1) / np.pi / scale
    return (np.maximum(density, 0.0) * (1 / ratio if wide else 1.0)).reshape(x.shape)
