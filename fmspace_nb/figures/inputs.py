"""Chapter 08, other inputs: laws that are not N(0, I), and handwritten digits, against theory for Gaussian inputs."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from scipy.linalg import eigh

from fmspace_nb.covariance import alignment
from fmspace_nb.experiments.departures import conditional_on_digits, digit_step, first_step_on
from fmspace_nb.experiments.trials import Trial
from fmspace_nb.figures import style
from fmspace_nb.remembered import curves
from fmspace_nb.ridge import feature_ridge
from fmspace_nb.steps import OneStep
from fmspace_nb.weights import outlier, real_outlier, sample_covariance

_STEPS = np.geomspace(3, 3000, 61)  # η, where theory is drawn
_TRIED = np.geomspace(5, 2000, 9)  # η, where real networks are run


def _tops(step: OneStep, step_size: float) -> tuple[float, float, float]:
    """The two largest eigenvalues of Σ̂, and ⟨u, w*⟩² of the first."""
    covariance = sample_covariance(step.with_step_size(step_size).after.weights)
    values, vectors = eigh(covariance, subset_by_index=(len(covariance) - 2, len(covariance) - 1))
    return float(values[-1]), float(values[-2]), float(vectors[0, -1] ** 2)


@curves
def _tried_on(inputs, trial, trials, steps):
    """(mean, standard error) of `_tops` over real networks at each step size, arrays (steps, 3)."""
    found = np.array([[_tops(first_step_on(inputs, draw), eta) for eta in steps] for draw in trial.draws(trials)])
    return found.mean(0), found.std(0, ddof=1) / math.sqrt(trials)


@curves
def _expected(trial, steps):
    """(outlier, ⟨u, w*⟩²) at each step size, for N(0, I) inputs; arrays (2, steps)."""
    toward = alignment(trial.target, dim=trial.dim, samples=trial.samples)
    found = [real_outlier(trial.activation, trial.target, **trial.shape, step_size=eta) for eta in steps]
    return np.array([[one.eigenvalue for one in found], [one.overlap * toward for one in found]])


def laws(*, step_size=100.0, width_ratio=2.0, law="correlated", activation="relu", target="tanh", dim=100, trials=4):
    """The outlier and its direction when the inputs are not N(0, I), against the theory that takes them to be."""
    trial = Trial.of_ratios(activation, target, dim=dim, width_ratio=width_ratio, sample_ratio=4.0)
    value, overlap = _expected(trial, tuple(_STEPS))
    here_value, here_overlap = _expected(trial, (float(step_size),))
    mean, error = _tried_on(law, trial, trials, tuple(_TRIED))
    here = _tried_on(law, trial, trials, (float(step_size),))[0][0]
    traces = [
        style.line(_STEPS, value, "theory for N(0, I) inputs", style.NEUTRAL, dash="dash"),
        style.points(_TRIED, mean[:, 0], f"{trials} real networks", style.AFTER, error=error[:, 0]),
        style.reader([step_size], [here[0]], "measured at your step size"),
        style.line(_STEPS, overlap, "", style.NEUTRAL, dash="dash", xaxis="x2", yaxis="y2", showlegend=False),
        style.points(_TRIED, mean[:, 2], "", style.AFTER, error=error[:, 2], xaxis="x2", yaxis="y2", showlegend=False),
        style.reader([step_size], [here[2]], "", xaxis="x2", yaxis="y2", showlegend=False),
    ]
    return style.picture(
        traces, **_side_by_side(style.axis("top eigenvalue of Σ̂", 1, 1e4, log=True),
                                style.axis("its overlap ⟨u, w*⟩²", -0.03, 1.05)),
        alt=f"Inputs: {law}. At step size {step_size:.3g} theory for Gaussian inputs puts the top eigenvalue at "
            f"{here_value[0]:.3g} and its overlap with the target direction at {here_overlap[0]:.2f}; measured are "
            f"{here[0]:.3g} and {here[2]:.2f}.",
    )


def _side_by_side(left: dict, right: dict) -> dict:
    """Two panels over the same axis of step sizes."""
    eta = style.axis("step size η", 3, 3000, log=True)
    return {"drives": {"x": "step_size", "x2": "step_size"},
            "xaxis": {**eta, "domain": [0, 0.43]}, "xaxis2": {**eta, "domain": [0.57, 1], "anchor": "y2"},
            "yaxis": left, "yaxis2": {**right, "anchor": "x2"}}


_DIGIT_RIDGES = (1e-3, 1e-2, 1e-1, 1.0)


@curves
def _digits_at(pixels, activation, width_ratio, step_size, seed):
    """(outlier predicted, top two eigenvalues, test errors of a network drawn from theory's Γ and of the real one)."""
    step, (x, y), (fresh, truth) = digit_step(pixels, activation, width_ratio, seed)
    after, gamma = step.with_step_size(step_size).after, conditional_on_digits(step, step_size)
    drawn = replace(after, weights=gamma.sample(after.width, seed))  # the same normal numbers for every step size

    def error(network):
        features, features_fresh = network.features(x), network.features(fresh)
        predictions = feature_ridge(features, features_fresh, y, ridge=np.multiply(_DIGIT_RIDGES, network.width))
        return np.min(np.mean((predictions - truth) ** 2, axis=1))

    predicted = outlier(spike=gamma.spike, bulk=gamma.bulk, ratio=gamma.dim / after.width).eigenvalue
    top_two = np.linalg.eigvalsh(sample_covariance(after.weights))[:-3:-1]
    return np.array([predicted, *top_two, error(drawn), error(after)])


def digits(*, step_size=100.0, width_ratio=2.0, pixels="raw", activation="relu", trials=4):
    """One real step on handwritten digits (even or odd): the outlier and a readout's error, against Gaussian theory."""
    steps = [*_TRIED, float(step_size)]
    found = np.array([[_digits_at(pixels, activation, width_ratio, eta, seed) for eta in steps]
                      for seed in range(trials)])
    grid, here = found[:, :-1], found[:, -1].mean(0)
    mean, error = grid.mean(0).T, grid.std(0, ddof=1).T / math.sqrt(trials)
    right = {"xaxis": "x2", "yaxis": "y2", "showlegend": False}
    traces = [
        style.line(_TRIED, mean[0], "theory for N(0, I) inputs, told only β̂", style.NEUTRAL, dash="dash"),
        style.points(_TRIED, mean[1], f"{trials} real networks", style.AFTER, error=error[1]),
        style.points(_TRIED, mean[2], "their second eigenvalue", style.AFTER, symbol="circle-open", error=error[2]),
        style.line(_TRIED, mean[3], "", style.NEUTRAL, dash="dash", **right),
        style.points(_TRIED, mean[4], "", style.AFTER, error=error[4], **right),
        style.reader([step_size], [here[1]], "measured at your step size"),
        style.reader([step_size], [here[4]], "", **right),
    ]
    return style.picture(
        traces, **_side_by_side(style.axis("eigenvalues of Σ̂", 1, 1e5, log=True),
                                style.axis("test error / label variance", 0, 0.8)),
        alt=f"Digits, {pixels} pixels, step size {step_size:.3g}: the outlier is predicted at {here[0]:.3g} and "
            f"measured at {here[1]:.3g}; the second eigenvalue is {here[2]:.3g}. Test error of a readout: "
            f"{here[3]:.3f} on weights drawn from theory's law, {here[4]:.3f} on the real network's.",
    )
