"""Chapter 08: where it breaks. In each picture theory is a line, a real network is points, and they part."""

from __future__ import annotations

import math

import numpy as np

from fmspace_nb.activations import activation as as_activation
from fmspace_nb.covariance import alignment, predict_covariance, typical_conditional
from fmspace_nb.experiments.departures import several_steps, spike_of_steps
from fmspace_nb.experiments.trials import Trial, sizes
from fmspace_nb.figures import style
from fmspace_nb.remembered import curves
from fmspace_nb.targets import target as as_target
from fmspace_nb.weights import bulk_density, marchenko_pastur, marchenko_pastur_edges, outlier, real_outlier

_RATIOS = np.geomspace(0.25, 64, 25)  # α, where theory is drawn


def direction(*, step_size=300.0, width_ratio=2.0, activation="relu", target="quadratic", dim=80, trials=4):
    """How far the top eigenvector of the weights points to w*, against the data per dimension, for any information
    exponent."""
    curves = []
    for ratio in _RATIOS:
        width, samples = sizes(dim, width_ratio, ratio)
        shape = {"dim": dim, "width": width, "samples": samples, "step_size": step_size}
        averaged = predict_covariance(activation, target, **shape)
        paper = outlier(spike=max(averaged.spike, 0.0), bulk=averaged.bulk, ratio=dim / width).overlap
        curves.append(
            (paper, real_outlier(activation, target, **shape).overlap * alignment(target, dim=dim, samples=samples))
        )
    tried = _RATIOS[::4]  # seven
    real = [
        Trial.of_ratios(activation, target, dim=dim, width_ratio=width_ratio, sample_ratio=ratio) for ratio in tried
    ]
    found = np.array([[draw.weight_path().top(step_size)[1] for draw in trial.draws(trials)] for trial in real])
    mean, (paper, given) = found.mean(1), np.array(curves).T
    exponent = as_target(target).information_exponent
    second = math.nan
    if exponent == 2:
        second = outlier(spike=curvature_spike(activation, target, width, step_size), ratio=dim / width).overlap
    traces = [
        style.line(_RATIOS, paper, "Γ averaged over the data: spike along w*", style.NEUTRAL, dash="dash"),
        style.line(_RATIOS, given, "Γ given the data: spike along β̂", style.AFTER),
        style.line(
            _RATIOS, np.full(_RATIOS.size, second), "second order of the step, endless data", style.TARGET, dash="dot"
        ),
        style.points(
            tried, mean, f"{trials} real networks", style.AFTER, error=found.std(1, ddof=1) / math.sqrt(trials)
        ),
    ]
    return style.picture(
        traces,
        notes=[style.note(f"information exponent {exponent}", 0.01, 0.97)],
        xaxis=style.axis("samples / dimension α = n/d", 0.25, 64, log=True),
        yaxis=style.axis("squared overlap with w*", -0.03, 1.15),
        alt=f"Information exponent {exponent}, step size {step_size:.3g}. With {tried[0]:.2g} samples per dimension "
            f"theory "
        f"averaged over the data says {paper[0]:.2f}, given the data {given[0]:.2f}, real networks {mean[0]:.2f}; with "
        f"{tried[-1]:.2g} they say {paper[-1]:.2f}, {given[-1]:.2f} and {mean[-1]:.2f}.",
    )


def curvature_spike(activation, target, width, step_size) -> float:
    """B₂ = (η E σ'' E g''/m)²: what the part of σ' that is linear in ⟨w_j, x⟩ adds along w*, of order 1 when η ~ m."""
    return (step_size / width * 2 * as_activation(activation).hermite(2)[2] * as_target(target).hermite(2)[2]) ** 2


_SHOWN = 300  # neurons in the picture
_READOUT = np.linspace(-3.5, 3.5, 141)


@curves
def _shifted(target, mean):
    """The target centred, then raised by the mean."""
    known = as_target(target)
    offset = mean - known.hermite(0)[0]
    return as_target(lambda t: known.link(t) + offset)


def neurons(*, step_size=1000.0, width_ratio=1.0, label_mean=0.0, activation="relu", target="tanh", dim=200, seed=0):
    """Each neuron's own variance across β̂ after the step, against its readout weight: one bulk, or a mixture of
    scales?"""
    g = _shifted(target, float(label_mean))
    width, samples = sizes(dim, width_ratio, 4.0)
    trials = Trial(activation, g, dim=dim, width=width, samples=samples).shown(seed)
    found = np.hstack([_scales(trial, step_size, _SHOWN // len(trials)) for trial in trials])
    readout, measured = np.pad(found, ((0, 0), (0, _SHOWN - found.shape[1])), constant_values=np.nan)
    bulk = typical_conditional(activation, g, dim=dim, width=width, samples=samples, step_size=step_size).bulk
    bend = as_activation(activation).hermite(2)[2] * math.sqrt(2)  # E σ''
    mixture = (1 + step_size / width * label_mean * bend * _READOUT) ** 2 + (bulk - 1) * _READOUT**2
    traces = [
        style.points(readout, measured, f"neurons of {'a real network' if len(trials) == 1 else style.those(trials)}",
                     style.AFTER, size=5, opacity=0.6),
        style.line(_READOUT, np.full(_READOUT.size, bulk), "one Gaussian bulk: A<sub>c</sub> for all", style.NEUTRAL,
                   dash="dash"),
        style.line(_READOUT, mixture, "a mixture: each neuron by its readout", style.AFTER),
    ]
    spread = float(np.nanstd(measured) / np.nanmean(measured))
    return style.picture(
        traces,
        notes=[style.note(f"η/d = {step_size / dim:.2g}", 0.01, 0.97)],
        xaxis=style.axis("readout weight √m·a", -3.5, 3.5),
        yaxis=style.axis("‖w‖² across β̂", 0.3, 2000, log=True),
        alt=f"Step size {step_size:.3g} at dimension {dim}, label mean {label_mean:.2g}: theory with one bulk puts "
            f"every "
        f"neuron's variance at {bulk:.3g}; the neurons' variances spread by {spread:.0%} of their mean.",
    )


def _scales(trial, step_size, count) -> np.ndarray:
    """(√m a_j, ‖w_j‖² across β̂) of the first neurons of a real network after its step; (2, at most count)."""
    step = trial.first_step().with_step_size(step_size)
    v, weights = step.beta_hat / np.linalg.norm(step.beta_hat), step.after.weights[:count]
    across = np.sum((weights - np.outer(weights @ v, v)) ** 2, axis=1)
    return np.stack([step.before.readout[:count] * math.sqrt(trial.width), across])


_RANKS = np.arange(1, 31)


def _quantiles(density, low, high, dim):
    """Where the k-th largest of dim − 1 eigenvalues of a density is expected, k from 1."""
    x = np.geomspace(low, high, 300)
    mass = density(x) * x * np.log(x[1] / x[0])
    above = (dim - 1) * (np.cumsum(mass[::-1])[::-1] - mass / 2)
    return np.exp(np.interp(-(_RANKS[:-1] - 0.5), -above, np.log(x)))


@curves
def _bulks(target, dim, ratio, bulk, sample_ratio) -> list[np.ndarray]:
    """The quantiles of one Gaussian bulk, and of noise of scale a_j and shape Ŵ; the draws of one step share them."""
    edge, law = marchenko_pastur_edges(ratio=ratio, bulk=bulk)[1], {"ratio": ratio, "bulk": bulk}
    return [_quantiles(lambda x: marchenko_pastur(x, **law), edge / 50, edge, dim),
            _quantiles(lambda x: bulk_density(x, target, **law, sample_ratio=sample_ratio), edge / 50, 40 * edge, dim)]


def ranks(*, step_size=1000.0, width_ratio=2.0, sample_ratio=8.0, activation="relu", target="quadratic", dim=200,
          seed=0):
    """The largest eigenvalues of the weights, one by one: the spike, the bulk's edge, and what a step of η ~ d adds."""
    width, samples = sizes(dim, width_ratio, sample_ratio)
    shape = {"dim": dim, "width": width, "samples": samples, "step_size": step_size}
    trials = Trial(activation, target, dim=dim, width=width, samples=samples).shown(seed)
    spectra = [np.linalg.eigh(trial.weight_path().covariance(step_size)) for trial in trials]
    values, overlaps = (np.array([one[::-1][:_RANKS.size] for one in each])
                        for each in zip(*((found, vectors[0] ** 2) for found, vectors in spectra), strict=True))
    ratio, bulk = dim / width, typical_conditional(activation, target, **shape).bulk
    spike, (_, edge) = real_outlier(activation, target, **shape), marchenko_pastur_edges(ratio=ratio, bulk=bulk)
    plain, mixed = _bulks(target, dim, ratio, bulk, samples / dim)
    which = "a real network" if len(trials) == 1 else style.those(trials)
    second, leaning = style.reach(values[:, 1], ".3g"), style.reach(overlaps[:, 1], ".2f")
    circles = style.points(style.gathered([_RANKS] * len(trials)), style.gathered(values),
                           f"{which}, coloured by overlap with w*", style.AFTER, size=10, **style.faint(trials))
    shades = np.nan_to_num(style.gathered(np.sqrt(overlaps)))  # numbers in the gaps, too: colours glide
    circles["marker"] |= {"color": shades, "colorscale": style.SEQUENTIAL, "cmin": 0, "cmax": 1,
                          "line": {"width": 1.2, "color": style.AFTER}}
    traces = [
        style.line(
            _RANKS, np.r_[spike.eigenvalue, plain], "theory: a spike and one Gaussian bulk", style.NEUTRAL, dash="dash"
        ),
        style.line(_RANKS, np.r_[spike.eigenvalue, mixed], "with noise of scale a<sub>j</sub>, shape Ŵ", style.AFTER),
        circles,
    ]
    return style.picture(
        traces,
        notes=[
            style.note(
                f"second: {second}, overlap with w* {leaning}",
                0.99,
                0.97,
                anchor="right",
                colour=style.TARGET,
            )
        ],
        xaxis=style.axis("rank of the eigenvalue", 0.85, 32, log=True),
        yaxis=style.axis("eigenvalue of Σ̂ = (d/m) WᵀW", 1, 1e5, log=True),
        alt=f"Step size {step_size:.3g} at dimension {dim}: the top eigenvalue is {style.reach(values[:, 0], '.3g')}, "
        f"predicted {spike.eigenvalue:.3g}; the second is {second} where a Gaussian bulk would end at {edge:.3g}; its "
        f"overlap "
        f"with w* is {leaning}.",
    )


def steps(*, step_size=100.0, width_ratio=2.0, activation="relu", target="tanh", dim=60, trials=4):
    """The spike after one to five real gradient steps, each on fresh data, against one step of the same total size."""
    width, samples = sizes(dim, width_ratio, 4.0)
    trial, count = Trial(activation, target, dim=dim, width=width, samples=samples), np.arange(1, 6)
    found = np.array([several_steps(draw, step_size=step_size, steps=5) for draw in trial.draws(trials)])
    linear = spike_of_steps(trial, step_size=step_size, steps=5)
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
        traces,
        notes=[style.note(f"ρ = ημ<sub>σ</sub>²/m = {rate:.2g} of the residual's linear part goes in a step",
                          0.01, 0.97)],
        xaxis=style.axis("gradient steps T", 0.8, 5.2, dtick=1),
        yaxis=style.axis("spike B<sub>T</sub> after T steps / after one", 0.1, 100, log=True),
        alt=f"Step size {step_size:.3g}: five steps are predicted to multiply the spike by "
            f"{linear[-1] / linear[0]:.3g}, "
        f"one step five times as large by 25; real networks have {last}.",
    )
