"""Real networks that take another step: by signs, through a preconditioner, Muon's, or on a target of several
directions."""

from __future__ import annotations

import math

import numpy as np

from fmspace_nb import arguments
from fmspace_nb.experiments.trials import Trial
from fmspace_nb.network import TwoLayerNetwork
from fmspace_nb.remembered import networks
from fmspace_nb.steps import OneStep, draw_batch, gradient_step, muon_step, preconditioned_step, sign_step
from fmspace_nb.targets import target as as_target

STEPS = {"plain": gradient_step, "sign": sign_step, "muon": muon_step}
PLACES = ("spread", "one coordinate")


def placed(place: str, dim: int, seed: int) -> np.ndarray:
    """w*: "spread", a direction with Gaussian coordinates, or "one coordinate", e₁."""
    if arguments.choice("place", place, PLACES) == "one coordinate":
        return np.eye(1, dim)[0]
    drawn = np.random.default_rng([seed, dim, 3]).standard_normal(dim)
    return drawn / np.linalg.norm(drawn)


@networks
def step_of(rule: str, trial: Trial, place: str = "spread") -> OneStep:
    """The step of one of STEPS by the trial's network on a batch for w* = placed(place, dim, seed); size 0."""
    rng = np.random.default_rng([trial.seed, trial.dim, trial.width, trial.samples, 9])
    network = TwoLayerNetwork.random(trial.dim, trial.width, trial.activation, rng)
    batch = draw_batch(trial.target, trial.dim, trial.samples, rng, placed(place, trial.dim, trial.seed))
    return STEPS[arguments.choice("rule", rule, tuple(STEPS))](network, *batch, 0.0)


def common_part(step: OneStep) -> np.ndarray:
    """(1/m) Σ_j sign(a_j) g_j, shape (dim,): of a sign step the vector s that all neurons share, but for its noise."""
    return -np.sign(step.before.readout) @ step.gradient / step.before.width


def common_share(step: OneStep) -> float:
    """P = ‖s‖²/d of a sign step, without the bias of the m signs averaged over."""
    common, width = common_part(step), step.before.width
    return float((width * (common @ common) / step.before.dim - 1) / (width - 1))


def spectrum_of(dim: int, decay: float) -> np.ndarray:
    """Variances ∝ k^{−decay} with mean 1, shape (dim,)."""
    falling = np.arange(1.0, dim + 1) ** -arguments.real("decay", decay)
    return falling / falling.mean()


def even_direction(dim: int, seed: int) -> np.ndarray:
    """w* with the same share of every axis, of random signs."""
    return np.random.default_rng([seed, dim, 5]).choice([-1.0, 1.0], dim) / math.sqrt(dim)


@networks
def preconditioned_step_of(power, trial: Trial, decay: float) -> OneStep:
    """The step of size 0 through Σ^power (or "batch") on inputs N(0, Σ), Σ = spectrum_of, w* = even_direction."""
    rng = np.random.default_rng([trial.seed, trial.dim, trial.width, trial.samples, 9])
    network = TwoLayerNetwork.random(trial.dim, trial.width, trial.activation, rng)
    variances = spectrum_of(trial.dim, decay)
    x, goal = rng.standard_normal((trial.samples, trial.dim)) * np.sqrt(variances), as_target(trial.target)
    y = goal.link(x @ even_direction(trial.dim, trial.seed)) + goal.noise * rng.standard_normal(trial.samples)
    matrix = power if isinstance(power, str) else variances**power
    return preconditioned_step(network, x, y, 0.0, preconditioner=matrix)


def learned_direction(step: OneStep) -> np.ndarray:
    """The direction of Σ_j a_j g_j, shape (dim,): where the spike of a step points, but for noise of order 1/m."""
    drawn = -step.before.readout @ step.gradient
    return drawn / np.linalg.norm(drawn)


LINKS = {  # targets of three directions, each with its Hermite coefficients in plain sight
    "three stairs": lambda z: z[..., 0] + (z[..., 1] ** 2 - 1) + (z[..., 2] ** 2 - 1) / 3,
    "a product": lambda z: z[..., 0] + z[..., 0] * z[..., 1] + (z[..., 2] ** 2 - 1) / 2,
    "no linear part": lambda z: z[..., 0] * z[..., 1] + (z[..., 2] ** 2 - 1) / 4,
}


@networks
def multi_index_step(activation, link: str, dim: int, width: int, samples: int, seed: int) -> OneStep:
    """The plain step of size 0 on y = g(z), g one of LINKS, z the first three coordinates of x."""
    rng = np.random.default_rng([seed, dim, width, samples, 11])
    network, x = TwoLayerNetwork.random(dim, width, activation, rng), rng.standard_normal((samples, dim))
    return gradient_step(network, x, LINKS[arguments.choice("link", link, tuple(LINKS))](x[:, :3]), 0.0)
