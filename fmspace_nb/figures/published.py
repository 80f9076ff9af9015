"""Chapter 07: published figures, drawn again. Figure 1 of the paper, and the curve of Cui et al. (2024)."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from fmspace_nb.covariance import alignment, predict_covariance, typical_conditional
from fmspace_nb.experiments import data
from fmspace_nb.experiments.problems import FIGURE1, SAMPLE_RATIO, centre, figure1_covariance
from fmspace_nb.experiments.trials import sizes
from fmspace_nb.figures import style
from fmspace_nb.figures.buys import best_error, between, nearest
from fmspace_nb.mixing import mode_mixing
from fmspace_nb.remembered import curves
from fmspace_nb.spiked_features import spiked_feature_error


_CURVES = dict(zip(FIGURE1, (style.BEFORE, "#f2b45f", style.AFTER, "#c65d10", "#9c4526"), strict=True))
_PAPER = {None: "k0", **{p: f"k1_5d^{p:g}" for p in FIGURE1[1:]}}
_NAMES = {None: "k₀", **{p: f"k₁, B = 5d<sup>{p:g}</sup>" for p in FIGURE1[1:]}}
_QUIET = {"showlegend": False}
_KEY = (style.points([math.nan], [math.nan], "the paper's points", style.NEUTRAL, symbol="x-thin"),
        style.points([math.nan], [math.nan], "our experiment", style.NEUTRAL, size=7))
_BEST = style.points([math.nan], [math.nan], "the same, best ridge", style.NEUTRAL, symbol="circle-open", size=7)
_N1B = np.sort(np.r_[np.geomspace(40, 4000, 25), 50, 1200])  # with the ends of the conditional eigenframework's table


@lru_cache(maxsize=1)
def _figure1b_theory() -> dict:
    return {p: best_error("relu", "figure1", 300, figure1_covariance(p, 300) | {"width": None, "overlap": 1.0}, _N1B)
            for p in FIGURE1}


@lru_cache(maxsize=1)
def _figure1_centred():
    return centre("figure1")


def figure_1b(*, step_size=300.0, width_ratio=2.0):
    """The paper's Figure 1b, d = 300: its points, our experiment by its protocol and at the best ridge, our theory.

    In red beside them one real gradient step, predicted and measured.
    """
    traces = []
    for p, colour in _CURVES.items():
        place = figure1_covariance(p, 300)
        where = {"spike": place["spike"]} if p else {"bulk": 1.0}
        chosen, late = data.select("figure1b_chosen", **where), data.select("figure1b", **where)
        more = late["samples"] > chosen["samples"][-1]  # the cross-validation of more samples takes hours
        best = np.r_[chosen["samples"], late["samples"][more]], np.r_[chosen["best"], late["kernel"][more]]
        paper = data.select("figure1_digitised", panel="1b_testMSE_vs_N_d300", curve=_PAPER[p])
        near, alone = data.select("strong_figure1b", **where), _figure1b_theory()[p]
        if near["samples"].size:
            traces += [style.line(_N1B, between(near["samples"], near["kernel"], _N1B), _NAMES[p], colour),
                       style.line(_N1B, alone, "", colour, width=1, **_QUIET)]
        else:
            traces.append(style.line(_N1B, alone, _NAMES[p], colour))
        traces += [
            style.points(chosen["samples"], chosen["chosen"], "", colour, size=7, error=chosen["chosen_error"],
                         **_QUIET),
            style.points(*best, "", colour, size=7, symbol="circle-open", **_QUIET),
            style.points(paper["x"], paper["value"], "", colour, symbol="x-thin", size=8, **_QUIET),
        ]
    steps, ratios = (sorted(set(data.table("figure1b_network")[name])) for name in ("step_size", "width_ratio"))
    step, ratio = nearest(steps, step_size), nearest(ratios, width_ratio)
    width, samples = sizes(300, ratio, SAMPLE_RATIO)
    given = typical_conditional("relu", _figure1_centred(), dim=300, width=width, samples=samples, step_size=step)
    overlap = alignment(_figure1_centred(), dim=300, samples=samples)
    place = {"bulk": given.bulk, "spike": max(given.spike, 0.0), "width": width, "overlap": overlap}
    mine = best_error("relu", "figure1", 300, place, _N1B)
    real = data.select("figure1b_network", step_size=step, width_ratio=ratio)
    adam = data.select("figure1_digitised", panel="1b_testMSE_vs_N_d300", curve="relu_mlp400")
    traces += [
        style.line(_N1B, mine, "one real step, your η and β", style.TARGET, dash="dash"),
        style.points(real["samples"], real["network"], "", style.TARGET, error=real["network_error"],
                     symbol="square-open", **_QUIET),
        style.points(adam["x"], adam["value"], "paper: trained by Adam", style.NEUTRAL, symbol="triangle-up-open",
                     size=7),
        *_KEY, _BEST,
    ]
    before, largest = (np.interp(3200, _N1B, _figure1b_theory()[p]) for p in (None, 0.9))
    return style.picture(
        traces, height=480, legend={"font": {"size": 12}}, xaxis=style.axis("samples N", 40, 4000, log=True),
        yaxis=style.axis("test mean squared error", 6, 50, log=True, tickvals=[6, 8, 10, 15, 20, 30, 50],
                         exponentformat="none"),
        alt=f"Figure 1b of the paper. From 3200 samples theory says {before:.1f} for the kernel before, {largest:.1f} "
            f"for the largest spike. A real step of size {step:g} at width {width} reaches "
            f"{real['network'][-1]:.1f}, predicted {np.interp(3200, _N1B, mine):.1f}.",
    )


_DIMS = np.array([50, 71, 100, 141, 200, 283, 400, 566, 800, 1131, 1600, 2263, 3200])


@curves
def _figure1a_theory(p) -> np.ndarray:
    mixed = [mode_mixing("relu", dim=int(dim), **figure1_covariance(p, int(dim))) for dim in _DIMS]
    return np.array([mixing.quadratic**2 for mixing in mixed])


def figure_1a(*, step_size=300.0, width_ratio=2.0):
    """The paper's Figure 1a: alignment of the top eigenvector with Y₂ against the dimension; one fixed step size."""
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
        shape = {"dim": int(dim), "width": width, "samples": samples}
        gamma = predict_covariance("relu", _figure1_centred(), step_size=step_size, **shape)
        mixed = mode_mixing("relu", dim=int(dim), spike=max(gamma.spike, 0.0) / gamma.bulk).quadratic ** 2
        mine.append(mixed + (1 - mixed) / dim)
    traces += [style.line(_DIMS[::2], mine, "your η, the same at every d", style.TARGET, dash="dash"), *_KEY]
    return style.picture(
        traces, height=480, xaxis=style.axis("dimension d", 45, 3600, log=True, dtick="D2"),
        yaxis=style.axis("squared overlap with Y₂", 2e-4, 0.6, log=True), legend={"font": {"size": 12}},
        alt=f"Figure 1a of the paper. At d = 3200 theory says {_figure1a_theory(0.9)[-1]:.3f} for B = 5 d^0.9. "
            f"A step of size {step_size:.3g} held fixed gives {mine[0]:.3f} at d = 50 and {mine[-1]:.4f} at d = 3200.",
    )


# Cui et al., arXiv:2402.04980: published with their code; σ = tanh, g = sin, m = d, n = 20 d, η = 3 m, ridge 0.1.
CUI = {"samples": (0.2, 0.9, 1.6, 2.3, 3.0), "error": (0.04860, 0.04312, 0.03807, 0.03511, 0.03334)}
_SHARES = np.linspace(0.2, 3.0, 15)


@lru_cache(maxsize=1)
def _cui_theory() -> dict:
    """{whether neurons are stretched: test error at _SHARES}."""
    return {stretched: spiked_feature_error("tanh", "sine", samples_per_dim=_SHARES, stretched=stretched)
            for stretched in (False, True)}


def published_curve():
    """A published curve at η = 3 m, its formulas evaluated anew and with the neurons' own factors, and real steps."""
    table, theory = data.table("cui"), _cui_theory()
    traces = [
        style.points(CUI["samples"], CUI["error"], "published (Cui et al. 2024)", style.NEUTRAL, symbol="x-thin",
                     size=9),
        style.line(_SHARES, theory[False], "the same formulas, evaluated anew", style.NEUTRAL, dash="dash", width=2),
        style.line(_SHARES, theory[True], "with the factors 1 + ε", style.AFTER),
    ]
    for k, (dim, colour) in enumerate(zip(table["dim"], ("#f2c27a", "#ee9f3c", style.AFTER), strict=True)):
        mean, error = (np.array([table[f"error_{share:g}{end}"][k] for share in CUI["samples"]])
                       for end in ("", "_error"))
        traces.append(style.points(CUI["samples"], mean, f"real networks, d = m = {dim:g}", colour, error=error))
    shares = {name: float(np.interp(3.0, _SHARES, curve)) / CUI["error"][-1] - 1
              for name, curve in (("anew", theory[False]), ("full", theory[True]))}
    return style.picture(
        traces, xaxis=style.axis("samples / dimension N/d", 0, 3.2),
        yaxis=style.axis("test mean squared error", 0.025, 0.06),
        alt=f"Against the published value at N = 3 d: the formulas evaluated anew {100 * shares['anew']:.1f} %, with "
            f"the neurons' own factors {100 * shares['full']:.1f} %, real networks of the published size "
            f"{100 * (mean[-1] / CUI['error'][-1] - 1):.1f} %.",
    )
