"""Chapter 07: what the step buys. Learning curves predicted and measured, the paper's Figure 1, and a published curve."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from fmspace_nb import arguments
from fmspace_nb.activations import activation as as_activation
from fmspace_nb.covariance import alignment, predict_covariance, typical_conditional
from fmspace_nb.experiments import data
from fmspace_nb.experiments.measurements import (
    DIM,
    FIGURE1,
    PROBLEMS,
    SAMPLE_RATIO,
    STEPS,
    WIDTH_RATIOS,
    centre,
    figure1_covariance,
)
from fmspace_nb.experiments.trials import sizes
from fmspace_nb.figures import style
from fmspace_nb.learning import RIDGES, eigenframework
from fmspace_nb.mixing import mode_mixing
from fmspace_nb.spectrum.mercer import mercer
from fmspace_nb.targets import target as as_target

_N = np.geomspace(2, 2e4, 53)  # samples, where theory is drawn
_FINE = np.geomspace(10, 3000, 31)  # step sizes, where theory is drawn
_CURVES = dict(zip(FIGURE1, (style.BEFORE, "#f2b45f", style.AFTER, "#c65d10", "#9c4526")))


def nearest(stops, value: float) -> float:
    """The stop at the smallest ratio from a value > 0: measurements exist at the stops only."""
    value = arguments.real("step_size or width_ratio", value, above=0.0)
    return min(stops, key=lambda stop: abs(math.log(stop / value)))


def _theory(activation, target, dim, covariance, *, width=math.inf, overlap=1.0, samples=_N) -> np.ndarray:
    """Predicted test error at each N, at the best of RIDGES; NaN where the bulk is beyond what spectra are known for."""
    bulk, spike, power = covariance["bulk"], covariance["spike"], as_activation(activation).homogeneity
    if power is None and bulk > 10:
        return np.full(len(samples), np.nan)
    spectrum = mercer(activation, dim=dim, bulk=bulk, spike=spike, sectors=3, modes=8)
    frame = eigenframework(spectrum, target, alignment=overlap)
    return frame.error(samples[:, None], np.array(RIDGES), width).min(axis=1)


@lru_cache(maxsize=512)
def _after(activation, target, dim, width_ratio, step_size) -> tuple[np.ndarray, np.ndarray]:
    """(kernel k₁ averaged over the data, real network of that width given typical data): predicted errors at each N."""
    width, samples = sizes(dim, width_ratio, SAMPLE_RATIO)
    shape, centred = {"dim": dim, "width": width, "samples": samples, "step_size": step_size}, _centred(target)
    averaged, given = (f(activation, centred, **shape) for f in (predict_covariance, typical_conditional))
    overlap = alignment(centred, dim=dim, samples=samples)
    return (_theory(activation, target, dim, _place(averaged)),
            _theory(activation, target, dim, _place(given), width=width, overlap=overlap))


@lru_cache(maxsize=16)
def _centred(target):
    return centre(target)


def _place(covariance) -> dict:
    return {"bulk": covariance.bulk, "spike": max(covariance.spike, 0.0)}


def learning_curves(*, step_size=300.0, width_ratio=2.0, activation="relu", target="mixed"):
    """Test error against samples: the kernel and a real network, before and after the step, predicted and measured.

    Measurements exist at the stops of `measurements.STEPS` and `WIDTH_RATIOS`; the nearest ones are shown, lines and points.
    """
    arguments.choice("activation and target", (activation, target), PROBLEMS)
    step, ratio, power = nearest(STEPS, step_size), nearest(WIDTH_RATIOS, width_ratio), as_target(target).second_moment
    traces, said = [], []
    for eta, colour, when in ((0.0, style.BEFORE, "before"), (step, style.AFTER, "after")):
        found = data.select("learning", activation=activation, target=target, width_ratio=ratio, step_size=eta)
        curves = _after(activation, target, DIM, ratio, eta)
        for curve, what, dash, symbol in zip(curves, ("kernel", "network"), ("solid", "dash"), ("circle", "square-open")):
            traces += [style.line(_N, curve / power, f"{what} {when}", colour, dash=dash),
                       style.points(found["samples"], found[what] / power, "", colour, symbol=symbol, showlegend=False,
                                    error=found[f"{what}_error"] / power)]
            predicted = f"{np.interp(256, _N, curve) / power:.2f} predicted" if np.isfinite(curve[0]) else "not predicted"
            said.append(f"{what} {when}: {predicted}, {found[what][4] / power:.2f} measured")
    beyond = "" if np.isfinite(curve[0]) else "<br>the bulk has grown tenfold: no prediction"
    return style.picture(
        traces, notes=[style.note(f"d = {DIM}, m = {ratio * DIM:g}, η = {step:g}{beyond}", 0.01, 0.05)],
        guides=[style.threshold(DIM, "N = d", level=0.99), style.threshold(DIM**2, "N = d²", level=0.99)],
        xaxis=style.axis("samples N for the readout", 10, 2e4, log=True),
        yaxis=style.axis("test error / label power", 0.008, 1.6, log=True),
        alt=f"Step size {step:g}, width {ratio * DIM:g}, dimension {DIM}. Test error over label power from 256 samples: "
            + "; ".join(said) + ".",
    )


def _crossing(samples, error, level: float) -> float:
    """The N at which an error first falls to the level, between measurements by log–log interpolation; NaN when it never does."""
    below = np.flatnonzero(error <= level)
    if not below.size or below[0] == 0:
        return math.nan
    k = below[0]
    return float(np.exp(np.interp(-math.log(level), -np.log(error[[k - 1, k]]), np.log(samples[[k - 1, k]]))))


@lru_cache(maxsize=128)
def _needed(activation, target, width_ratio, level):
    """Samples needed at each of `_FINE` (kernel, network), and measured at each of STEPS with their standard errors."""
    curves = [_after(activation, target, DIM, width_ratio, eta) for eta in _FINE]
    theory = np.array([[_crossing(_N, curve, level) for curve in pair] for pair in curves]).T
    measured = np.full((2, 2, len(STEPS)), np.nan)
    for k, eta in enumerate(STEPS):
        found = data.select("learning", activation=activation, target=target, width_ratio=width_ratio, step_size=eta)
        for row, what in enumerate(("kernel", "network")):
            ends = [_crossing(found["samples"], found[what] + sign * found[f"{what}_error"], level) for sign in (0, 1, -1)]
            measured[row, :, k] = ends[0], abs(ends[1] - ends[2]) / 2
    return theory, measured


def samples_needed(*, step_size=300.0, width_ratio=4.0, error=0.2, activation="relu", target="mixed"):
    """How many samples the readout needs to reach a given share of the label's power, against the step size."""
    arguments.choice("activation and target", (activation, target), PROBLEMS)
    error = arguments.real("error", error, minimum=1e-3, maximum=1.0)
    ratio, level = nearest(WIDTH_RATIOS, width_ratio), error * as_target(target).second_moment
    theory, measured = _needed(activation, target, ratio, level)
    start = _crossing(_N, _after(activation, target, DIM, ratio, 0.0)[0], level)
    here = _crossing(_N, _after(activation, target, DIM, ratio, step_size)[0], level)
    width, samples = sizes(DIM, ratio, SAMPLE_RATIO)
    enough = _enough(theory[0])
    traces = [style.line([10, 3000], [start, start], "kernel before the step", style.BEFORE)]
    for k, (what, dash, symbol) in enumerate((("kernel after", "solid", "circle"), ("network after", "dash", "square-open"))):
        traces += [style.line(_FINE, theory[k], what, style.AFTER, dash=dash),
                   style.points(STEPS, measured[k, 0], "", style.AFTER, symbol=symbol, error=measured[k, 1], showlegend=False)]
    traces.append(style.reader([step_size], [here]))
    shape, label = style.threshold(enough, "more step stops helping", level=0.99)
    said = f"{here:.3g} samples" if math.isfinite(here) else "more samples than are drawn, if any number suffices"
    return style.picture(
        traces, guides=[style.threshold(math.sqrt(DIM), "", level=0.99), style.threshold(DIM, "η = d", level=0.07),
                        (shape, label | {"xanchor": "right"})],
        xaxis=style.axis("step size η", 10, 3000, log=True), yaxis=style.axis("samples N needed", 10, 2e4, log=True),
        alt=f"To reach {error:g} of the label's power at step size {step_size:.3g} and width ratio {ratio:g} the kernel after "
            f"the step needs {said}; before it, " + (f"{start:.3g}." if math.isfinite(start) else "more than are drawn."),
    )


def _enough(needed) -> float:
    """The first of `_FINE` from which on a larger step saves less than a tenth of the samples; infinite if none or never."""
    if not np.isfinite(needed[-1]):
        return math.inf
    worse = np.flatnonzero(~(needed <= 1.1 * needed[-1]))
    return float(_FINE[worse[-1] + 1]) if worse.size else math.inf


_PAPER = {None: "k0", **{p: f"k1_5d^{p:g}" for p in FIGURE1[1:]}}
_NAMES = {None: "k₀", **{p: f"k₁, B = 5d^{p:g}" for p in FIGURE1[1:]}}
_QUIET = {"showlegend": False}
_KEY = (style.points([math.nan], [math.nan], "the paper's points", style.NEUTRAL, symbol="x-thin"),
        style.points([math.nan], [math.nan], "our experiment", style.NEUTRAL, size=7))
_N1B = np.geomspace(40, 4000, 25)


@lru_cache(maxsize=1)
def _figure1b_theory() -> dict:
    return {p: _theory("relu", "figure1", 300, figure1_covariance(p, 300), samples=_N1B) for p in FIGURE1}


def figure_1b(*, step_size=300.0, width_ratio=2.0):
    """The paper's Figure 1b: test error against samples at d = 300, its points, our theory, our experiment; and one real step."""
    traces = []
    for p, colour in _CURVES.items():
        place = figure1_covariance(p, 300)
        ours = data.select("figure1b", **{"spike": place["spike"]} if p else {"bulk": 1.0})
        paper = data.select("figure1_digitised", panel="1b_testMSE_vs_N_d300", curve=_PAPER[p])
        traces += [style.line(_N1B, _figure1b_theory()[p], _NAMES[p], colour, width=2),
                   style.points(ours["samples"], ours["kernel"], "", colour, size=7, error=ours["kernel_error"], **_QUIET),
                   style.points(paper["x"], paper["value"], "", colour, symbol="x-thin", size=8, **_QUIET)]
    steps, ratios = (sorted(set(data.table("figure1b_network")[name])) for name in ("step_size", "width_ratio"))
    step, ratio = nearest(steps, step_size), nearest(ratios, width_ratio)
    width, samples = sizes(300, ratio, SAMPLE_RATIO)
    given = typical_conditional("relu", _centred("figure1"), dim=300, width=width, samples=samples, step_size=step)
    overlap = alignment(_centred("figure1"), dim=300, samples=samples)
    mine = _theory("relu", "figure1", 300, _place(given), width=width, overlap=overlap, samples=_N1B)
    real = data.select("figure1b_network", step_size=step, width_ratio=ratio)
    adam = data.select("figure1_digitised", panel="1b_testMSE_vs_N_d300", curve="relu_mlp400")
    traces += [
        style.line(_N1B, mine, "one real step, your η and β", style.TARGET, dash="dash"),
        style.points(real["samples"], real["network"], "", style.TARGET, error=real["network_error"], symbol="square-open",
                     **_QUIET),
        style.points(adam["x"], adam["value"], "paper: trained by Adam", style.NEUTRAL, symbol="triangle-up-open", size=7),
        *_KEY,
    ]
    return style.picture(
        traces, height=480, legend={"font": {"size": 12}}, xaxis=style.axis("samples N", 40, 4000, log=True),
        yaxis=style.axis("test mean squared error", 6, 50, log=True, tickvals=[6, 8, 10, 15, 20, 30, 50], exponentformat="none"),
        alt=f"Figure 1b of the paper. From 3200 samples theory says {_figure1b_theory()[None][-2]:.1f} for the kernel before and "
            f"{_figure1b_theory()[0.9][-2]:.1f} for the largest spike. A real step of size {step:g} at width {width} reaches "
            f"{real['network'][-1]:.1f}, predicted {np.interp(3200, _N1B, mine):.1f}.",
    )


_DIMS = np.array([50, 71, 100, 141, 200, 283, 400, 566, 800, 1131, 1600, 2263, 3200])


@lru_cache(maxsize=8)
def _figure1a_theory(p) -> np.ndarray:
    return np.array([mode_mixing("relu", dim=int(dim), **figure1_covariance(p, int(dim))).quadratic ** 2 for dim in _DIMS])


def figure_1a(*, step_size=300.0, width_ratio=2.0):
    """The paper's Figure 1a: alignment of the top eigenvector with Y₂ against the dimension; and one step size held fixed."""
    traces, mine = [], []
    for p, colour in _CURVES.items():
        places = [figure1_covariance(p, dim) for dim in (50, 100, 200, 400, 800, 1600, 3200)]
        ours = [data.select("figure1a", dim=50 * 2**k, spike=place["spike"]) for k, place in enumerate(places)]
        paper = data.select("figure1_digitised", panel="1a_alignment_vs_d", curve=_PAPER[p])
        mean, error = (np.concatenate([row[name] for row in ours]) for name in ("alignment", "alignment_error"))
        exact = np.zeros(len(_DIMS)) if p is None else _figure1a_theory(p)
        traces += [style.line(_DIMS, exact + (1 - exact) / _DIMS, _NAMES[p], colour, width=2),
                   style.points([50 * 2**k for k in range(7)], mean, "", colour, size=7, error=error, showlegend=False),
                   style.points(paper["x"], paper["value"], "", colour, symbol="x-thin", size=8, showlegend=False)]
    for dim in _DIMS[::2]:
        width, samples = sizes(int(dim), width_ratio, SAMPLE_RATIO)
        gamma = predict_covariance("relu", _centred("figure1"), dim=int(dim), width=width, samples=samples, step_size=step_size)
        mixed = mode_mixing("relu", dim=int(dim), spike=max(gamma.spike, 0.0) / gamma.bulk).quadratic ** 2
        mine.append(mixed + (1 - mixed) / dim)
    traces += [style.line(_DIMS[::2], mine, "your η, the same at every d", style.TARGET, dash="dash"), *_KEY]
    return style.picture(
        traces, height=480, xaxis=style.axis("dimension d", 45, 3600, log=True, dtick="D2"),
        yaxis=style.axis("squared overlap with Y₂", 2e-4, 0.6, log=True), legend={"font": {"size": 12}},
        alt=f"Figure 1a of the paper. At d = 3200 theory says {_figure1a_theory(0.9)[-1]:.3f} for B = 5 d^0.9. A step of size "
            f"{step_size:.3g} held fixed gives {mine[0]:.3f} at d = 50 and {mine[-1]:.4f} at d = 3200.",
    )


# Cui et al., arXiv:2402.04980: the curve published with their code; σ = tanh, g = sin, m = d, n = 20 d, η = 3 m, ridge 0.1.
CUI = {"samples": (0.2, 0.9, 1.6, 2.3, 3.0), "error": (0.04860, 0.04312, 0.03807, 0.03511, 0.03334)}


def published_curve():
    """A published curve at η = 3 m, and real steps at the published size and at smaller ones."""
    table = data.table("cui")
    traces = [style.line(CUI["samples"], CUI["error"], "published theory (Cui et al. 2024)", style.NEUTRAL)]
    for k, (dim, colour) in enumerate(zip(table["dim"], ("#f2c27a", "#ee9f3c", style.AFTER))):
        mean, error = (np.array([table[f"error_{share:g}{end}"][k] for share in CUI["samples"]]) for end in ("", "_error"))
        traces.append(style.points(CUI["samples"], mean, f"real networks, d = m = {dim:g}", colour, error=error))
    worst = float(np.max(np.abs(mean / np.array(CUI["error"]) - 1)))
    return style.picture(
        traces, xaxis=style.axis("samples / dimension N/d", 0, 3.2), yaxis=style.axis("test mean squared error", 0.025, 0.06),
        alt=f"Test error falls from {CUI['error'][0]:.3f} to {CUI['error'][-1]:.3f}; real networks of the published size are "
            f"within {worst:.0%}.",
    )
