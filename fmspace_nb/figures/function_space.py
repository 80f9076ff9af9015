"""Chapter 01: the ladder of levels of T₀ and T₁, exact, from sampled inputs, and from real networks."""

from __future__ import annotations


import numpy as np

from fmspace_nb.covariance import SpikedCovariance, predict_covariance, typical_conditional
from fmspace_nb.experiments.trials import Trial, sizes
from fmspace_nb.figures import style
from fmspace_nb.kernel import conjugate_kernel
from fmspace_nb.numerics.harmonics import multiplicity as multiplicity_of_level
from fmspace_nb.remembered import curves
from fmspace_nb.spectrum.decay import at_ranks, weyl_ratio
from fmspace_nb.spectrum.mercer import mercer

TARGET = "tanh"
_DEGREES = 5  # degrees 0 … 4 are drawn
_SECTORS = _DEGREES
_COUNTS = {"tickvals": [1, 1e2, 1e4, 1e6, 1e8], "ticktext": ["1", "100", "10⁴", "10⁶", "10⁸"], "minor": None}
_LEGS = ("no leg", "1 leg", "2 legs", "3 legs", "4 legs")


def _levels(spectrum):
    """(degree, legs, multiplicity, eigenvalue) of the leading mode of each degree and number of legs; shape (4,
    levels)."""
    found = {}
    for sector in spectrum.sectors:
        for label, value in zip(sector.labels, sector.eigenvalues, strict=True):
            if label.degree < _DEGREES and label.radial == 0:
                found[label.degree, label.legs] = (sector.multiplicity, value)
    grid = [(k, legs) for k in range(_DEGREES) for legs in range(k + 1)]
    return np.array([(k, legs, *found.get((k, legs), (np.nan, np.nan))) for k, legs in grid]).T


def ladder(*, step_size=100.0, width_ratio=2.0, sample_ratio=4.0, dim=100, activation="relu"):
    """The levels before (left) and after (right) the step: height is the eigenvalue, length the multiplicity, colour
    the legs along w*."""
    width, samples = sizes(dim, width_ratio, sample_ratio)
    gamma = predict_covariance(activation, TARGET, dim=dim, width=width, samples=samples, step_size=step_size)
    before = _levels(mercer(activation, dim=dim, sectors=_SECTORS, modes=8))
    after = _levels(mercer(activation, covariance=gamma, sectors=_SECTORS, modes=8))
    traces = [_bars(before[:, before[1] == 0], "before: all of one degree", style.BEFORE, "x", whole=dim)]
    traces += [_bars(after[:, after[1] == legs], _LEGS[legs], style.LEGS[legs], "x3") for legs in range(_DEGREES)]
    traces += [_joins(before, after, legs) for legs in range(_DEGREES)]
    linear = after[3, (after[0] == 1)]
    return style.picture(
        traces,
        height=500,
        xaxis=style.axis("multiplicity before", 1e9, 0.7, log=True, domain=[0, 0.36], **_COUNTS),
        xaxis2={"domain": [0.36, 0.64], "range": [0, 1], "visible": False, "fixedrange": True},
        xaxis3=style.axis("multiplicity after", 0.7, 1e9, log=True, domain=[0.64, 1], **_COUNTS),
        yaxis=style.axis("eigenvalue", 1e-12, 30, log=True, dtick=2),
        notes=[
            style.note(
                f"A = {gamma.bulk:.3g}, B/d = {gamma.spike / dim:.3g}", 0.5, 0.99, anchor="center", yanchor="top"
            )
        ],
        alt=f"Ladder of levels at d = {dim}, B/d = {gamma.spike / dim:.3g}. "
        + (
            f"Level 1 has split into {linear[1]:.3g} along the target and {linear[0]:.3g} across it."
            if np.all(np.isfinite(linear))
            else "This activation has no level of degree 1."
        ),
    )


def _bars(levels, name, colour, axis, whole=None):
    """Each level a horizontal bar from multiplicity 1: three points a level, NaN between."""
    degree, _, multiplicity, value = levels
    if whole is not None:  # before the step the sectors of one degree share one level
        multiplicity = np.array([multiplicity_of_level(whole, int(k)) for k in degree])
    x = np.column_stack([np.full(len(value), 0.8), np.maximum(multiplicity, 1.15), np.full(len(value), np.nan)]).ravel()
    y = np.repeat(value, 3)
    return style.line(x, y, name, colour, width=5, xaxis=axis)


def _joins(before, after, legs):
    """Thin lines from each level before to what it becomes with so many legs."""
    chosen = before[1] == legs
    start, end = before[3, (before[1] == 0)][before[0, chosen].astype(int)], after[3, chosen]
    gap = np.full(len(end), np.nan)
    x = np.tile([0.0, 1.0, np.nan], len(end))
    return style.line(x, np.column_stack([start, end, gap]).ravel(), "", style.LEGS[legs], width=1.2, xaxis="x2",
                      showlegend=False, hoverinfo="skip")


def _ordered(spectrum, count):
    """The `count` largest eigenvalues, each as often as its multiplicity says; NaN once the computed modes run out."""
    repeats = np.minimum(spectrum.multiplicities, count).astype(int)
    values = np.repeat(spectrum.eigenvalues, repeats)[:count]
    return np.concatenate([values, np.full(count - len(values), np.nan)])


_INPUTS = 400


@curves
def _gram(activation, dim, bulk, spike):
    """Eigenvalues of the Gram matrix k(x, x')/N of sampled inputs, descending."""
    x = np.random.default_rng([dim, 11]).standard_normal((_INPUTS, dim))
    kernel = conjugate_kernel(activation, SpikedCovariance(dim, bulk=bulk, spike=spike))
    return np.maximum(np.linalg.eigvalsh(kernel(x))[::-1] / _INPUTS, 0.0)


def staircase(*, step_size=30.0, width_ratio=4.0, sample_ratio=4.0, dim=20, activation="relu", seed=0):
    """Ordered eigenvalues: exact before and after, of a Gram matrix of 400 inputs, and of a real network's kernel on
    them."""
    width, samples = sizes(dim, width_ratio, sample_ratio)
    gamma = typical_conditional(activation, TARGET, dim=dim, width=width, samples=samples, step_size=step_size)
    before = _ordered(mercer(activation, dim=dim, sectors=_SECTORS, modes=8), _INPUTS)
    after = _ordered(mercer(activation, covariance=gamma, sectors=_SECTORS, modes=8), _INPUTS)
    gram = _gram(activation, dim, gamma.bulk, gamma.spike)
    trials = Trial(activation, TARGET, dim=dim, width=width, samples=samples).shown(seed)
    network = np.full((len(trials), _INPUTS), np.nan)
    for row, trial in zip(network, trials, strict=True):
        found = trial.feature_path(_INPUTS).eigenvalues(step_size)
        row[:len(found)] = np.where(found > 1e-9, found, np.nan)
    rank, shown = np.arange(1, _INPUTS + 1), np.unique(np.geomspace(1, _INPUTS, 60).astype(int)) - 1
    traces = [
        style.line(rank, before, "T₀, exact", style.BEFORE, dash="dash", width=2, shape="hvh"),
        style.line(rank, after, "T₁, exact", style.AFTER, shape="hvh"),
        style.points(
            rank[shown], gram[shown], f"Gram matrix of {_INPUTS} inputs", style.AFTER, symbol="circle-open", size=8
        ),
        style.points(style.gathered([rank[shown]] * len(trials)), style.gathered(network[:, shown]),
                     f"{'real network' if len(trials) == 1 else style.those(trials)} of m neurons", style.TARGET,
                     symbol="x-thin", size=7, **style.faint(trials)),
    ]
    return style.picture(
        traces, guides=[style.threshold(width, f"m = {width}", level=0.99)],
        xaxis=style.axis("rank", 0.9, 450, log=True), yaxis=style.axis("eigenvalue", 1e-5, 30, log=True),
        alt=f"Ordered eigenvalues at d = {dim}. The largest: exact {after[0]:.3g}, Gram matrix {gram[0]:.3g}, "
            f"network of {width} neurons {style.reach(network[:, 0], '.3g')}; before the step {before[0]:.3g}.",
    )


_RANKS = np.geomspace(1, 1e6, 801)  # in 8 dimensions they reach degree 22
_FIRST = 1e5  # the ranks from which c and C are taken
_COMPUTED = {"relu": (32, 36), "gelu": (6, 8)}  # sectors and modes: for ReLU enough for a million ranks


def decay(*, step_size=12.0, width_ratio=1.0, sample_ratio=4.0, dim=8, activation="relu"):
    """Theorem 2: the ordered eigenvalues after the step over those before, the constants of ranks up to 10⁵, and
    ReLU's limit."""
    width, samples = sizes(dim, width_ratio, sample_ratio)
    gamma = predict_covariance(activation, TARGET, dim=dim, width=width, samples=samples, step_size=step_size)
    sectors, modes = _COMPUTED[activation]
    before, after = (mercer(activation, dim=dim, bulk=bulk, spike=spike, sectors=sectors, modes=modes)
                     for bulk, spike in ((1.0, 0.0), (gamma.bulk, gamma.spike)))
    levels = np.cumsum([float(multiplicity_of_level(dim, k)) for k in (0, 1, *range(2, 40, 2))]) + 1
    # between these ranks the ratio is constant
    early = np.concatenate([[1.0], levels, np.cumsum(after.multiplicities) + 1])
    shown = np.sort(np.concatenate([_RANKS, np.minimum(levels, _RANKS[-1])]))
    ratio, known = (at_ranks(after, at) / at_ranks(before, at) for at in (shown, early[early <= _FIRST]))
    low, high = np.nanmin(known), np.nanmax(known)
    limit = weyl_ratio(dim, bulk=gamma.bulk, spike=gamma.spike) if activation == "relu" else np.nan
    ends, late = [1, _RANKS[-1]], ratio[(shown > _FIRST) & np.isfinite(ratio)]
    traces = [
        style.line(shown, ratio, "λⱼ(T₁) / λⱼ(T₀), exact", style.AFTER, shape="hvh", width=2),
        style.line(ends, [low, low], "c, the smallest", style.NEUTRAL, dash="dot", width=2),
        style.line(ends, [high, high], "C, the largest", style.NEUTRAL, dash="dash", width=2),
        style.line(ends, [limit, limit], "j → ∞ (ReLU only)", style.TARGET, width=1.5),
    ]
    said = f"c = {low:.3g} · C = {high:.3g}" + (f" · j → ∞: {limit:.3g}" if activation == "relu" else "")
    return style.picture(
        traces,
        guides=[style.threshold(_FIRST, "not used for c and C", level=0.99)],
        notes=[style.note(said, 0.02, 0.98)],
        xaxis=style.axis("rank j", 1, _RANKS[-1], log=True),
        yaxis=style.axis("ratio of ordered eigenvalues", 0.5, 40, log=True),
        alt=f"The ratio of ordered eigenvalues after and before the step lies between {low:.3g} and {high:.3g} up to "
            f"rank 10⁵"
        + (f", between {late.min():.3g} and {late.max():.3g} from there to 10⁶" if late.size else "")
        + (f"; its limit is {limit:.3g}." if activation == "relu" else "."),
    )
