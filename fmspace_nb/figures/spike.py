"""Chapter 03: the spike's emergence in the weights, real networks against random matrix theory."""

from __future__ import annotations

import math

import numpy as np

from fmspace_nb.covariance import alignment, typical_conditional
from fmspace_nb.experiments.trials import Trial, sizes
from fmspace_nb.figures import style
from fmspace_nb.remembered import curves
from fmspace_nb.weights import (
    bulk_density,
    critical_step_size,
    marchenko_pastur,
    marchenko_pastur_atom,
    marchenko_pastur_edges,
    readout_variance,
    real_outlier,
)

STEPS = np.geomspace(1, 1e4, 121)  # where theory is drawn
_BINS = np.geomspace(1e-2, 1e5, 141)
_CENTRES = np.sqrt(_BINS[1:] * _BINS[:-1])
_TRIALS = 4
_INK = "#3c4048"  # on a coloured map, in either theme


def _theory(activation, target, dim, width, samples, step_size):
    """(Γ given typical data, its outlier, ⟨u, w*⟩²) at one step size."""
    sizes = {"dim": dim, "width": width, "samples": samples, "step_size": step_size}
    covariance, found = typical_conditional(activation, target, **sizes), real_outlier(activation, target, **sizes)
    return covariance, found, found.overlap * alignment(target, dim=dim, samples=samples)


def _needed(activation, target, covariance, dim, width, samples, step_size):
    """The B_c/A_c from which the outlier detaches, √γ + γ(1 − V/A_c): V is the weights' variance along the readout."""
    sizes, ratio = {"dim": dim, "width": width, "samples": samples, "step_size": step_size}, dim / width
    return math.sqrt(ratio) + ratio * (1 - readout_variance(activation, target, **sizes) / covariance.bulk)


def weight_spectrum(*, step_size=100.0, width_ratio=2.0, sample_ratio=4.0, dim=200, activation="relu", target="tanh",
                    seed=0):
    """The eigenvalues of Σ̂ = (d/m) WᵀW of one real network after its step, on Marchenko–Pastur and the predicted
    outlier."""
    width, samples = sizes(dim, width_ratio, sample_ratio)
    trials = Trial(activation, target, dim=dim, width=width, samples=samples).shown(seed)
    measured = np.array([trial.weight_path().eigenvalues(step_size) for trial in trials])
    covariance, spike, _ = _theory(activation, target, dim, width, samples, step_size)
    ratio = dim / width
    each = np.array([np.histogram(one, _BINS)[0] for one in measured]) / (dim * np.log10(_BINS[1] / _BINS[0]))
    outlines = each if len(trials) > 1 else np.full((1, len(_CENTRES)), np.nan)
    density = _density(target, ratio, covariance.bulk, samples / dim)
    start = _bulk_grid(ratio)
    tops, atom = measured[:, -1], marchenko_pastur_atom(ratio=ratio)
    needed = max(_needed(activation, target, covariance, dim, width, samples, step_size), 0.0)
    traces = [
        {"type": "bar", "x": _CENTRES, "y": each.mean(axis=0), "width": np.diff(_BINS),
         "name": "eigenvalues of a real network" if len(trials) == 1 else f"mean of {len(trials)} real networks",
         "marker": {"color": style.AFTER, "opacity": 0.45, "line": {"width": 0}}},
        style.line(start, marchenko_pastur(start, ratio=ratio) * start * math.log(10), "before: Marchenko–Pastur",
                   style.BEFORE, dash="dash", width=2),
        style.line(_CENTRES, density, "after: predicted", style.AFTER),
        style.line(style.gathered([_CENTRES] * len(outlines)), style.gathered(outlines), "each of them", style.AFTER,
                   width=1, shape="hvh", opacity=0.6, showlegend=len(trials) > 1),
        style.points(style.gathered(tops[:, None]), style.gathered([[0.16]] * len(trials)), "top eigenvalue, measured",
                     style.TARGET, size=12, **style.faint(trials)),
        style.line([spike.eigenvalue] * 2, [0, 0.6], "outlier, predicted", style.TARGET, width=2.5),
    ]
    state = "has left the bulk" if spike.detached else "is inside the bulk"
    remark = f"{atom:.0%} of the eigenvalues are 0 (fewer neurons than dimensions)" if atom else ""
    return style.picture(
        traces, bargap=0,
        notes=[style.note(remark, 0.01, 0.86),
               style.note(f"B<sub>c</sub>/A<sub>c</sub> = {covariance.spike / covariance.bulk:.3g}, "
               f"needed {needed:.3g}: the spike {state}", 0.99, 0.97, anchor="right", colour=style.TARGET)],
        xaxis=style.axis("eigenvalue of Σ̂ = (d/m) WᵀW", 1e-2, 1e5, log=True),
        yaxis=style.axis("share of eigenvalues per decade", 0, 2.4),
        alt=f"Histogram of {dim} eigenvalues. The predicted top eigenvalue is {spike.eigenvalue:.3g}, the measured one "
            f"{style.reach(tops, '.3g')}; the spike {state}.",
    )


@curves
def _density(target, ratio, bulk, sample_ratio):
    """The predicted density of the bulk at _CENTRES, a decade; the draws of one step share it."""
    law = bulk_density(_CENTRES, target, ratio=ratio, bulk=bulk, sample_ratio=sample_ratio)
    return law * _CENTRES * math.log(10)


def _bulk_grid(ratio):
    low, high = marchenko_pastur_edges(ratio=ratio)
    # Square-root edges: Chebyshev points put the resolution where the density bends.
    return np.maximum(low + (high - low) * (1 - np.cos(np.linspace(0, np.pi, 160))) / 2, 1e-2)


@curves
def _curves(activation, target, dim, width, samples):
    """(⟨u, v⟩², ⟨u, w*⟩²) as theory has them along STEPS."""
    found = [_theory(activation, target, dim, width, samples, step)[1:] for step in STEPS]
    return np.array([spike.overlap for spike, _ in found]), np.array([along_w for _, along_w in found])


@curves
def _overlaps(activation, target, dim, width, samples):
    """(steps, mean, standard error) of ⟨u, w*⟩² and ⟨u, v⟩² over real trials; the last two of shape (2, steps)."""
    steps = np.geomspace(3, 3000, 10)
    trial = Trial(activation, target, dim=dim, width=width, samples=samples)
    paths = [draw.weight_path() for draw in trial.draws(_TRIALS)]
    found = np.array([[path.top(step)[1:] for step in steps] for path in paths])
    return steps, found.mean(0).T, found.std(0, ddof=1).T / math.sqrt(_TRIALS)


def overlap(*, step_size=100.0, width_ratio=2.0, sample_ratio=4.0, dim=100, activation="relu", target="tanh"):
    """How far the top eigenvector of the weights points to w* (and to β̂), against the step size, with η_c marked."""
    width, samples = sizes(dim, width_ratio, sample_ratio)
    along_v, along_w = _curves(activation, target, dim, width, samples)
    steps, mean, error = _overlaps(activation, target, dim, width, samples)
    here = _theory(activation, target, dim, width, samples, step_size)[2]
    critical = critical_step_size(activation, target, dim=dim, width=width, samples=samples)
    ceiling = alignment(target, dim=dim, samples=samples)
    traces = [
        style.line(STEPS, along_v, "with β̂: theory", style.AFTER, dash="dash", width=2),
        style.points(
            steps, mean[1], f"with β̂: {_TRIALS} real networks", style.AFTER, symbol="square", size=7, error=error[1]
        ),
        style.line(STEPS, along_w, "with w*: theory", style.TARGET),
        style.points(steps, mean[0], f"with w*: {_TRIALS} real networks", style.TARGET, error=error[0]),
        style.reader([step_size], [here]),
    ]
    return style.picture(
        traces,
        drives={"x": "step_size"},
        guides=[
            style.threshold(critical, f"η<sub>c</sub> = {critical:.3g}", level=0.99),
            style.threshold(dim, "η = d", level=0.08),
        ],
        notes=[style.note(f"with this much data no step goes above {ceiling:.2f}", 0.99, 0.14, anchor="right")],
        xaxis=style.axis("step size η", 1, 1e4, log=True),
        yaxis=style.axis("⟨u, w*⟩² and ⟨u, β̂⟩²", -0.03, 1.05),
        alt=f"At step size {step_size:.3g} theory puts the squared overlap of the top eigenvector with the target "
            f"direction "
        f"at {here:.3f}; the critical step size is {critical:.3g}.",
    )


_PHASE_STEPS = np.geomspace(1, 1e4, 49)
_PHASE_RATIOS = np.geomspace(0.25, 8, 17)


@curves
def _phase_theory(activation, target, dim, sample_ratio):
    """(map of ⟨u, w*⟩² over (β, η), η_c along β)."""
    overlaps, critical = [], []
    for ratio in _PHASE_RATIOS:
        width, samples = sizes(dim, ratio, sample_ratio)
        overlaps.append([_theory(activation, target, dim, width, samples, step)[2] for step in _PHASE_STEPS])
        critical.append(critical_step_size(activation, target, dim=dim, width=width, samples=samples))
    return np.array(overlaps), np.array(critical)


@curves
def _phase_trials(activation, target, dim, sample_ratio):
    """(β, η, ⟨u, w*⟩²) of one real network each, on a coarse grid."""
    found = []
    for ratio in np.geomspace(0.35, 5.7, 4):
        path = Trial.of_ratios(
            activation, target, dim=dim, width_ratio=ratio, sample_ratio=sample_ratio, seed=1
        ).weight_path()
        found += [(ratio, step, path.top(step)[1]) for step in np.geomspace(2, 5000, 9)]
    return np.array(found).T


def phase_diagram(*, step_size=100.0, width_ratio=2.0, sample_ratio=4.0, dim=100, activation="relu", target="tanh"):
    """Where in the plane of step size and width the spike shows: predicted overlap as colour, real networks as
    circles."""
    overlaps, critical = _phase_theory(activation, target, dim, sample_ratio)
    ratio, step, measured = _phase_trials(activation, target, dim, sample_ratio)
    width, samples = sizes(dim, width_ratio, sample_ratio)
    here = _theory(activation, target, dim, width, samples, step_size)[2]
    scale = {"colorscale": style.SEQUENTIAL, "cmin": 0, "cmax": 1}
    circles = style.points(step, ratio, "real networks, coloured alike", style.NEUTRAL, size=13)
    circles["marker"] = {**scale, "color": measured, "size": 14, "line": {"width": 1.5, "color": "white"}}
    traces = [
        {
            "type": "heatmap",
            "x": _PHASE_STEPS,
            "y": _PHASE_RATIOS,
            "z": overlaps,
            "zmin": 0,
            "zmax": 1,
            "zsmooth": "best",
            "colorscale": style.SEQUENTIAL,
            "colorbar": {"title": {"text": "⟨u, w*⟩²"}, "thickness": 14, "outlinewidth": 0},
        },
        style.line(critical, _PHASE_RATIOS, "critical step size η<sub>c</sub>(β)", _INK, width=3),
        circles,
        style.reader([step_size], [width_ratio]),
    ]
    return style.picture(
        traces,
        drives={"x": "step_size", "y": "width_ratio"},
        guides=[
            style.threshold(math.sqrt(dim), "√d", level=0.09, colour=_INK),
            style.threshold(dim, "d", level=0.09, colour=_INK),
        ],
        xaxis=style.axis("step size η", 1, 1e4, log=True),
        yaxis=style.axis("width / dimension β = m/d", 0.25, 8, log=True, tickvals=[0.25, 0.5, 1, 2, 4, 8], minor=None),
        alt=f"Phase diagram. At step size {step_size:.3g} and width ratio {width_ratio:.3g} the predicted squared "
            f"overlap with "
        f"the target direction is {here:.3f}.",
    )
