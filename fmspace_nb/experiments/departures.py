"""Experiments outside the theorems' assumptions: other inputs, more steps, a real data set (chapter 08)."""

from __future__ import annotations

import math

import numpy as np

from fmspace_nb import arguments
from fmspace_nb.covariance import SpikedCovariance, StepMoments, predict_conditional
from fmspace_nb.experiments import data
from fmspace_nb.experiments.trials import Trial
from fmspace_nb.network import TwoLayerNetwork
from fmspace_nb.remembered import curves, networks
from fmspace_nb.steps import OneStep, draw_batch, gradient_step
from fmspace_nb.targets import target as as_target

_DIVERGED = 1e60  # weights beyond it: any power of them that follows would overflow


def _gaussian(rng, shape):
    return rng.standard_normal(shape)


def _signs(rng, shape):
    return rng.choice([-1.0, 1.0], shape)


def _heavy_coordinates(rng, shape):
    return rng.standard_t(5, shape) / math.sqrt(5 / 3)


def _heavy_lengths(rng, shape):
    return rng.standard_normal(shape) * np.sqrt(3 / rng.chisquare(5, shape[0]))[:, None]  # E[3/χ²₅] = 1


def _correlated(rng, shape):
    """Variances falling like 1/k along random but fixed axes, their mean 1."""
    variances = 1 / np.arange(1, shape[1] + 1)
    axes = np.linalg.qr(np.random.default_rng(0).standard_normal((shape[1], shape[1])))[0]
    return rng.standard_normal(shape) * np.sqrt(variances / variances.mean()) @ axes.T


# Every law has mean 0 and variance 1 per coordinate on average; the last two have no independent coordinates.
INPUTS = {"Gaussian": _gaussian, "±1 coordinates": _signs, "heavy-tailed coordinates": _heavy_coordinates,
          "heavy-tailed lengths": _heavy_lengths, "correlated": _correlated}


@networks
def first_step_on(inputs: str, trial: Trial) -> OneStep:
    """`trial.first_step()` with inputs of another law, one of INPUTS; w* = e₁."""
    rng = np.random.default_rng([trial.seed, trial.dim, trial.width, trial.samples])
    network = TwoLayerNetwork.random(trial.dim, trial.width, trial.activation, rng)
    x = INPUTS[arguments.choice("inputs", inputs, tuple(INPUTS))](rng, (trial.samples, trial.dim))
    target = as_target(trial.target)
    return gradient_step(network, x, target.link(x[:, 0]) + target.noise * rng.standard_normal(trial.samples), 0.0)


def several_steps(trial: Trial, *, step_size: float, steps: int) -> np.ndarray:
    """The spike B after 1 … steps gradient steps of one real network, each on a fresh batch; shape (steps,).

    B is d/m times the largest squared singular value of W_T − W_0: what the steps have added in one direction; infinite
    once the network has diverged.
    """
    rng = np.random.default_rng([trial.seed, trial.dim, trial.width, trial.samples])
    network = start = TwoLayerNetwork.random(trial.dim, trial.width, trial.activation, rng)
    found = np.full(arguments.integer("steps", steps), math.inf)
    for k in range(len(found)):
        network = gradient_step(network, *draw_batch(trial.target, trial.dim, trial.samples, rng), step_size).after
        moved = network.weights - start.weights
        if np.abs(moved).max() > _DIVERGED:
            break
        small = moved @ moved.T if trial.width < trial.dim else moved.T @ moved
        found[k] = trial.dim / trial.width * np.linalg.eigvalsh(small)[-1]
    return found


def spike_of_steps(trial: Trial, *, step_size: float, steps: int) -> np.ndarray:
    """B after 1 … steps steps if the network answers linearly; each step shrinks what the next sees. Shape (steps,).

    With p_T the sum of the β̂ so far and ρ = ημ_σ²/m the residual's linear part is μ_g w* − ρ p_T, so that
    p_{T+1} = (1 − ρ) p_T + μ_g w* + noise, the noise of length² E[residual²]/α, and B_T = (η²d/m²) μ_σ² ‖p_T‖².
    At ρ → 0 it is one step of size Tη. The trial's seed does not enter.

    Raises:
        ValueError: an even activation, which leaves no spike (μ_σ = 0).
    """
    moments = StepMoments.of(trial.activation, trial.target)
    if abs(moments.gain) < 1e-12:
        raise ValueError(f"activation must have E σ' ≠ 0, got the even {trial.activation!r}")
    rate, signal, noise, found = step_size * moments.gain**2 / trial.width, 0.0, 0.0, []
    for _ in range(arguments.integer("steps", steps)):
        residual = moments.label_power - moments.slope**2 + (moments.slope - rate * signal) ** 2 + rate**2 * noise
        signal = (1 - rate) * signal + moments.slope
        noise = (1 - rate) ** 2 * noise + residual * trial.dim / trial.samples
        found.append(signal**2 + noise)
    return step_size**2 * trial.dim / trial.width**2 * moments.gain**2 * np.array(found)


PIXELS = ("whitened", "centred", "raw")
_BATCH, _FIT, _TEST = 600, 500, 600  # of the 1797 digits: for the step, for the readout, to test it


@curves
def digit_inputs(pixels: str) -> tuple[np.ndarray, np.ndarray]:
    """Handwritten digits as inputs, mean square 1 per coordinate, and labels ±1 (even or odd) less their mean.

    "raw": grey levels, rescaled. "centred": less their mean. "whitened": the 60 leading principal components, each of
    variance 1.
    """
    arguments.choice("pixels", pixels, PIXELS)
    x, digit = data.digits()
    y = np.where(digit % 2 == 0, 1.0, -1.0)
    if pixels != "raw":
        x = x - x.mean(axis=0)
    if pixels == "whitened":
        x = np.linalg.svd(x, full_matrices=False)[0][:, :60] * math.sqrt(len(x))
    return x / math.sqrt(np.mean(x**2)), y - y.mean()


@networks
def digit_step(pixels: str, activation, width_ratio: float, seed: int) -> tuple[OneStep, tuple, tuple]:
    """One real step on 600 digits; 500 fresh ones to fit a readout on, 600 to test it: (step, (x, y), (x, y))."""
    x, y = digit_inputs(pixels)
    rng = np.random.default_rng([seed, x.shape[1]])
    network = TwoLayerNetwork.random(x.shape[1], max(1, round(width_ratio * x.shape[1])), activation, rng)
    batch, fit, test = np.split(rng.permutation(len(x))[:_BATCH + _FIT + _TEST], [_BATCH, _BATCH + _FIT])
    return gradient_step(network, x[batch], y[batch], 0.0), (x[fit], y[fit]), (x[test], y[test])


def conditional_on_digits(step: OneStep, step_size: float) -> SpikedCovariance:
    """What theory for N(0, I) inputs makes of a step on digits, told only its β̂ and that E y² ≈ 1."""
    sizes = {"width": step.before.width, "samples": _BATCH}
    # of the target only E y² enters, and that of "linear" is 1
    return predict_conditional(step.before.activation, "linear", step.beta_hat, **sizes, step_size=step_size)
