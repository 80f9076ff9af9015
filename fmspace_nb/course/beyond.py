"""Rows of the claims table that are not the paper's: what chapter 09 predicts for other steps, on real networks."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from fmspace_nb.activations import activation
from fmspace_nb.course.evidence import Claim
from fmspace_nb.experiments.other_steps import (
    LINKS,
    common_part,
    common_share,
    even_direction,
    learned_direction,
    multi_index_step,
    placed,
    preconditioned_step_of,
    spectrum_of,
    step_of,
)
from fmspace_nb.experiments.trials import Trial
from fmspace_nb.other_steps import predict_muon_step, predict_sign_step
from fmspace_nb.preconditioned import predict_preconditioned
from fmspace_nb.several_directions import multi_index_moments

_DIM = 200


def _claim(statement, quantity, found, predicted, tolerance, note="") -> Claim:
    error = np.std(found, ddof=1) / math.sqrt(len(found))
    return Claim("Beyond the paper", statement, quantity, float(np.mean(found)), float(error), "09_other_steps",
                 float(predicted), tolerance, note=note)


def sign_step_keeps_most_of_the_alignment() -> Claim:
    """⟨v, w*⟩² of sign steps, w* spread, against the arcsine law; erf, g = sin."""
    trial, found = Trial.of_ratios("erf", "sine", dim=_DIM, width_ratio=2, sample_ratio=2), []
    for draw in trial.draws(40):
        step = step_of("sign", draw)
        aligned = (common_part(step) @ placed("spread", _DIM, draw.seed)) ** 2
        found.append(aligned / (_DIM * common_share(step)))
    expected = predict_sign_step("erf", "sine", **trial.shape, step_size=1.0).alignment
    return _claim("Adam's first step points to w* by an arcsine law",
                  "⟨v, w*⟩² after a sign step, erf, g = sin, d = 200", found, expected, 0.02)


def preconditioner_turns_the_spike() -> Claim:
    """⟨v, w*⟩² of steps through Σ^{−1/2} on inputs with variances ∝ k^{−1/2}; ReLU, g = tanh."""
    trial, found = Trial.of_ratios("relu", "tanh", dim=_DIM, width_ratio=2, sample_ratio=4), []
    for draw in trial.draws(24):
        v = learned_direction(preconditioned_step_of(-0.5, draw, 0.5))
        found.append((v @ even_direction(_DIM, draw.seed)) ** 2)
    expected = predict_preconditioned(
        "relu", "tanh", power=-0.5, variances=spectrum_of(_DIM, 0.5), direction=even_direction(_DIM, 0), step_size=1.0,
        width=trial.width, samples=trial.samples)
    return _claim("A step through Σ^{p} points to Σ^{1+p}w*, and pays in noise",
                  "⟨v, w*⟩² through Σ^{−1/2}, ReLU, variances ∝ k^{−1/2}, d = 200", found, expected.alignment, 0.02)


def muon_has_a_spike_in_narrow_networks_only() -> Claim:
    """The variance of Muon's step along v at β = ½ over its mean: d/m; at β = 2 the largest deviation from OᵀO = I."""
    trial, found = Trial.of_ratios("relu", "tanh", dim=_DIM, width_ratio=0.5, sample_ratio=4), []
    for draw in trial.draws(12):
        step = step_of("muon", draw)
        v = step.beta_hat / np.linalg.norm(step.beta_hat)
        found.append(_DIM / trial.width * np.sum((step.gradient @ v) ** 2))
    gamma = predict_muon_step("relu", "tanh", **trial.shape, step_size=1.0).covariance
    wide = step_of("muon", Trial.of_ratios("relu", "tanh", dim=_DIM, width_ratio=2, sample_ratio=4)).gradient
    off = np.max(np.abs(wide.T @ wide - np.eye(_DIM)))
    return _claim("Muon's step has no spike for m ≥ d, d/m along v for m < d",
                  "its variance along v over the mean, m = d/2", found, gamma.bulk + gamma.spike - 1, 0.02,
                  f"at m = 2 d the step has OᵀO = I to {off:.0e}")


def second_direction_enters_through_the_curvature() -> Claim:
    """By how much a_j w_j moves the second of three directions: E σ'' H₂₂, whose square Γ gains per (η/m)²; ReLU."""
    width, found, bend = 200, [], math.sqrt(2) * float(activation("relu").hermite(2)[2])
    for seed in range(16):
        step = multi_index_step("relu", "three stairs", _DIM, width, 50 * _DIM, seed)
        a, along = step.before.readout[:, None], step.before.weights[:, :3]
        fitted = np.linalg.lstsq(np.hstack([a, a * along]), -math.sqrt(width) * step.gradient[:, 1])[0]
        found.append(fitted[2])
    hessian = multi_index_moments(LINKS["three stairs"], 3).hessian
    return _claim("Of several directions one shows from √d on, the others by (E σ'')²H²",
                  "E σ'' H₂₂ by regression of the step on a_{j}w_{j}, ReLU, d = 200", found, bend * hessian[1, 1], 0.02)


BEYOND: tuple[Callable[[], Claim], ...] = (
    sign_step_keeps_most_of_the_alignment, preconditioner_turns_the_spike, muon_has_a_spike_in_narrow_networks_only,
    second_direction_enters_through_the_curvature)
