"""The kernel of Theorem 1: a rank-one step's kernel averaged over batches, against one Gaussian of equal covariance."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from fmspace_nb import arguments
from fmspace_nb.activations import activation as as_activation
from fmspace_nb.covariance import SpikedCovariance, StepMoments
from fmspace_nb.kernel import ConjugateKernel
from fmspace_nb.numerics.quadrature import gauss_hermite

_NODES = 10  # a direction; 32 change the gap by 1e-5 of itself at B/d = 1, by 4e-3 at B/d = 10


class Gap(NamedTuple):
    """‖T₁* − T₁‖_HS, its standard error over the drawn pairs of inputs, and ‖T₁‖_HS to compare it with."""

    distance: float
    error: float
    size: float


class BatchAveragedKernel:
    """k₁*(x, x') = E_ς κ under w ~ N(0, I/d + c ςςᵀ), ς = Σ yᵢxᵢ the label-weighted inputs of a random batch.

    Given a pair of inputs, (⟨ς,x⟩, ⟨ς,x'⟩) is Gaussian but for its part along w*, whose fluctuation is taken as
    Gaussian, and Σ yᵢ², which is taken at its mean: both are right up to a share of order 1/n. The mean is a
    Gauss–Hermite rule.

    Args:
        activation, target: names or objects.
        dim, width, samples: d ≥ 2, m, n ≥ 1.
        step_size: η ≥ 0.

    Raises:
        ValueError, TypeError: an argument outside these domains.

    Source: paper, Theorem 1 and its proof (c²/m there is c here), with μ_σ for the step's μ₁; chapter 04.
    """

    def __init__(self, activation, target, *, dim: int, width: int, samples: int, step_size: float):
        self.activation = as_activation(activation)
        self.dim, self.samples = arguments.integer("dim", dim, minimum=2), arguments.integer("samples", samples)
        width, step_size = arguments.integer("width", width), arguments.real("step_size", step_size, minimum=0.0)
        moments = StepMoments.of(activation, target)
        self.strength = (moments.gain * step_size / (self.samples * width)) ** 2
        self.mean = self.samples * moments.slope  # of ς along w*
        self.variance_along = self.samples * max(2 * moments.curvature + moments.label_power - moments.slope**2, 0.0)
        self.variance_across = self.samples * moments.label_power

    @property
    def covariance(self) -> SpikedCovariance:
        """Γ, d times the covariance of the weights when the batch is averaged over: the Gaussian of Theorem 1."""
        unit = self.dim * self.strength
        bulk, along = unit * self.variance_across, unit * (self.mean**2 + self.variance_along)
        return SpikedCovariance(self.dim, bulk=1 + bulk, spike=along - bulk)

    def pairs(self, x, x2) -> np.ndarray:
        """k₁*(xᵢ, x'ᵢ) of matched inputs, shapes (n, dim) twice → (n,); w* is e₁."""
        x = arguments.array("x", x, shape=(None, self.dim))
        x2 = arguments.array("x2", x2, shape=x.shape)
        nodes, weights = gauss_hermite(_NODES)
        z1, z2, z3 = (axis.ravel() for axis in np.meshgrid(nodes, nodes, nodes, indexing="ij"))
        weights = np.einsum("i,j,k->ijk", weights, weights, weights).ravel()
        along = self.mean + math.sqrt(self.variance_along) * z1
        # ⟨ς,x⟩ and ⟨ς,x'⟩ across w* are Gaussians with the inputs' Gram matrix: its Cholesky factor takes them apart
        across, across2, cross = (np.sum(a[:, 1:] * b[:, 1:], axis=1) for a, b in ((x, x), (x2, x2), (x, x2)))
        first = np.sqrt(across)
        second = cross / first
        third = np.sqrt(np.maximum(across2 - second**2, 0.0))
        std = math.sqrt(self.variance_across)
        p = x[:, :1] * along + std * first[:, None] * z2
        p2 = x2[:, :1] * along + std * (second[:, None] * z2 + third[:, None] * z3)
        q, q2, c = (np.sum(a * b, axis=1)[:, None] / self.dim for a, b in ((x, x), (x2, x2), (x, x2)))
        s = self.strength
        return self.activation.dual(q + s * p**2, q2 + s * p2**2, c + s * p * p2) @ weights


def averaging_gap(activation, target, *, dim: int, width: int, samples: int, step_size: float, pairs: int = 400,
                  rng=0) -> Gap:
    """How far the batch-averaged kernel is from the Gaussian one in Hilbert–Schmidt norm, over random pairs of inputs.

    Theorem 1 bounds it by O(η⁴ ln³d / d⁵).

    Args: as `BatchAveragedKernel`; pairs ≥ 2 of inputs ~ N(0, I), rng a numpy Generator or a seed.

    Returns:
        a Gap: the distance, its standard error, and ‖T₁‖_HS to compare it with.

    Raises:
        ValueError, TypeError: an argument outside these domains.

    Source: paper, Theorem 1; chapter 04.
    """
    kernel = BatchAveragedKernel(activation, target, dim=dim, width=width, samples=samples, step_size=step_size)
    pairs, rng = arguments.integer("pairs", pairs, minimum=2), arguments.generator("rng", rng)
    x, x2 = rng.standard_normal((2, pairs, kernel.dim))
    gamma = kernel.covariance
    gaussian = ConjugateKernel(activation, gamma).activation.dual(
        gamma.square(x), gamma.square(x2), np.sum(gamma.stretch(x) * gamma.stretch(x2), axis=1) / kernel.dim)
    square = (kernel.pairs(x, x2) - gaussian) ** 2
    distance = math.sqrt(square.mean())
    error = square.std(ddof=1) / math.sqrt(pairs) / (2 * distance) if distance > 0 else 0.0
    return Gap(distance, error, math.sqrt(np.mean(gaussian**2)))
