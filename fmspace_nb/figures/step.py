"""Chapter 02: one large gradient step, real networks against Γ of the full step, of the rank-one model, as printed."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtri

from fmspace_nb.activations import activation as as_activation
from fmspace_nb.covariance import FORMS, StepMoments, alignment, predict_conditional, predict_covariance
from fmspace_nb.experiments.trials import Trial, sizes
from fmspace_nb.figures import style
from fmspace_nb.numerics.hermite import gaussian
from fmspace_nb.remembered import curves
from fmspace_nb.steps import draw_batch
from fmspace_nb.weights import real_outlier

DIRECTIONS = {"beta_hat": "along β̂", "target": "along w*", "across": "across both"}
_REACH = 12.0
_BINS, _GRID = (np.linspace(-_REACH, _REACH, points) for points in (49, 97))
_LEVELS = (np.arange(61) + 0.5) / 61
_NORMAL = ndtri(_LEVELS)
_TRIALS = 32


def _variances(activation, target, trial, sizes_, step_size) -> dict:
    """{direction: (given the data, averaged, printed)} variance of √d w, NaN where a view says nothing."""
    dim, width, samples = sizes_
    here = {"width": width, "samples": samples, "step_size": step_size}
    given = predict_conditional(activation, target, trial.beta_hat, **here)
    averaged, printed = (predict_covariance(activation, target, dim=dim, form=form, **here)
                         for form in ("full step", "printed"))
    return {
        "beta_hat": (given.bulk + given.spike, math.nan, math.nan),
        "target": (given.bulk + given.spike * given.direction[0] ** 2, averaged.bulk + averaged.spike,
                   printed.bulk + printed.spike),
        "across": (given.bulk, averaged.bulk, printed.bulk),
    }


def weights_by_direction(*, step_size=100.0, width_ratio=2.0, sample_ratio=4.0, dim=200, activation="relu",
                         target="tanh", seed=0):
    """The weights of one real network after its step along β̂, along w* and across: histograms, quantiles below."""
    width, samples = sizes(dim, width_ratio, sample_ratio)
    trials = Trial(activation, target, dim=dim, width=width, samples=samples).shown(seed)
    drawn = [trial.projections() for trial in trials]
    variances = [_variances(activation, target, one, (dim, width, samples), step_size) for one in drawn]
    traces, axes, notes = [], {}, []
    for column, (direction, title) in enumerate(DIRECTIONS.items()):
        weights = [one.weights(direction, step_size) for one in drawn]
        given, averaged, printed = np.sqrt([each[direction] for each in variances]).T
        first = column + 1 if column else ""
        top, low = ({"xaxis": f"x{number}", "yaxis": f"y{number}"} for number in (first, column + 4))
        shown = {"showlegend": column == 2}
        density = np.histogram(weights, _BINS)[0] / (np.size(weights) * (_BINS[1] - _BINS[0]))
        bells = [gaussian(_GRID / std) / std for std in given]
        quantiles = [np.quantile(one, _LEVELS) / std for one, std in zip(weights, given, strict=True)]
        traces += [
            {"type": "bar", "x": (_BINS[1:] + _BINS[:-1]) / 2, "y": density,
             "name": "real weights" if len(trials) == 1 else f"mean of {len(trials)} real networks",
             "marker": {"color": style.AFTER, "opacity": 0.45, "line": {"width": 0}}, **shown, **top},
            style.line(_GRID, gaussian(_GRID), "before the step", style.BEFORE, dash="dash", width=2, **shown, **top),
            style.line(style.gathered([_GRID] * len(bells)), style.gathered(bells), "theory, given the data",
                       style.AFTER, **style.faint(trials), **shown, **top),
            style.line(_GRID, gaussian(_GRID / averaged[0]) / averaged[0], "averaged over data", style.TARGET,
                       dash="dot", width=2, **shown, **top),
            style.points(style.gathered([_NORMAL] * len(quantiles)), style.gathered(quantiles), "quantiles",
                         style.AFTER, size=5, showlegend=False, **style.faint(trials), **low),
            style.line([-3, 3], [-3, 3], "exact Gaussian", style.AFTER, width=1.5, showlegend=False, **low),
            style.line([-3, 3], np.array([-3, 3]) * printed[0] / given.mean(), "with the printed formula",
                       style.NEUTRAL, dash="dashdot", width=2, **shown, **low),
        ]
        axes |= _panel(column)
        notes.append(style.note(f"<b>{title}</b><br>std {style.reach(given, '.3g')}", _left(column) + 0.14, 1.0,
                                align="center", anchor="center", yanchor="bottom",
                                colour=style.TARGET if direction == "target" else None))
    outside = np.mean(np.abs([one.weights("target", step_size) for one in drawn]) > _REACH)
    predicted = [style.reach(np.sqrt([each[d][0] for each in variances]), ".3g") for d in DIRECTIONS]
    measured = [style.reach([one.weights(d, step_size).std() for one in drawn], ".3g") for d in DIRECTIONS]
    return style.picture(
        traces, height=560, notes=notes, bargap=0.02, **axes, margin={"l": 66, "r": 16, "t": 96, "b": 56},
        legend={"y": 1.09, "font": {"size": 12}},
        alt=f"Histograms of {width} weights of a real network after its step. Predicted standard deviations along β̂, "
            f"along w* and across: {', '.join(predicted)}; measured: {', '.join(measured)}. "
            f"{outside:.0%} of the weights along w* lie beyond the frame.",
    )


def _left(column: int) -> float:
    return 0.36 * column


def _panel(column: int) -> dict:
    """The axes of one column: a histogram above, quantiles below."""
    top, low = str(column + 1).replace("1", ""), column + 4
    domain = [_left(column), _left(column) + 0.28]
    middle = column == 1
    return {
        f"xaxis{top}": style.axis("√d ⟨w<sub>j</sub>, direction⟩" if middle else "", -_REACH, _REACH, domain=domain,
                                  anchor=f"y{top}", dtick=6),
        f"yaxis{top}": style.axis("density" if column == 0 else "", 0, 0.46, domain=[0.62, 1], anchor=f"x{top}"),
        f"xaxis{low}": style.axis("quantile of N(0, 1)" if middle else "", -3.2, 3.2, domain=domain, dtick=2,
                                  anchor=f"y{low}"),
        f"yaxis{low}": style.axis("weights ÷ theory" if column == 0 else "", -4.5, 4.5, domain=[0, 0.4],
                                  anchor=f"x{low}", dtick=2),
    }


_STEPS = np.geomspace(1, 1e4, 9)
_LINE = np.array([1.0, 1e4])


@curves
def _growths(activation, target, dim, width, samples):
    """Coefficients of η and η² in (A − 1, B) of `_TRIALS` real networks; shape (trials, 2, 2)."""
    trial = Trial(activation, target, dim=dim, width=width, samples=samples)
    return np.array([draw.growth() for draw in trial.draws(_TRIALS)])


def bulk_and_spike(*, step_size=600.0, width_ratio=2.0, sample_ratio=4.0, dim=64, activation="relu", target="tanh"):
    """A − 1 and B measured on real steps against the step size, and their ratio to each formula with its error."""
    width, samples = sizes(dim, width_ratio, sample_ratio)
    coefficients = _growths(activation, target, dim, width, samples)
    steps = np.append(_STEPS, step_size)
    linear, square = coefficients[:, 0, None], coefficients[:, 1, None]
    found = linear * steps[:, None] + square * steps[:, None] ** 2      # (trials, steps, 2)
    mean, error = found.mean(0), found.std(0, ddof=1) / math.sqrt(_TRIALS)
    forms = {form: predict_covariance(activation, target, dim=dim, width=width, samples=samples, step_size=1.0,
                                      form=form)
             for form in ("full step", "rank one", "printed")}
    growths = {form: np.array([gamma.bulk - 1, gamma.spike]) for form, gamma in forms.items()}
    traces = []
    for which, (name, colour) in enumerate((("A − 1", style.BEFORE), ("B", style.TARGET))):
        visible = np.where(mean[:-1, which] > 3 * error[:-1, which], mean[:-1, which], np.nan)
        traces += [
            style.line(_LINE, growths["full step"][which] * _LINE**2, f"{name}: full step", colour),
            style.line(_LINE, growths["printed"][which] * _LINE**2, f"{name}: as printed", colour, dash="dash",
                       width=2),
            style.points(_STEPS, visible, f"{name}: real networks", colour, error=error[:-1, which]),
        ]
    traces.insert(1, style.line(_LINE, growths["rank one"][0] * _LINE**2, "A − 1: rank one", style.BEFORE, dash="dot",
                                width=2))
    rows = [(f"{name}, {form}", mean[-1, which] / (growths[form][which] * step_size**2),
             error[-1, which] / (growths[form][which] * step_size**2))
            for which, (name, shown) in enumerate((("A − 1", FORMS), ("B", ("full step", "printed"))))
            for form in shown]
    labels, ratios, errors = zip(*rows, strict=True)
    card = style.points(np.arange(5), ratios, "measured ÷ formula", style.AFTER, size=11, error=2 * np.array(errors),
                        xaxis="x2", yaxis="y2", showlegend=False)
    traces += [card, style.line([-0.5, 4.5], [1, 1], "exact", style.NEUTRAL, dash="dot", xaxis="x2", yaxis="y2",
                                showlegend=False)]
    return style.picture(
        traces, guides=[style.threshold(step_size, "you", level=0.06)], margin={"l": 70, "r": 16, "t": 76, "b": 100},
        legend={"y": 1.06}, notes=[style.note("measured ÷ formula", 0.82, 1.0, anchor="center", yanchor="bottom")],
        xaxis=style.axis("step size η", 1, 1e4, log=True, domain=[0, 0.54]),
        yaxis=style.axis("growth of the covariance", 1e-5, 1e5, log=True, automargin=True),
        xaxis2=style.axis("", -0.5, 4.5, domain=[0.65, 1], anchor="y2", tickvals=list(range(5)), ticktext=list(labels),
                          tickangle=-40),
        yaxis2=style.axis("", 0, 2.6, anchor="x2"),
        alt=f"At step size {step_size:.3g}, {_TRIALS} real networks give measured over formula, with two standard "
            "errors: "
            + "; ".join(f"{label} {ratio:.2f} ± {2 * e:.2f}" for label, ratio, e in rows) + ".",
    )


_RATIOS = np.array([0.5, 1, 2, 4, 8, 16])
_RATIO_LINE = np.geomspace(0.4, 20, 40)


@curves
def _beta_hat(target, dim):
    """⟨v, w*⟩²: predicted along `_RATIO_LINE`; mean and standard error over real batches at `_RATIOS`."""
    def one(ratio, seed):
        x, y = draw_batch(target, dim, round(ratio * dim), np.random.default_rng([seed, 77]))
        beta_hat = y @ x
        return beta_hat[0] ** 2 / (beta_hat @ beta_hat)

    found = np.array([[one(ratio, seed) for ratio in _RATIOS] for seed in range(_TRIALS)])
    predicted = np.array([alignment(target, dim=dim, samples=round(ratio * dim)) for ratio in _RATIO_LINE])
    return predicted, found.mean(0), found.std(0, ddof=1) / math.sqrt(_TRIALS)


def alignment_with_data(*, step_size=300.0, width_ratio=2.0, dim=60, activation="relu", target="tanh"):
    """How well β̂, and the weights that followed it, point to w*: against the number of samples per dimension."""
    width, _ = sizes(dim, width_ratio, 1.0)
    predicted, mean, error = _beta_hat(target, dim)
    tops = np.array([[Trial(activation, target, dim=dim, width=width, samples=round(ratio * dim), seed=seed)
                      .weight_path().top(step_size)[1] for ratio in _RATIOS] for seed in range(3)])
    seen = predicted * [real_outlier(activation, target, dim=dim, width=width, samples=round(ratio * dim),
                                     step_size=step_size).overlap for ratio in _RATIO_LINE]
    traces = [
        style.line(_RATIO_LINE, predicted, "β̂: theory", style.AFTER, dash="dash", width=2),
        style.points(_RATIOS, mean, f"β̂: {_TRIALS} real batches", style.AFTER, symbol="square", error=error),
        style.line(_RATIO_LINE, seen, "top eigenvector of the weights: theory", style.TARGET),
        style.points(_RATIOS, tops.mean(0), "top eigenvector: 3 real networks", style.TARGET,
                     error=tops.std(0, ddof=1) / math.sqrt(3)),
    ]
    at_four = [np.interp(4.0, _RATIO_LINE, curve) for curve in (predicted, seen)]
    return style.picture(
        traces, xaxis=style.axis("samples / dimension α = n/d", 0.4, 20, log=True, tickvals=list(_RATIOS), minor=None),
        yaxis=style.axis("squared overlap with w*", -0.03, 1.03),
        alt=f"With 4 samples a dimension theory aligns β̂ with the target direction to {at_four[0]:.2f} "
            f"and the weights' top eigenvector to {at_four[1]:.2f} at step size {step_size:.3g}.",
    )


_DIMS = (32, 64, 128, 256)


def rank_one_model(*, step_size=100.0, width_ratio=2.0, sample_ratio=4.0, dim=128, activation="relu", target="tanh",
                   seed=0):
    """The three parts of the new weights by operator norm, and how far the gradient is from rank one against d."""
    ratios = {"width_ratio": width_ratio, "sample_ratio": sample_ratio}
    trials = Trial.of_ratios(activation, target, dim=dim, **ratios).shown(seed)
    width, samples = trials[0].width, trials[0].samples
    start, one, rest = ([trial.gradient_parts()[part][0] for trial in trials] for part in ("start", "rank one", "rest"))
    moments = StepMoments.of(as_activation(activation), target)
    length = math.sqrt(moments.slope**2 + moments.label_power * dim / samples)
    predicted = {"start": 1 + math.sqrt(width / dim), "rank one": abs(moments.gain) * length / math.sqrt(width)}
    noise = math.sqrt(max(moments.gain_square - moments.gain**2, 0) * moments.label_power * dim / samples)
    found = [[Trial.of_ratios(activation, target, dim=d, **ratios, seed=seed).gradient_parts() for d in _DIMS]
             for seed in (0, 1)]
    errors = np.array([[np.divide(p["rest"], p["rank one"]) for p in row] for row in found]).mean(0)  # (dims, 2)
    slope = np.polyfit(np.log(_DIMS), np.log(errors[:, 0]), 1)[0]
    dims, top = np.array(_DIMS, dtype=float), {"xaxis": "x2", "yaxis": "y2"}
    guide = errors[-1, 0] * np.sqrt(dims[-1] / dims)
    traces = [
        style.line(_LINE, [predicted["start"]] * 2, "start W₀", style.BEFORE),
        style.line(_LINE, predicted["rank one"] * _LINE, "rank one: theory", style.TARGET),
        *(style.points(style.gathered([_STEPS] * len(trials)), style.gathered(np.multiply.outer(norms, _STEPS)),
                       f"{part}: {'real step' if len(trials) == 1 else style.those(trials)}", colour, symbol=symbol,
                       **style.faint(trials))
          for norms, part, colour, symbol in ((one, "rank one", style.TARGET, "circle"),
                                              (rest, "the rest", style.AFTER, "square"))),
        style.line([step_size] * 2, [1e-4, 1e3], "you are here", style.NEUTRAL, dash="dot", width=2),
        style.points(dims, errors[:, 0], "operator norm", style.AFTER, symbol="square", **top, showlegend=False),
        style.line(dims, guide, "∝ d<sup>−1/2</sup>", style.AFTER, dash="dash", width=2, **top, showlegend=False),
        style.points(dims, errors[:, 1], "Frobenius norm", style.NEUTRAL, **top, showlegend=False),
        style.line([25, 330], [noise / (abs(moments.gain) * length)] * 2, "Frobenius: theory", style.NEUTRAL, **top,
                   showlegend=False),
    ]
    said = [style.reach(np.array(n) * s, ".3g") for n, s in ((start, 1), (one, step_size), (rest, step_size))]
    return style.picture(
        traces, margin={"l": 70, "r": 16, "t": 76, "b": 60}, legend={"y": 1.06},
        notes=[style.note("rest ÷ rank one", 0.83, 1.0, anchor="center", yanchor="bottom"),
               style.note(f"op.: d<sup>{slope:.2f}</sup>".replace("-", "−"), 0.99, 0.04, anchor="right",
                          colour=style.AFTER),
               style.note("Frobenius", 0.99, 0.97, anchor="right", colour=style.NEUTRAL)],
        guides=[style.threshold(math.sqrt(dim), "√d", level=0.07), style.threshold(dim, "d", level=0.07)],
        xaxis=style.axis("step size η", 1, 1e4, log=True, domain=[0, 0.54]),
        yaxis=style.axis("operator norm", 1e-4, 1e3, log=True, automargin=True),
        xaxis2=style.axis("dimension d", 25, 330, log=True, domain=[0.69, 1], anchor="y2", tickvals=list(_DIMS),
                          minor=None),
        yaxis2=style.axis("", 0.01, 3, log=True, anchor="x2", tickvals=[0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2],
                          minor=None),
        alt=f"At step size {step_size:.3g} in dimension {dim} the operator norms are {said[0]} (start), {said[1]} "
            f"(rank one) and {said[2]} (the rest). The rest over the rank-one part falls like d^{slope:.2f} in "
            "operator norm.",
    )
