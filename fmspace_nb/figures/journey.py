"""Chapter 00: one network (d = 100, α = 4), one step, in five pictures, and the bar that moves them all."""

from __future__ import annotations

import math

import numpy as np

from fmspace_nb.activations import activation as as_activation
from fmspace_nb.experiments.empirical import FeaturePath
from fmspace_nb.experiments.trials import SHOWN, Trial
from fmspace_nb.figures import buys, faces, mixing, spike, style
from fmspace_nb.kernel import conjugate_kernel
from fmspace_nb.products import product
from fmspace_nb.remembered import curves, networks
from fmspace_nb.ridge import RIDGES, readouts
from fmspace_nb.steps import draw_batch
from fmspace_nb.targets import target as as_target
from fmspace_nb.weights import critical_step_size

DIM, SAMPLE_RATIO, ACTIVATION, TARGET = 100, 4.0, "relu", "tanh"
RANGE = (1, 1000)
_T = np.linspace(-3, 3, 41)
_FEW = slice(4, None, 8)  # of _T, where the network's own spread is shown
_SAMPLES, _TEST = (12, 25, 50, 100, 200, 400), 1000
_FINE = np.geomspace(10, 500, 25)


def _trial(width_ratio: float, seed: int = 0) -> Trial:
    return Trial.of_ratios(ACTIVATION, TARGET, dim=DIM, width_ratio=width_ratio, sample_ratio=SAMPLE_RATIO, seed=seed)


def bar(*, step_size=150.0, width_ratio=2.0, seed=0):
    """Where one stands on the journey: the step size, its two thresholds, and what has happened so far."""
    trials = _trial(width_ratio).shown(seed)
    first = critical_step_size(ACTIVATION, TARGET, **trials[0].shape)
    gammas = [trial.given_data(step_size) for trial in trials]
    of_weights = ("Before the first threshold η<sub>c</sub>: the weights do not show w* yet." if step_size < first else
                  "Past the first threshold η<sub>c</sub>: the weights show w*.")
    here = style.reach([gamma.spike / gamma.bulk / DIM for gamma in gammas], ".2g")
    of_functions = (f"Functions turn when B<sub>c</sub>/(A<sub>c</sub>d) is of order 1, at η ~ d. "
                    f"Here it is {here}.")
    traces = [style.line([*RANGE], [0, 0], "", style.NEUTRAL, width=2, showlegend=False),
              style.line([RANGE[0], step_size], [0, 0], "", style.AFTER, width=6, showlegend=False),
              style.reader([step_size], [0])]
    hidden = {"showticklabels": False, "ticks": "", "showgrid": False}
    return style.picture(
        traces, height=116, margin={"l": 12, "r": 12, "t": 46, "b": 30}, showlegend=False, drives={"x": "step_size"},
        guides=[style.threshold(math.sqrt(DIM), "√d", level=0.98), style.threshold(DIM, "d", level=0.98),
                style.threshold(first, "η<sub>c</sub>", level=0.3)],
        notes=[style.note(f"{of_weights}<br>{of_functions}", 0.0, 1.0, yanchor="bottom")],
        xaxis=style.axis("", *RANGE, log=True), yaxis=style.axis("", -1, 1, **hidden),
        alt=f"Step size {step_size:.3g}, first threshold {first:.3g}, d = {DIM}. "
            + style.plain(f"{of_weights} {of_functions}"),
    )


def weights(*, step_size=150.0, width_ratio=2.0, seed=0):
    """The weights of the network lean over; the same stretch of the inputs does the same to the kernel."""
    return faces.clouds(step_size=step_size, width_ratio=width_ratio, dim=DIM, seed=seed)


def spectrum(*, step_size=150.0, width_ratio=2.0, seed=0):
    """The eigenvalues of the same weights: a bulk, and one that leaves it."""
    return spike.weight_spectrum(step_size=step_size, width_ratio=width_ratio, dim=DIM, seed=seed)


def top_mode(*, step_size=150.0, width_ratio=2.0, seed=0):
    """The top even eigenfunction of the network's own kernel, and of theory's: a circle that becomes a peanut."""
    return mixing.shape(step_size=step_size, width_ratio=width_ratio, dim=DIM, seed=seed)


@curves
def _places(width_ratio, seed=0):
    """(along, across): inputs (41, d) through a typical one, along w* and along a direction across w* and β̂."""
    beta_hat = _trial(width_ratio, seed).first_step().beta_hat
    start = np.eye(1, DIM)[0]
    drawn = np.random.default_rng(11).standard_normal((2, DIM))
    frame = np.linalg.qr(np.stack([start, beta_hat, *drawn]).T)[0].T  # rows: w*, β̂ ⊖ w*, two across both
    typical = math.sqrt(DIM - 1) * frame[2]
    return [typical + _T[:, None] * direction for direction in (frame[0] * np.sign(frame[0, 0]), frame[3])]


def functions(*, step_size=150.0, width_ratio=2.0, seed=0):
    """Functions of the network's features with random readouts: how far they vary along w*, and across."""
    trials = _trial(width_ratio).shown(seed)
    traces, ends = [], []
    for panel, across in (({}, 0), ({"xaxis": "x2", "yaxis": "y2", "showlegend": False}, 1)):
        found = [_changes(width_ratio, float(step_size), trial.seed, across) for trial in trials]
        for when, colour, k in (("before", style.BEFORE, 0), ("after", style.AFTER, 1)):
            drawn = [found[j % len(found)][k][j] for j in range(3)]
            traces.append(style.line(style.gathered([_T] * 3, 3), style.gathered(drawn, 3),
                                     f"three functions, {when}", colour, width=1.5, **panel))
        law, own = (np.array([one[k] for one in found]) for k in (2, 3))
        few = own[:, _FEW]
        traces += [style.line(style.gathered([_T] * len(law) * 2, 2 * SHOWN), style.gathered([*law, *-law], 2 * SHOWN),
                              "their spread: theory", style.TARGET, dash="dash", width=2, **panel),
                   style.points(style.gathered([_T[_FEW]] * len(law) * 2, 2 * SHOWN),
                                style.gathered([*few, *-few], 2 * SHOWN), f"their spread: {style.those(trials)}",
                                style.TARGET, size=7, **style.faint(trials), **panel)]
        ends.append(style.reach(law[:, -1], ".2f"))
    axis = style.axis("change of f / √k(x, x)", -3, 3)
    return style.picture(
        traces, margin={"l": 62, "r": 16, "t": 76, "b": 58}, legend={"y": 1.06},
        notes=[style.note("along w*", 0.42, 0.98, anchor="right", colour=style.TARGET),
               style.note("across", 0.99, 0.98, anchor="right")],
        xaxis=style.axis("⟨x, w*⟩", -3, 3, domain=[0, 0.43]), yaxis=axis,
        xaxis2=style.axis("⟨x, u⟩, across", -3, 3, domain=[0.57, 1], anchor="y2"),
        yaxis2=axis | {"anchor": "x2", "title": {"text": ""}},
        alt=f"Random functions of the network after a step of size {step_size:.3g}. Three units from a typical input "
            f"they have changed by {ends[0]} along w* and by {ends[1]} across, by theory.",
    )


@curves
def _changes(width_ratio, step_size, seed, across) -> tuple:
    """Along w* or across: three functions of a network before and after the step, (3, 41) each, and their spread by
    theory and in this network, (41,) each; in units of √k(x, x)."""
    trial, x = _trial(width_ratio, seed), _places(width_ratio, seed)[across]
    step, sigma = trial.first_step(), as_activation(ACTIVATION)
    kernel = conjugate_kernel(ACTIVATION, trial.given_data(step_size))
    readouts = np.random.default_rng(4).standard_normal((3, trial.width))
    middle, unit = x[20:21], math.sqrt(kernel.diagonal(x[20:21])[0])
    drawn = []
    for size in (0.0, step_size):
        features = sigma(x @ (step.before.weights - size * step.gradient).T) / math.sqrt(trial.width)
        change = (features - features[20]) / unit
        drawn.append(readouts @ change.T)
    law = np.sqrt(np.maximum(kernel.diagonal(x) + unit**2 - 2 * kernel(x, middle)[:, 0], 0)) / unit
    return *drawn, law, np.linalg.norm(change, axis=1)


@curves
def _measured(width_ratio, step_size, seed):
    """The test error of ridge on the network's features at _SAMPLES, at the best ridge, over the label's power."""
    (path, y), most = _readout_path(width_ratio, seed), max(_SAMPLES)
    features = path.features(step_size) / math.sqrt(path.start.shape[1])
    learned = np.hstack([readouts(features[:n], y[:n], ridge=RIDGES) for n in _SAMPLES])
    errors = np.mean((product(features[most:], learned) - y[most:, None]) ** 2, axis=0)
    return errors.reshape(len(_SAMPLES), -1).min(axis=1) / as_target(TARGET).second_moment


@networks
def _readout_path(width_ratio, seed):
    """The network's features, for every step size, on samples for the readout, max(_SAMPLES) to learn from and _TEST to
    be tested on; and their labels."""
    rng = np.random.default_rng(12)
    x, y = zip(*(draw_batch(TARGET, DIM, count, rng) for count in (max(_SAMPLES), _TEST)), strict=True)
    return FeaturePath.of(_trial(width_ratio, seed).first_step(), np.vstack(x)), np.hstack(y)


@curves
def _predicted(width_ratio, step_size, seed):
    """The same by the eigenframework, from the exact spectrum of Γ given the data, at _FINE."""
    trial = _trial(width_ratio, seed)
    gamma, beta_hat = trial.given_data(step_size), trial.first_step().beta_hat
    place = {"bulk": gamma.bulk, "spike": max(gamma.spike, 0.0), "width": trial.width,
             "overlap": float(beta_hat[0] ** 2 / (beta_hat @ beta_hat))}
    return buys.best_error(ACTIVATION, TARGET, DIM, place, _FINE) / as_target(TARGET).second_moment


def learning(*, step_size=150.0, width_ratio=2.0, seed=0):
    """The test error of a new readout on the network's features, before the step and after it."""
    trials = _trial(width_ratio).shown(seed)
    traces, said = [], []
    stages = (0.0, "before", style.BEFORE, "square"), (step_size, "after", style.AFTER, "circle")
    for size, when, colour, symbol in stages:
        law, found = (np.array([of(width_ratio, float(size), trial.seed) for trial in trials])
                      for of in (_predicted, _measured))
        traces += [style.line(style.gathered([_FINE] * len(trials)), style.gathered(law), f"{when}: theory", colour,
                              **style.faint(trials)),
                   style.points(style.gathered([_SAMPLES] * len(trials)), style.gathered(found),
                                f"{when}: {style.those(trials)}", colour, symbol=symbol, **style.faint(trials))]
        told = (style.reach(values, ".2f") for values in ([np.interp(200, _FINE, one) for one in law], found[:, -2]))
        said.append("{} the step {} predicted, {} measured".format(when, *told))
    return style.picture(
        traces, guides=[style.threshold(DIM, "N = d", level=0.99)],
        xaxis=style.axis("samples N for the readout", 10, 500, log=True),
        yaxis=style.axis("test error / label power", 0.01, 1.6, log=True),
        alt="Test error over label power from 200 samples: " + "; ".join(said) + ".",
    )
