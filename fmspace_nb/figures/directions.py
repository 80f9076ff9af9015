"""Chapter 09: where a preconditioned step points, and the staircase of a target with several directions."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from fmspace_nb.experiments.other_steps import (
    LINKS,
    even_direction,
    learned_direction,
    multi_index_step,
    preconditioned_step_of,
    spectrum_of,
)
from fmspace_nb.experiments.trials import Trial, sizes
from fmspace_nb.figures import style
from fmspace_nb.figures.other_steps import top_of
from fmspace_nb.preconditioned import preconditioned_moments, preconditioned_outlier
from fmspace_nb.remembered import curves, networks
from fmspace_nb.several_directions import directions_seen, predict_multi_index, staircase
from fmspace_nb.weights import sample_covariance

_DECAY, _TRIALS = 0.7, 3
_POWERS = np.linspace(-2, 1, 7)  # where networks are run
_LINE = np.linspace(-2, 1, 25)


@networks
def _steps(trial) -> tuple:
    """[network][power]: real steps through Σ^p at `_POWERS` (one gradient serves them all), then the batch's own."""
    found = []
    for draw in trial.draws(_TRIALS):
        plain, own = (preconditioned_step_of(power, draw, _DECAY) for power in (0.0, "batch"))
        found.append((*(_through(plain, power) for power in _POWERS), own))
    return tuple(found)


def _through(plain, power):
    """The plain step through Σ^power."""
    return replace(plain, gradient=plain.gradient * spectrum_of(plain.before.dim, _DECAY) ** power)


def _moments(trial, power):
    """The parts of theory for the trial, w* even over the axes."""
    return preconditioned_moments(trial.activation, trial.target, power=power, variances=spectrum_of(trial.dim, _DECAY),
                                  direction=even_direction(trial.dim, trial.seed), samples=trial.samples)


@curves
def _theory(trial) -> dict:
    """{power: (parts, ⟨v, w*⟩², the step size with the plain step's spike over the plain one's)}."""
    w, plain, found = even_direction(trial.dim, trial.seed), _moments(trial, 0.0), {}
    for power in [*_LINE, "batch"]:
        parts = _moments(trial, power if isinstance(power, str) else float(power))
        found[power] = parts, (w @ parts.mean) ** 2 / parts.length2, math.sqrt(plain.length2 / parts.length2)
    return found


@curves
def _outliers(trial, step_size) -> tuple[dict, np.ndarray, np.ndarray]:
    """({power: the weights' outlier}, mean, error) of ⟨u, w*⟩² and ⟨v, w*⟩² of networks: (2, powers) each."""
    theory, dim = _theory(trial), trial.dim
    tops = {p: preconditioned_outlier(parts, even_direction(dim, 0), width=trial.width, step_size=step_size * scale)
            for p, (parts, _, scale) in theory.items()}
    scales = [theory[p][2] for p in (*_LINE[::4], "batch")]
    real = np.array([[(top_of(step, step_size * scale, even_direction(dim, seed)),
                       (learned_direction(step) @ even_direction(dim, seed)) ** 2)
                      for step, scale in zip(row, scales, strict=True)] for seed, row in enumerate(_steps(trial))])
    return tops, real.mean(0).T, real.std(0, ddof=1).T / math.sqrt(_TRIALS)


def preconditioner(*, power=-1.0, step_size=100.0, width_ratio=2.0, sample_ratio=4.0, dim=100, activation="relu",
                   target="tanh"):
    """Where the spike of a step through Σ^p points: its share of the axes, and its overlap with w* against p."""
    trial = Trial.of_ratios(activation, target, dim=dim, width_ratio=width_ratio, sample_ratio=sample_ratio)
    theory, steps = _theory(trial), _steps(trial)
    here = _LINE[np.argmin(np.abs(_LINE - power))]
    tops, mean, error = _outliers(trial, float(step_size))
    axes, parts = np.arange(1, dim + 1) / dim, theory[here][0]
    expected = np.cumsum(parts.mean**2 + parts.batch) / parts.length2
    found = np.cumsum([learned_direction(_through(row[4], here)) ** 2 for row in steps], axis=1)[:, 4::10].mean(0)
    right, batch = {"xaxis": "x2", "yaxis": "y2"}, theory["batch"]
    traces = [
        style.line([0, 1], [0, 1], "w*", style.TARGET, dash="dot", width=2),
        style.line(axes, expected, "the step: theory", style.NEUTRAL),
        style.points(axes[4::10], found, f"{_TRIALS} networks: step", style.NEUTRAL, symbol="square"),
        style.line(_LINE, [theory[p][1] for p in _LINE], "", style.NEUTRAL, showlegend=False, **right),
        style.points(_POWERS, mean[1, :-1], "", style.NEUTRAL, symbol="square", error=error[1, :-1], showlegend=False,
                     **right),
        style.line(_LINE, [tops[p].overlap for p in _LINE], "the weights' outlier: theory", style.AFTER, **right),
        style.points(_POWERS, mean[0, :-1], f"{_TRIALS} networks: outlier", style.AFTER, error=error[0, :-1], **right),
        style.points([-1.06], [batch[1]], "the batch's own (XᵀX/n)⁻¹: theory", style.BEFORE, symbol="line-ew", size=20,
                     **right),
        style.points([-1.06], mean[1, -1:], f"{_TRIALS} networks: its step", style.BEFORE, symbol="diamond-open",
                     error=error[1, -1:], **right),
        style.reader([here], [theory[here][1]], showlegend=False, **right),
    ]
    traces[-3]["marker"]["line"]["width"] = 3
    best = _LINE[np.argmax([theory[p][1] for p in _LINE])]
    return style.picture(
        traces, height=460, margin={"l": 62, "r": 16, "t": 110, "b": 58}, legend={"y": 1.03, "font": {"size": 12}},
        drives={"x2": "power"},
        notes=[style.note(f"best p = {best:.3g}".replace("-", "−"), 0.99, 0.98, anchor="right")],
        xaxis=style.axis("axes, strongest first", 0, 1, domain=[0, 0.43]),
        yaxis=style.axis("share of v", -0.02, 1.04),
        xaxis2=style.axis("power p of Σ<sup>p</sup>", -2.1, 1.1, domain=[0.57, 1], anchor="y2", dtick=1),
        yaxis2=style.axis("overlap with w*", -0.03, 1.1, anchor="x2"),
        alt=f"Step through the power {here:.1f} of the inputs' covariance, its spike that of a plain step of size "
            f"{step_size:.3g}: theory aligns its direction with w* to {theory[here][1]:.3g}, the weights' outlier to "
            f"{tops[here].overlap:.3g}. The best power is {best:.3g}; the batch's own inverse has {batch[1]:.3g}.",
    )


_ETAS = np.geomspace(3, 1000, 60)
_TRIED = np.geomspace(3, 1000, 9)
_ORDINAL, _NETWORKS = ("first", "second", "third"), 3
_COLOURS, _SYMBOLS = (style.TARGET, style.AFTER, style.LEGS[4]), ("circle", "square", "diamond")


@curves
def _climbed(activation, link, dim, width, samples) -> np.ndarray:
    """Of real networks at `_TRIED`: (mean or standard error, what Γ gains or the overlap, step, direction)."""
    found = []
    for seed in range(_NETWORKS):
        step = multi_index_step(activation, link, dim, width, samples, seed)
        moved = dim * np.mean(step.gradient**2, axis=0)
        gained = np.outer(_TRIED**2, moved[:3] - moved[3:].mean())
        spectra = [np.linalg.eigh(sample_covariance(step.with_step_size(eta).after.weights)) for eta in _TRIED]
        found.append((gained, np.array([np.sum(vectors[:3, -3:] ** 2, axis=1) for _, vectors in spectra])))
    found = np.array(found)
    return np.stack([found.mean(0), found.std(0, ddof=1) / math.sqrt(_NETWORKS)])


@curves
def _seen(activation, link, dim, width, samples) -> np.ndarray:
    """`directions_seen` along `_ETAS`."""
    shape = {"directions": 3, "dim": dim, "width": width, "samples": samples}
    return directions_seen(activation, LINKS[link], **shape, step_size=_ETAS)


def several(*, step_size=100.0, width_ratio=2.0, link="three stairs", dim=50, sample_ratio=200.0, activation="relu"):
    """What a step adds to the weights on each direction of a target with three, and which of them the weights show."""
    width, samples = sizes(dim, width_ratio, sample_ratio)
    shape = {"directions": 3, "dim": dim, "width": width, "samples": samples}
    unit = predict_multi_index(activation, LINKS[link], **shape, step_size=1.0).covariance.gamma
    bulk, spikes = unit[-1, -1] - 1, np.diag(unit)[:3] - unit[-1, -1]
    seen = _seen(activation, link, dim, width, samples)
    here = directions_seen(activation, LINKS[link], **shape, step_size=step_size)
    thresholds = staircase(activation, LINKS[link], **shape)
    mean, error = _climbed(activation, link, dim, width, samples)
    right = {"xaxis": "x2", "yaxis": "y2", "showlegend": False}
    edge = (1 + bulk * _ETAS**2) * math.sqrt(dim / width)
    traces = [style.line(_ETAS, edge, "needed to leave the bulk", style.NEUTRAL, dash="dash", width=2)]
    for k in range(3):
        colour, symbol = _COLOURS[k], _SYMBOLS[k]
        name = f"{_ORDINAL[k]} direction"
        gained = np.where(mean[0, :, k] > 2 * error[0, :, k], mean[0, :, k], np.nan)
        traces += [
            style.line(_ETAS, np.maximum(spikes[k], 1e-12) * _ETAS**2, name, colour, dash=("solid", "dash", "dot")[k]),
            style.points(_TRIED, gained, f"{_NETWORKS} networks", colour, symbol=symbol, error=error[0, :, k],
                         showlegend=False),
            style.line(_ETAS, seen[:, k], name, colour, dash=("solid", "dash", "dot")[k], **right),
            style.points(_TRIED, mean[1, :, k], f"{_NETWORKS} networks", colour, symbol=symbol, error=error[1, :, k],
                         **right),
        ]
    traces.append(style.reader([step_size] * 3, here, **right))
    guides = []
    for k, threshold in enumerate(thresholds):
        shape_, label = style.threshold(threshold, f"η<sub>{k + 1}</sub>", level=1.0)
        guides.append(({**shape_, "xref": "x2"}, {**label, "xref": "x2"}))
    axis = style.axis("step size η", 2.6, 1150, log=True)
    said = ", ".join(f"{value:.3g}" if np.isfinite(value) else "never" for value in thresholds)
    return style.picture(
        traces, guides=guides, margin={"l": 68, "r": 16, "t": 76, "b": 58}, legend={"y": 1.03, "font": {"size": 12}},
        drives={"x": "step_size", "x2": "step_size"},
        xaxis={**axis, "domain": [0, 0.44]}, yaxis=style.axis("what Γ gains", 1e-4, 1e4, log=True, automargin=True),
        xaxis2={**axis, "domain": [0.56, 1], "anchor": "y2"},
        yaxis2=style.axis("overlap with the top 3", -0.03, 1.15, anchor="x2"),
        alt=f"Target '{link}', step size {step_size:.3g}. The weights show directions from the step sizes {said} on; "
            f"theory shows each of them to {', '.join(f'{value:.2f}' for value in here)}.",
    )
