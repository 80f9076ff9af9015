"""Chapter 09: the sign step beside the plain one at the same spike, and the weights' spectrum after Muon's step."""

from __future__ import annotations

import math

import numpy as np
from scipy.linalg import eigh

from fmspace_nb.covariance import alignment, typical_conditional
from fmspace_nb.experiments.other_steps import common_part, placed, step_of
from fmspace_nb.experiments.trials import Trial
from fmspace_nb.figures import style
from fmspace_nb.numerics.hermite import gaussian
from fmspace_nb.other_steps import muon_density, predict_muon_step, predict_sign_step
from fmspace_nb.remembered import curves
from fmspace_nb.steps import OneStep
from fmspace_nb.weights import bulk_density, marchenko_pastur, outlier, real_outlier, sample_covariance

_TRIALS = 4
_BINS = np.linspace(-3, 3, 49)
_GRID = np.linspace(-3, 3, 241)
_TRIED = np.geomspace(1e-3, 0.2, 8)  # η of the sign step where networks are run
_LINE = np.geomspace(1e-3, 0.2, 60)


def top_of(step: OneStep, step_size: float, direction) -> float:
    """⟨u, w*⟩² of the top eigenvector of Σ̂ after a step of that size."""
    last = step.before.dim - 1
    s = sample_covariance(step.with_step_size(step_size).after.weights)
    return float((eigh(s, subset_by_index=(last, last))[1][:, 0] @ direction) ** 2)


def _matched(trial, place) -> tuple[float, float, float]:
    """(P, alignment) of the sign step, and the plain step's η with the same spike, as a multiple of the sign step's."""
    w = None if place == "spread" else placed(place, trial.dim, trial.seed)
    unit = predict_sign_step(trial.activation, trial.target, **trial.shape, step_size=1.0, direction=w)
    plain = typical_conditional(trial.activation, trial.target, **trial.shape, step_size=1.0)
    return unit.covariance.spike / trial.dim**2, unit.alignment, math.sqrt(unit.covariance.spike / plain.spike)


@curves
def _overlaps(trial, place, factor) -> np.ndarray:
    """⟨u, w*⟩² of real networks at each of `_TRIED`: (rule, mean or standard error, steps)."""
    found = np.array([[[top_of(step_of(rule, draw, place), scale * eta, placed(place, trial.dim, draw.seed))
                        for eta in _TRIED] for draw in trial.draws(_TRIALS)]
                      for rule, scale in (("sign", 1.0), ("plain", factor))])
    return np.stack([found.mean(1), found.std(1, ddof=1) / math.sqrt(_TRIALS)], axis=1)


@curves
def _expected(trial, share, overlap, factor, steps) -> np.ndarray:
    """⟨u, w*⟩² by theory at each step size: (steps, sign or plain)."""
    toward, dim = alignment(trial.target, dim=trial.dim, samples=trial.samples), trial.dim

    def at(eta):
        bulk, spike = 1 + eta**2 * dim * (1 - share), (eta * dim) ** 2 * share
        plain = real_outlier(trial.activation, trial.target, **trial.shape, step_size=factor * eta)
        return overlap * outlier(spike=spike, bulk=bulk, ratio=dim / trial.width).overlap, toward * plain.overlap

    return np.array([at(eta) for eta in steps])


def sign_and_plain(*, step_size=0.03, width_ratio=2.0, place="spread", sample_ratio=4.0, dim=100, activation="relu",
                   target="tanh"):
    """The weights along v after a sign step and after a plain step with the same spike, and how far both point to
    w*."""
    ratios = {"width_ratio": width_ratio, "sample_ratio": sample_ratio}
    trial = Trial.of_ratios(activation, target, dim=dim, **ratios)
    share, overlap, factor = _matched(trial, place)
    bulk, spike = 1 + step_size**2 * dim * (1 - share), (step_size * dim) ** 2 * share
    total = math.sqrt(bulk + spike)
    along = {rule: _along(rule, trial, place, scale * step_size) / total
             for rule, scale in (("sign", 1.0), ("plain", factor))}
    plain = typical_conditional(activation, target, **trial.shape, step_size=factor * step_size)
    shift, width = math.sqrt(spike) / total, math.sqrt(bulk) / total
    two_points = (gaussian((_GRID - shift) / width) + gaussian((_GRID + shift) / width)) / (2 * width)
    one = math.sqrt(plain.bulk + plain.spike) / total
    measured = _overlaps(trial, place, factor)
    curves, here = _expected(trial, share, overlap, factor, tuple(_LINE)), (float(step_size),)
    here = _expected(trial, share, overlap, factor, here)[0]
    right = {"xaxis": "x2", "yaxis": "y2"}
    traces = [
        _bars(along["sign"], "sign step", style.AFTER, 0.45), _bars(along["plain"], "plain step", style.NEUTRAL, 0.3),
        style.line(_GRID, two_points, "sign: theory", style.AFTER),
        style.line(_GRID, gaussian(_GRID / one) / one, "plain: theory", style.NEUTRAL),
        style.line(_LINE, curves[:, 0], "", style.AFTER, showlegend=False, **right),
        style.line(_LINE, curves[:, 1], "", style.NEUTRAL, showlegend=False, **right),
        style.points(_TRIED, measured[0, 0], f"{_TRIALS} networks, sign", style.AFTER, error=measured[0, 1], **right),
        style.points(_TRIED, measured[1, 0], f"{_TRIALS} networks, plain", style.NEUTRAL, symbol="square",
                     error=measured[1, 1], **right),
        style.reader([step_size], [here[0]], showlegend=False, **right),
    ]
    return style.picture(
        traces, barmode="overlay", bargap=0.02, margin={"l": 62, "r": 16, "t": 92, "b": 58}, drives={"x2": "step_size"},
        legend={"y": 1.05, "font": {"size": 12}},
        guides=[_guide(1 / dim, "1/d"), _guide(dim**-0.5, "d<sup>−1/2</sup>")],
        notes=[style.note(f"B<sub>c</sub>/A<sub>c</sub> = {spike / bulk:.3g}<br>"
                          f"plain step: η = {factor * step_size:.3g}",
                          0.01, 0.98, font={"size": 14})],
        xaxis=style.axis("√d ⟨w<sub>j</sub>, v⟩ / √(A<sub>c</sub> + B<sub>c</sub>)", -3, 3, domain=[0, 0.43]),
        yaxis=style.axis("density", 0, 2.7),
        xaxis2=style.axis("η of the sign step", 9e-4, 0.23, log=True, domain=[0.57, 1], anchor="y2"),
        yaxis2=style.axis("overlap ⟨u, w*⟩²", -0.03, 1.15, anchor="x2"),
        alt=f"Sign step of size {step_size:.3g} beside a plain step with the same spike, w* {place}. Weights along v: "
            f"two points at ±{shift:.2f} of the total spread, and one Gaussian. Predicted overlap of the outlier with "
            f"w*: {here[0]:.3g} after the sign step, {here[1]:.3g} after the plain one.",
    )


def _along(rule, trial, place, step_size) -> np.ndarray:
    """√d ⟨w_j, v⟩ of the trial's networks, v the direction in which that step moves them; (_TRIALS · width,)."""
    found = []
    for draw in trial.draws(_TRIALS):
        step = step_of(rule, draw, place)
        v = common_part(step) if rule == "sign" else step.beta_hat
        found.append(step.with_step_size(step_size).after.weights @ v / np.linalg.norm(v))
    return math.sqrt(trial.dim) * np.concatenate(found)


def _bars(values, name: str, colour: str, opacity: float) -> dict:
    density = np.histogram(values, _BINS)[0] / (values.size * (_BINS[1] - _BINS[0]))
    return {"type": "bar", "x": (_BINS[1:] + _BINS[:-1]) / 2, "y": density, "name": name,
            "marker": {"color": colour, "opacity": opacity, "line": {"width": 0}}}


def _guide(x: float, text: str) -> tuple[dict, dict]:
    """A threshold in the right-hand panel."""
    shape, label = style.threshold(x, text, level=1.0)
    return {**shape, "xref": "x2"}, {**label, "xref": "x2"}


_EDGES = np.geomspace(1e-2, 1e4, 97)  # bins of the spectra: 16 a decade
_MIDDLES = np.sqrt(_EDGES[1:] * _EDGES[:-1])
_AT = np.geomspace(1e-2, 1e4, 361)


@curves
def _eigenvalues(rule, trial, step_size) -> np.ndarray:
    return np.linalg.eigvalsh(sample_covariance(step_of(rule, trial).with_step_size(step_size).after.weights))


def muon_and_plain(*, step_size=1.0, width_ratio=2.0, sample_ratio=4.0, dim=200, activation="relu", target="tanh",
                   seed=0):
    """Eigenvalues of the weights after a plain step and after Muon's of the same length, with the law of each."""
    ratios = {"width_ratio": width_ratio, "sample_ratio": sample_ratio}
    trials = Trial.of_ratios(activation, target, dim=dim, **ratios).shown(seed)
    trial, sizes = trials[0], [step_size * math.sqrt(min(t.width, dim)) / np.linalg.norm(step_of("plain", t).gradient)
                               for t in trials]
    eta = float(np.mean(sizes))
    given = typical_conditional(activation, target, **trial.shape, step_size=eta)
    spike = real_outlier(activation, target, **trial.shape, step_size=eta)
    ratio = dim / trial.width
    laws = {"plain": bulk_density(_AT, target, ratio=ratio, bulk=given.bulk, sample_ratio=trial.samples / dim),
            "muon": muon_density(_AT, ratio=ratio, step_size=step_size)}
    before = marchenko_pastur(_AT, ratio=ratio)
    along = [_variance_along(trial, step_size) for trial in trials]
    expected = predict_muon_step(activation, target, **trial.shape, step_size=step_size).covariance
    traces, largest = [], {}
    for column, (rule, steps) in enumerate((("plain", sizes), ("muon", [step_size] * len(trials)))):
        values = np.array([_eigenvalues(rule, one, size) for one, size in zip(trials, steps, strict=True)])
        largest[rule] = values[:, -1]
        panel = {} if column == 0 else {"xaxis": "x2", "yaxis": "y2", "showlegend": False}
        share = np.histogram(np.clip(values, None, 9.9e3), _EDGES)[0] / values.size / math.log10(_EDGES[1] / _EDGES[0])
        traces += [
            {"type": "bar", "x": _MIDDLES, "y": share, "width": np.diff(_EDGES),
             "name": "a real network" if len(trials) == 1 else f"mean of {len(trials)} real networks",
             "marker": {"color": style.AFTER, "opacity": 0.45, "line": {"width": 0}}, **panel},
            style.line(_AT, _per_decade(before), "before the step", style.BEFORE, dash="dash", width=2, **panel),
            style.line(_AT, _per_decade(laws[rule]), "theory", style.AFTER, **panel),
        ]
        traces.append(style.points(style.gathered(largest[rule][:, None]), style.gathered([[0.12]] * len(trials)),
                                   "top eigenvalue, measured", style.TARGET, size=9, **style.faint(trials), **panel))
    place = spike.eigenvalue if spike.detached else math.nan
    traces.append(style.line([place] * 2, [0, 0.6], "the outlier: theory", style.TARGET))
    axis = style.axis("eigenvalue of Σ̂", 1e-2, 1e4, log=True, dtick=2)
    return style.picture(
        traces, bargap=0, margin={"l": 62, "r": 16, "t": 92, "b": 58}, legend={"y": 1.08, "font": {"size": 12}},
        notes=[style.note(f"<b>gradient step</b>, η = {eta:.3g}", 0.23, 1.0, anchor="center", yanchor="bottom"),
               style.note(f"<b>Muon</b>, η = {step_size:.3g}", 0.77, 1.0, anchor="center", yanchor="bottom"),
               style.note(f"variance along v: {style.reach(along, '.3g')}<br>theory "
                          f"{expected.bulk + expected.spike:.3g}, mean {expected.bulk + expected.spike / dim:.3g}",
                          0.99, 0.97, anchor="right")],
        xaxis={**axis, "domain": [0, 0.46]}, yaxis=style.axis("share per decade", 0, 3),
        xaxis2={**axis, "domain": [0.54, 1], "anchor": "y2"}, yaxis2=style.axis("", 0, 3, anchor="x2"),
        alt=f"Muon's step of size {step_size:.3g} beside a gradient step of the same length ({eta:.3g}). The largest "
            f"eigenvalue is {style.reach(largest['plain'], '.3g')} after the gradient step and "
            f"{style.reach(largest['muon'], '.3g')} after Muon's. Its weights have the variance "
            f"{style.reach(along, '.3g')} along v where theory says {expected.bulk + expected.spike:.3g}.",
    )


def _variance_along(trial, step_size) -> float:
    """The variance along β̂ of √d times a trial's weights after Muon's step."""
    v = step_of("plain", trial).beta_hat
    after = step_of("muon", trial).with_step_size(step_size).after
    return float(trial.dim * np.mean((after.weights @ v / np.linalg.norm(v)) ** 2))


def _per_decade(density) -> np.ndarray:
    """The density of log₁₀ of the eigenvalue at `_AT`; NaN where there is none."""
    found = density * _AT * math.log(10)
    return np.where(found > 1e-4, found, np.nan)
