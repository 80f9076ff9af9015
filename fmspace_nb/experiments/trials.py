"""A trial: one network, one batch, one large step.

A gradient does not depend on the step size: whoever drags that slider draws nothing anew.
"""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy.linalg import eigh

from fmspace_nb import arguments
from fmspace_nb.activations import activation as as_activation
from fmspace_nb.covariance import SpikedCovariance, predict_conditional
from fmspace_nb.experiments.empirical import FeaturePath
from fmspace_nb.network import TwoLayerNetwork
from fmspace_nb.products import product
from fmspace_nb.remembered import measured, networks
from fmspace_nb.steps import OneStep, draw_batch, gradient_step
from fmspace_nb.targets import target as as_target

SHOWN = 5    # draws that a picture shows at once
_ACROSS = 8  # directions across both w* and β̂ that stand for all of them


def sizes(dim: int, width_ratio: float, sample_ratio: float) -> tuple[int, int]:
    """Width m = β d and samples n = α d as whole numbers, at least 1 each."""
    width_ratio = arguments.real("width_ratio", width_ratio, above=0.0)
    sample_ratio = arguments.real("sample_ratio", sample_ratio, above=0.0)
    return max(1, round(width_ratio * dim)), max(1, round(sample_ratio * dim))


class WeightPath(NamedTuple):
    """S(η) = (d/m) W(η)ᵀW(η) of one trial for every step size: S₀ − η (C + Cᵀ) + η² D, each (dim, dim)."""

    start: np.ndarray
    cross: np.ndarray
    square: np.ndarray
    beta_hat: np.ndarray

    def covariance(self, step_size: float) -> np.ndarray:
        """S(η), shape (dim, dim)."""
        return self.start - step_size * self.cross + step_size**2 * self.square

    def eigenvalues(self, step_size: float) -> np.ndarray:
        """The eigenvalues of Σ̂(η), ascending, shape (dim,)."""
        return np.linalg.eigvalsh(self.covariance(step_size))

    def top(self, step_size: float) -> tuple[float, float, float]:
        """The top eigenvalue of Σ̂(η) and ⟨u, w*⟩², ⟨u, v⟩² of its eigenvector, v = β̂/‖β̂‖, w* = e₁."""
        last = len(self.start) - 1
        value, vector = eigh(self.covariance(step_size), subset_by_index=(last, last))
        u = vector[:, 0]
        return float(value[0]), float(u[0] ** 2), float((u @ self.beta_hat) ** 2 / (self.beta_hat @ self.beta_hat))


class Projections(NamedTuple):
    """√d times the weights of one trial along β̂, along w*, and across both (8 fixed directions), for every step size.

    start, gradient: {"beta_hat": (width,), "target": (width,), "across": (8 width,)}.
    """

    start: dict
    gradient: dict
    beta_hat: np.ndarray

    def weights(self, direction: str, step_size: float) -> np.ndarray:
        """√d ⟨w_j, direction⟩ after a step of that size."""
        return self.start[direction] - step_size * self.gradient[direction]


class Growth(NamedTuple):
    """(A − 1, B) of one trial as measured, for every step size: `linear` η + `square` η², each of shape (2,)."""

    linear: np.ndarray
    square: np.ndarray

    def at(self, step_size: float) -> np.ndarray:
        """(A − 1, B) after a step of that size."""
        return self.linear * step_size + self.square * step_size**2


@dataclass(frozen=True)
class Trial:
    """One network and one batch of the single-index problem, w* = e₁, and what a gradient step makes of them.

    Equal trials are drawn from equal random numbers; what a method has computed is remembered.

    Args:
        activation, target: names (or hashable objects).
        dim, width, samples: d, m, n ≥ 1.
        seed: which draw, ≥ 0.

    Raises:
        ValueError, TypeError: an argument outside these domains.
    """

    activation: object
    target: object
    _: KW_ONLY
    dim: int
    width: int
    samples: int
    seed: int = 0

    def __post_init__(self):
        as_activation(self.activation), as_target(self.target)
        for name in ("dim", "width", "samples"):
            arguments.integer(name, getattr(self, name))
        arguments.integer("seed", self.seed, minimum=0)

    @classmethod
    def of_ratios(cls, activation, target, *, dim: int, width_ratio: float, sample_ratio: float, seed=0) -> Trial:
        """The trial with m = β d neurons and n = α d samples."""
        width, samples = sizes(dim, width_ratio, sample_ratio)
        return cls(activation, target, dim=dim, width=width, samples=samples, seed=seed)

    def draws(self, count: int) -> list[Trial]:
        """So many trials that differ in nothing but their seeds, 0 … count − 1."""
        return [replace(self, seed=seed) for seed in range(arguments.integer("count", count))]

    def shown(self, seed) -> list[Trial]:
        """What a picture shows: the draw of that seed, or the first SHOWN draws where it is "all"."""
        return self.draws(SHOWN) if seed == "all" else [replace(self, seed=seed)]

    @property
    def shape(self) -> dict:
        """{"dim": d, "width": m, "samples": n}: what the predictions ask for."""
        return {"dim": self.dim, "width": self.width, "samples": self.samples}

    @networks
    def first_step(self) -> OneStep:
        """The network drawn, the batch drawn, the gradient taken. Ask `.with_step_size(η)` for the step."""
        rng = np.random.default_rng([self.seed, self.dim, self.width, self.samples])
        network = TwoLayerNetwork.random(self.dim, self.width, self.activation, rng)
        x, y = draw_batch(self.target, self.dim, self.samples, rng)
        return gradient_step(network, x, y, 0.0)

    def given_data(self, step_size: float) -> SpikedCovariance:
        """Γ as theory has it, given this trial's β̂."""
        return predict_conditional(self.activation, self.target, self.first_step().beta_hat,
                                   width=self.width, samples=self.samples, step_size=step_size)

    @networks
    def weight_path(self) -> WeightPath:
        """The weights' covariance as a function of the step size."""
        step = self.first_step()
        weights, gradient, scale = step.before.weights, step.gradient, self.dim / self.width
        cross, start, end = (product(scale * left.T, right) for left, right in (
            (weights, gradient), (weights, weights), (gradient, gradient)))
        return WeightPath(start, cross + cross.T, end, step.beta_hat)

    @networks
    def projections(self) -> Projections:
        """The weights along the directions that matter; dim ≥ 11."""
        step, start = self.first_step(), np.eye(1, self.dim)
        across = np.random.default_rng([self.seed, _ACROSS]).standard_normal((_ACROSS, self.dim))
        frame, _ = np.linalg.qr(np.vstack([start, step.beta_hat, across]).T)  # columns: w*, β̂ ⊖ w*, eight across both
        spike = step.beta_hat[:, None] / np.linalg.norm(step.beta_hat)
        bases = {"beta_hat": spike, "target": start.T, "across": frame[:, 2:]}

        def along(weights):
            return {name: math.sqrt(self.dim) * (weights @ basis).ravel() for name, basis in bases.items()}

        return Projections(along(step.before.weights), along(step.gradient), step.beta_hat)

    @measured
    def growth(self) -> Growth:
        """By how much the bulk and the spike grow.

        A is d times the mean square of the weights across w*, B what the weights along w* have on top, both less their
        value at the start: a start that is not exactly isotropic is no doing of the step.
        """
        step = self.first_step()
        weights, gradient = step.before.weights, step.gradient

        def bulk_and_spike(product):
            second = self.dim * product.mean(axis=0)
            bulk = second[1:].mean()
            return np.array([bulk, second[0] - bulk])

        return Growth(-2 * bulk_and_spike(weights * gradient), bulk_and_spike(gradient**2))

    @measured
    def gradient_parts(self) -> dict:
        """Norms of the start's weights, of the gradient's rank-one model −(μ_σ/√m) a β̂ᵀ, and of the rest.

        {"start", "rank one", "rest": (operator norm, Frobenius norm)}.
        """
        step = self.first_step()
        gain = as_activation(self.activation).hermite(1)[1]
        model = -gain / math.sqrt(self.width) * np.outer(step.before.readout, step.beta_hat)
        parts = {"start": step.before.weights, "rank one": model, "rest": step.gradient - model}
        return {name: (math.sqrt(np.linalg.eigvalsh(product(part.T, part))[-1]), float(np.linalg.norm(part)))
                for name, part in parts.items()}

    @networks
    def feature_path(self, inputs: int = 1000) -> FeaturePath:
        """The features on so many fresh inputs ~ N(0, I), as a function of the step size."""
        inputs = arguments.integer("inputs", inputs)
        x = np.random.default_rng([self.seed, self.dim, inputs, 7]).standard_normal((inputs, self.dim))
        return FeaturePath.of(self.first_step(), x)
