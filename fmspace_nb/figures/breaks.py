"""Chapter 08: where it breaks. In each picture theory is a line, a real network is points, and they part."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

import numpy as np

from fmspace_nb.activations import activation as as_activation
from fmspace_nb.covariance import alignment, predict_covariance, typical_conditional
from fmspace_nb.departures import (
    conditional_on_digits, digit_step, first_step_on, several_steps, spike_of_steps,
)
from fmspace_nb.figures import style
from fmspace_nb.learning import feature_ridge
from fmspace_nb.network import OneStep
from fmspace_nb.targets import target as as_target
from fmspace_nb.trials import first_step, sizes, weight_path
from fmspace_nb.weights import marchenko_pastur, marchenko_pastur_edges, outlier, readout_scaled_density, real_outlier, sample_covariance

_RATIOS = np.geomspace(0.25, 64, 33)  # α, where theory is drawn
_STEPS = np.geomspace(3, 3000, 61)  # η, where theory is drawn
_TRIED = np.geomspace(5, 2000, 9)  # η, where real networks are run


def direction(*, step_size=300.0, width_ratio=2.0, activation="relu", target="quadratic", dim=80, trials=4):
    """How far the top eigenvector of the weights points to w*, against the data per dimension, for any information exponent."""
    curves = []
    for ratio in _RATIOS:
        width, samples = sizes(dim, width_ratio, ratio)
        shape = {"dim": dim, "width": width, "samples": samples, "step_size": step_size}
        averaged = predict_covariance(activation, target, **shape)
        paper = outlier(spike=max(averaged.spike, 0.0), bulk=averaged.bulk, ratio=dim / width).overlap
        curves.append((paper, real_outlier(activation, target, **shape).overlap * alignment(target, dim=dim, samples=samples)))
    tried = _RATIOS[::4]
    found = np.array([[weight_path(activation, target, dim, *sizes(dim, width_ratio, ratio), seed).top(step_size)[1]
                       for seed in range(trials)] for ratio in tried])
    paper, given = np.array(curves).T
    exponent = as_target(target).information_exponent
    second = outlier(spike=curvature_spike(activation, target, width, step_size), ratio=dim / width).overlap if exponent == 2 else np.nan
    traces = [
        style.line(_RATIOS, paper, "Γ averaged over the data: spike along w*", style.NEUTRAL, dash="dash"),
        style.line(_RATIOS, given, "Γ given the data: spike along β̂", style.AFTER),
        style.line(_RATIOS, np.full(_RATIOS.size, second), "second order of the step, endless data", style.TARGET, dash="dot"),
        style.points(tried, found.mean(1), f"{trials} real networks", style.AFTER, error=found.std(1, ddof=1) / math.sqrt(trials)),
    ]
    return style.picture(
        traces, notes=[style.note(f"information exponent {exponent}", 0.01, 0.97)],
        xaxis=style.axis("samples / dimension α = n/d", 0.25, 64, log=True),
        yaxis=style.axis("squared overlap with w*", -0.03, 1.05),
        alt=f"Information exponent {exponent}, step size {step_size:.3g}. With {tried[0]:.2g} samples per dimension theory averaged over "
            f"the data says {paper[0]:.2f}, given the data {given[0]:.2f}, real networks {found[0].mean():.2f}; with {tried[-1]:.2g} "
            f"they say {paper[-1]:.2f}, {given[-1]:.2f} and {found[-1].mean():.2f}.",
    )


def curvature_spike(activation, target, width, step_size) -> float:
    """B₂ = (η E σ'' E g''/m)²: what the part of σ' that is linear in ⟨w_j, x⟩ adds along w*, of order 1 when η ~ m."""
    return (step_size / width * 2 * as_activation(activation).hermite(2)[2] * as_target(target).hermite(2)[2]) ** 2


_SHOWN = 300  # neurons in the picture
_READOUT = np.linspace(-3.5, 3.5, 141)


@lru_cache(maxsize=16)
def _shifted(target, mean):
    """The target centred, then raised by the mean."""
    known = as_target(target)
    offset = mean - known.hermite(0)[0]
    return as_target(lambda t: known.link(t) + offset)


def neurons(*, step_size=1000.0, width_ratio=1.0, label_mean=0.0, activation="relu", target="tanh", dim=200):
    """Each neuron's own variance across β̂ after the step, against its readout weight: one bulk, or a mixture of scales?"""
    g = _shifted(target, float(label_mean))
    width, samples = sizes(dim, width_ratio, 4.0)
    step = first_step(activation, g, dim, width, samples, 0).with_step_size(step_size)
    v = step.beta_hat / np.linalg.norm(step.beta_hat)
    weights = step.after.weights[:_SHOWN]
    measured, readout = np.full((2, _SHOWN), np.nan)
    measured[:len(weights)] = np.sum((weights - np.outer(weights @ v, v)) ** 2, axis=1)
    readout[:len(weights)] = step.before.readout[:_SHOWN] * math.sqrt(width)
    bulk = typical_conditional(activation, g, dim=dim, width=width, samples=samples, step_size=step_size).bulk
    bend = as_activation(activation).hermite(2)[2] * math.sqrt(2)  # E σ''
    mixture = (1 + step_size / width * label_mean * bend * _READOUT) ** 2 + (bulk - 1) * _READOUT**2
    traces = [
        style.points(readout, measured, "neurons of a real network", style.AFTER, size=5, opacity=0.6),
        style.line(_READOUT, np.full(_READOUT.size, bulk), "one Gaussian bulk: A for every neuron", style.NEUTRAL, dash="dash"),
        style.line(_READOUT, mixture, "a mixture: each neuron by its readout", style.AFTER),
    ]
    spread = float(np.nanstd(measured) / np.nanmean(measured))
    return style.picture(
        traces, notes=[style.note(f"η/d = {step_size / dim:.2g}", 0.01, 0.97)],
        xaxis=style.axis("readout weight √m·a", -3.5, 3.5), yaxis=style.axis("‖w‖² across β̂", 0.3, 2000, log=True),
        alt=f"Step size {step_size:.3g} at dimension {dim}, label mean {label_mean:.2g}: theory with one bulk puts every neuron's "
            f"variance at {bulk:.3g}; the neurons' variances spread by {spread:.0%} of their mean.",
    )


_RANKS = np.arange(1, 31)


def _quantiles(density, low, high, dim):
    """Where the k-th largest of dim − 1 eigenvalues of a density is expected, k from 1."""
    x = np.geomspace(low, high, 300)
    mass = density(x) * x * np.log(x[1] / x[0])
    above = (dim - 1) * (np.cumsum(mass[::-1])[::-1] - mass / 2)
    return np.exp(np.interp(-(_RANKS[:-1] - 0.5), -above, np.log(x)))


def ranks(*, step_size=1000.0, width_ratio=2.0, sample_ratio=8.0, activation="relu", target="quadratic", dim=200):
    """The largest eigenvalues of the weights, one by one: the spike, the bulk's edge, and what a step of η ~ d adds."""
    width, samples = sizes(dim, width_ratio, sample_ratio)
    shape = {"dim": dim, "width": width, "samples": samples, "step_size": step_size}
    values, vectors = np.linalg.eigh(weight_path(activation, target, dim, width, samples, seed=0).covariance(step_size))
    values, overlaps = values[::-1][:30], vectors[0, ::-1][:30] ** 2
    ratio, bulk = dim / width, typical_conditional(activation, target, **shape).bulk
    spike, (_, edge) = real_outlier(activation, target, **shape), marchenko_pastur_edges(ratio=ratio, bulk=bulk)
    plain = _quantiles(lambda x: marchenko_pastur(x, ratio=ratio, bulk=bulk), edge / 50, edge, dim)
    mixed = _quantiles(lambda x: readout_scaled_density(x, ratio=ratio, bulk=bulk), edge / 50, 40 * edge, dim)
    circles = style.points(_RANKS, values, "a real network, coloured by overlap with w*", style.AFTER, size=10)
    circles["marker"] |= {"color": np.sqrt(overlaps), "colorscale": style.SEQUENTIAL, "cmin": 0, "cmax": 1,
                          "line": {"width": 1.2, "color": style.AFTER}}
    traces = [
        style.line(_RANKS, np.r_[spike.eigenvalue, plain], "theory: a spike and one Gaussian bulk", style.NEUTRAL, dash="dash"),
        style.line(_RANKS, np.r_[spike.eigenvalue, mixed], "with rows scaled by their readouts", style.AFTER),
        circles,
    ]
    return style.picture(
        traces, notes=[style.note(f"second: {values[1]:.3g}, overlap with w* {overlaps[1]:.2f}", 0.99, 0.97, anchor="right", colour=style.TARGET)],
        xaxis=style.axis("rank of the eigenvalue", 0.85, 32, log=True), yaxis=style.axis("eigenvalue of S = (d/m) WᵀW", 1, 1e5, log=True),
        alt=f"Step size {step_size:.3g} at dimension {dim}: the top eigenvalue is {values[0]:.3g}, predicted {spike.eigenvalue:.3g}; the "
            f"second is {values[1]:.3g} where a Gaussian bulk would end at {edge:.3g}, and overlaps with w* by {overlaps[1]:.2f}.",
    )


def steps(*, step_size=100.0, width_ratio=2.0, activation="relu", target="tanh", dim=60, trials=4):
    """The spike after one to five real gradient steps, each on fresh data, against one step of the same total size."""
    width, samples = sizes(dim, width_ratio, 4.0)
    shape = {"dim": dim, "width": width, "samples": samples, "step_size": step_size, "steps": 5}
    found = np.array([several_steps(activation, target, **shape, seed=seed) for seed in range(trials)])
    linear, count = spike_of_steps(activation, target, **shape), np.arange(1, 6)
    shown = np.where(found < 1e8 * linear[0], found, np.nan)  # a network that diverges leaves the picture
    mean, error = shown.mean(0) / linear[0], shown.std(0, ddof=1) / math.sqrt(trials) / linear[0]
    rate = step_size * as_activation(activation).hermite(1)[1] ** 2 / width
    traces = [
        style.line(count, count**2.0, "one step of size Tη", style.NEUTRAL, dash="dash"),
        style.line(count, linear / linear[0], "each step shrinks what the next one sees", style.AFTER),
        style.points(count, mean, f"{trials} real networks", style.AFTER, error=error),
    ]
    last = "off the scale" if not np.isfinite(mean[-1]) else f"{mean[-1]:.3g}"
    return style.picture(
        traces, notes=[style.note(f"ρ = ημ_σ²/m = {rate:.2g} of the residual's linear part goes in a step", 0.01, 0.97)],
        xaxis=style.axis("gradient steps T", 0.8, 5.2, dtick=1), yaxis=style.axis("spike B after T steps / after one", 0.1, 100, log=True),
        alt=f"Step size {step_size:.3g}: five steps are predicted to multiply the spike by {linear[-1] / linear[0]:.3g}, one step five times as "
            f"large by 25; real networks have {last}.",
    )


def _tops(step: OneStep, step_size: float) -> tuple[float, float, float]:
    """The two largest eigenvalues of S, and ⟨u, w*⟩² of the first."""
    values, vectors = np.linalg.eigh(sample_covariance(step.with_step_size(step_size).after.weights))
    return float(values[-1]), float(values[-2]), float(vectors[0, -1] ** 2)


@lru_cache(maxsize=64)
def _tried_on(inputs, activation, target, dim, width, samples, trials, steps):
    """(mean, standard error) of `_tops` over real networks at each step size, arrays (steps, 3)."""
    found = np.array([[_tops(first_step_on(inputs, activation, target, dim, width, samples, seed), eta) for eta in steps]
                      for seed in range(trials)])
    return found.mean(0), found.std(0, ddof=1) / math.sqrt(trials)


def inputs(*, step_size=100.0, width_ratio=2.0, law="correlated", activation="relu", target="tanh", dim=100, trials=4):
    """The outlier and its direction when the inputs are not N(0, I), against the theory that takes them to be."""
    width, samples = sizes(dim, width_ratio, 4.0)
    shape = {"dim": dim, "width": width, "samples": samples}
    theory = [real_outlier(activation, target, **shape, step_size=eta) for eta in (*_STEPS, step_size)]
    value, overlap = np.array([found[:2] for found in theory]).T
    overlap = overlap * alignment(target, dim=dim, samples=samples)
    problem = (law, activation, target, dim, width, samples, trials)
    mean, error = _tried_on(*problem, tuple(_TRIED))
    here = _tried_on(*problem, (float(step_size),))[0][0]
    traces = [
        style.line(_STEPS, value[:-1], "theory for N(0, I) inputs", style.NEUTRAL, dash="dash"),
        style.points(_TRIED, mean[:, 0], f"{trials} real networks", style.AFTER, error=error[:, 0]),
        style.reader([step_size], [here[0]], "measured at your step size"),
        style.line(_STEPS, overlap[:-1], "", style.NEUTRAL, dash="dash", xaxis="x2", yaxis="y2", showlegend=False),
        style.points(_TRIED, mean[:, 2], "", style.AFTER, error=error[:, 2], xaxis="x2", yaxis="y2", showlegend=False),
        style.reader([step_size], [here[2]], "", xaxis="x2", yaxis="y2", showlegend=False),
    ]
    return style.picture(
        traces, **_side_by_side(style.axis("top eigenvalue of S", 1, 1e4, log=True), style.axis("its overlap ⟨u, w*⟩²", -0.03, 1.05)),
        alt=f"Inputs: {law}. At step size {step_size:.3g} theory for Gaussian inputs puts the top eigenvalue at {value[-1]:.3g} and its overlap "
            f"with the target direction at {overlap[-1]:.2f}; measured are {here[0]:.3g} and {here[2]:.2f}.",
    )


def _side_by_side(left: dict, right: dict) -> dict:
    """Two panels over the same axis of step sizes."""
    eta = style.axis("step size η", 3, 3000, log=True)
    return {"xaxis": {**eta, "domain": [0, 0.43]}, "xaxis2": {**eta, "domain": [0.57, 1], "anchor": "y2"},
            "yaxis": left, "yaxis2": {**right, "anchor": "x2"}}


_DIGIT_RIDGES = (1e-3, 1e-2, 1e-1, 1.0)


@lru_cache(maxsize=512)
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
    return np.array([predicted, *np.linalg.eigvalsh(sample_covariance(after.weights))[:-3:-1], error(drawn), error(after)])


def digits(*, step_size=100.0, width_ratio=2.0, pixels="raw", activation="relu", trials=4):
    """One real step on handwritten digits (even or odd?): the outlier, and what a readout learns, against Gaussian theory."""
    grid = np.array([[_digits_at(pixels, activation, width_ratio, eta, seed) for eta in _TRIED] for seed in range(trials)])
    mean, error = grid.mean(0).T, grid.std(0, ddof=1).T / math.sqrt(trials)
    here = np.mean([_digits_at(pixels, activation, width_ratio, float(step_size), seed) for seed in range(trials)], axis=0)
    right = {"xaxis": "x2", "yaxis": "y2", "showlegend": False}
    traces = [
        style.line(_TRIED, mean[0], "theory for N(0, I) inputs, told only β̂", style.NEUTRAL, dash="dash"),
        style.points(_TRIED, mean[1], f"{trials} real networks", style.AFTER, error=error[1]),
        style.points(_TRIED, mean[2], "their second eigenvalue", style.AFTER, symbol="circle-open", error=error[2]),
        style.line(_TRIED, mean[3], "", style.NEUTRAL, dash="dash", **right),
        style.points(_TRIED, mean[4], "", style.AFTER, error=error[4], **right),
        style.reader([step_size], [here[1]], "measured at your step size"), style.reader([step_size], [here[4]], "", **right),
    ]
    return style.picture(
        traces, **_side_by_side(style.axis("eigenvalues of S", 1, 1e5, log=True), style.axis("test error / label variance", 0, 0.8)),
        alt=f"Digits, {pixels} pixels, step size {step_size:.3g}: the outlier is predicted at {here[0]:.3g} and measured at {here[1]:.3g}; the "
            f"second eigenvalue is {here[2]:.3g}. Test error of a readout: {here[3]:.3f} on weights drawn from theory's law, {here[4]:.3f} "
            f"on the real network's.",
    )
