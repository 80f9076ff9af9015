"""Chapter 07: what the step buys. Learning curves, predicted and measured, and the samples that they ask for."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from scipy.interpolate import PchipInterpolator

from fmspace_nb import arguments
from fmspace_nb.experiments import data
from fmspace_nb.experiments.problems import (
    DIM,
    PROBLEMS,
    STEPS,
    WIDTH_RATIOS,
    curve_places,
    has_spectrum,
    stops,
)
from fmspace_nb.figures import style
from fmspace_nb.learning import learning_curve
from fmspace_nb.remembered import curves
from fmspace_nb.ridge import RIDGES
from fmspace_nb.spectrum.mercer import mercer
from fmspace_nb.targets import target as as_target

_N = np.sort(np.r_[np.geomspace(2, 2e4, 53), 4 * DIM])  # samples, where theory is drawn; at 4d its thick lines may end
_NEAR = np.geomspace(8, 4 * DIM, 61)  # samples, where the conditional eigenframework's table is read
_FINE = np.array(stops(10, 3000, 31))  # step sizes, where the eigenframework alone is drawn; STEPS are among them
_KINDS = ("kernel", "network")


def nearest(choices, value: float) -> float:
    """The stop at the smallest ratio from a value > 0: measurements exist at the stops only."""
    value = arguments.real("step_size or width_ratio", value, above=0.0)
    return min(choices, key=lambda choice: abs(math.log(choice / value)))


def best_error(activation, target, dim, place: dict, samples) -> np.ndarray:
    """The eigenframework's test error at each N, at the best of RIDGES; NaN where the spectrum is not known.

    place: bulk, spike, width and overlap, as `problems.curve_places` has them.
    """
    if not has_spectrum(activation, place):
        return np.full(len(samples), np.nan)
    spectrum = mercer(activation, dim=dim, bulk=place["bulk"], spike=place["spike"], sectors=3, modes=8)
    return learning_curve(spectrum, target, samples=np.asarray(samples)[:, None], ridge=np.array(RIDGES),
                          width=place["width"], alignment=place["overlap"]).min(axis=1)


@curves
def _rough(activation, target, width_ratio, step_size) -> list[np.ndarray]:
    """The eigenframework's errors at _N: of the kernel averaged over the data, of the network given typical data."""
    places = curve_places(activation, target, width_ratio, step_size)
    return [best_error(activation, target, DIM, places[kind], _N) for kind in _KINDS]


@curves
def _conditional(activation, target, width_ratio, step_size):
    """(N, [errors of kernel and network]) of the conditional eigenframework, from its table; None at weak spikes."""
    where = {"activation": activation, "target": target, "width_ratio": width_ratio, "step_size": step_size}
    found = data.select("strong_curves", **where)
    return (found["samples"], [found[kind] for kind in _KINDS]) if found["samples"].size else None


def _drawn(activation, target, width_ratio, step_size) -> list[np.ndarray]:
    """The thick lines at _N: the conditional eigenframework up to N = 4d, or the other one where that is enough."""
    known = _conditional(activation, target, width_ratio, step_size)
    if known is None:
        return _rough(activation, target, width_ratio, step_size)
    samples, curves = known
    return [between(samples, curve, _N) for curve in curves]


def between(samples, curve, at) -> np.ndarray:
    """A curve at other N: monotone cubics in log–log coordinates; NaN beyond its ends."""
    return np.exp(PchipInterpolator(np.log(samples), np.log(curve), extrapolate=False)(np.log(at)))


def learning_curves(*, step_size=300.0, width_ratio=2.0, activation="relu", target="mixed"):
    """Test error against samples: the kernel and a real network, before and after the step, predicted and measured.

    Measurements exist at the stops of `problems.STEPS` and `WIDTH_RATIOS`: lines and points of the nearest are shown.
    """
    arguments.choice("activation and target", (activation, target), PROBLEMS)
    step, ratio, power = nearest(STEPS, step_size), nearest(WIDTH_RATIOS, width_ratio), as_target(target).second_moment
    traces, thin, said = [], [], []
    for eta, colour, when in ((0.0, style.BEFORE, "before"), (step, style.AFTER, "after")):
        found = data.select("learning", activation=activation, target=target, width_ratio=ratio, step_size=eta)
        curves = _drawn(activation, target, ratio, eta)
        for curve, what, dash, symbol in zip(curves, _KINDS, ("solid", "dash"), ("circle", "square-open"), strict=True):
            traces += [style.line(_N, curve / power, f"{what} {when}", colour, dash=dash),
                       style.points(found["samples"], found[what] / power, "", colour, symbol=symbol, showlegend=False,
                                    error=found[f"{what}_error"] / power)]
            near = _N[np.isfinite(curve)]
            predicted = (f"{np.interp(256, near, curve[np.isfinite(curve)]) / power:.2f} predicted" if near.size
                         else "not predicted")
            said.append(f"{what} {when}: {predicted}, {found[what][4] / power:.2f} measured")
    for curve, dash in zip(_rough(activation, target, ratio, step), ("solid", "dash"), strict=True):
        thin.append(style.line(_N, curve / power, "after, eigenframework alone", style.AFTER, dash=dash, width=1,
                               showlegend=dash == "solid"))
    beyond = "" if near.size else "<br>the bulk has grown tenfold: no prediction"
    return style.picture(
        [*traces, *thin], notes=[style.note(f"d = {DIM}, m = {ratio * DIM:g}, η = {step:g}{beyond}", 0.01, 0.05)],
        guides=[style.threshold(DIM, "N = d", level=0.99), style.threshold(DIM**2, "N = d²", level=0.99)],
        xaxis=style.axis("samples N for the readout", 10, 2e4, log=True),
        yaxis=style.axis("test error / label power", 0.008, 1.6, log=True),
        alt=f"Step size {step:g}, width {ratio * DIM:g}, dimension {DIM}. Test error over label power from 256 "
            "samples: " + "; ".join(said) + ".",
    )


def _crossing(samples, error, level: float) -> float:
    """The N at which an error first falls to the level, by log–log interpolation; NaN if it never does."""
    below = np.flatnonzero(error <= level)
    if not below.size or below[0] == 0:
        return math.nan
    k = below[0]
    return float(np.exp(np.interp(-math.log(level), -np.log(error[[k - 1, k]]), np.log(samples[[k - 1, k]]))))


@lru_cache(maxsize=1024)
def _needed(activation, target, width_ratio, step_size, level) -> tuple[float, float]:
    """Samples that kernel and network need: by the conditional eigenframework up to 4d, then by the other one."""
    known = _conditional(activation, target, width_ratio, step_size)
    found = []
    for k, rough in enumerate(_rough(activation, target, width_ratio, step_size)):
        needed = math.nan if known is None else _crossing(_NEAR, between(known[0], known[1][k], _NEAR), level)
        late = _N > (0 if known is None else known[0][-1])
        found.append(needed if math.isfinite(needed) else _crossing(_N[late], rough[late], level))
    return tuple(found)


@curves
def _needs(activation, target, width_ratio, level):
    """Samples needed (kernel, network): predicted at STEPS, by the eigenframework alone at _FINE, measured at STEPS."""
    drawn = np.array([_needed(activation, target, width_ratio, eta, level) for eta in STEPS]).T
    alone = np.array([[_crossing(_N, curve, level) for curve in _rough(activation, target, width_ratio, eta)]
                      for eta in _FINE]).T
    measured = np.full((2, 2, len(STEPS)), np.nan)
    for k, eta in enumerate(STEPS):
        found = data.select("learning", activation=activation, target=target, width_ratio=width_ratio, step_size=eta)
        for row, what in enumerate(_KINDS):
            mean, error = found[what], found[f"{what}_error"]
            ends = [_crossing(found["samples"], mean + sign * error, level) for sign in (0, 1, -1)]
            measured[row, :, k] = ends[0], abs(ends[1] - ends[2]) / 2
    return drawn, alone, measured


def samples_needed(*, step_size=300.0, width_ratio=4.0, error=0.2, activation="relu", target="mixed"):
    """How many samples the readout needs to reach a given share of the label's power, against the step size."""
    arguments.choice("activation and target", (activation, target), PROBLEMS)
    error = arguments.real("error", error, minimum=1e-3, maximum=1.0)
    step_size = arguments.real("step_size", step_size, above=0.0)
    ratio, level = nearest(WIDTH_RATIOS, width_ratio), error * as_target(target).second_moment
    drawn, alone, measured = _needs(activation, target, ratio, level)
    start = _crossing(_N, _rough(activation, target, ratio, 0.0)[0], level)
    known = np.isfinite(drawn[0])
    here = float(between(np.array(STEPS)[known], drawn[0][known], step_size)) if known.sum() > 1 else math.nan
    enough = _enough(drawn[0])
    traces = [style.line([10, 3000], [start, start], "kernel before the step", style.BEFORE)]
    for k, (dash, symbol) in enumerate((("solid", "circle"), ("dash", "square-open"))):
        traces += [style.line(STEPS, drawn[k], f"{_KINDS[k]} after", style.AFTER, dash=dash),
                   style.points(STEPS, measured[k, 0], "", style.AFTER, symbol=symbol, error=measured[k, 1],
                                showlegend=False)]
    traces += [style.line(_FINE, alone[k], "eigenframework alone", style.AFTER, dash=dash, width=1, showlegend=k == 0)
               for k, dash in enumerate(("solid", "dash"))]
    traces.append(style.reader([step_size], [here]))
    shape, label = style.threshold(enough, "more step stops helping", level=0.99)
    said = f"{here:.3g} samples" if math.isfinite(here) else "more samples than are drawn, if any number suffices"
    return style.picture(
        traces, guides=[style.threshold(math.sqrt(DIM), "", level=0.99), style.threshold(DIM, "η = d", level=0.07),
                        (shape, label | {"xanchor": "right"})], drives={"x": "step_size"},
        xaxis=style.axis("step size η", 10, 3000, log=True), yaxis=style.axis("samples N needed", 10, 2e4, log=True),
        alt=f"To reach {error:g} of the label's power at step size {step_size:.3g} and width ratio {ratio:g} "
            f"the kernel after the step needs {said}; before it, "
            + (f"{start:.3g}." if math.isfinite(start) else "more than are drawn."),
    )


def _enough(needed) -> float:
    """The first of STEPS from which on a larger step saves less than a tenth of the samples; infinite if none."""
    if not np.isfinite(needed[-1]):
        return math.inf
    worse = np.flatnonzero(~(needed <= 1.1 * needed[-1]))
    return float(STEPS[worse[-1] + 1]) if worse.size else math.inf
