"""Chapter 06: the top radial mode meets the target-aligned quadratic harmonic, exact, first order, and in real
networks."""

from __future__ import annotations

import math

import numpy as np
from scipy.interpolate import CubicSpline

from fmspace_nb.activations import activation as as_activation
from fmspace_nb.covariance import typical_conditional
from fmspace_nb.experiments.trials import Trial, sizes
from fmspace_nb.figures import style
from fmspace_nb.mixing import growth, mode_mixing, pure_modes, top_mode
from fmspace_nb.remembered import curves

TARGET = "tanh"
RANGE = (10, 1000)
STEPS = tuple(np.geomspace(*RANGE, 21))  # where curves are computed; splines are drawn through them
_TRIALS = 3
_INPUTS = 1500
_FAR = 1e6  # a step size by which B_c/A_c has reached its end


def _gamma(activation, dim, width, samples, step_size):
    return typical_conditional(activation, TARGET, dim=dim, width=width, samples=samples, step_size=step_size)


def _mixing(activation, gamma):
    """The mixing, its first order as the paper prints it where it does."""
    form = "printed" if as_activation(activation).homogeneity == 1 else "exact"
    return mode_mixing(activation, covariance=gamma, form=form)


@curves
def _overlaps(activation, dim, width, samples, step_size, seed):
    """(⟨Ψ, R⟩, ⟨Ψ, Q⟩) of one real network's top even mode on fresh inputs, R and Q about its own spike; ⟨Ψ, R⟩ > 0."""
    path = Trial(activation, TARGET, dim=dim, width=width, samples=samples, seed=seed).feature_path(_INPUTS)
    bulk = _gamma(activation, dim, width, samples, step_size).bulk
    along = path.inputs @ path.direction
    across = np.sqrt(np.sum(path.inputs**2, axis=1) - along**2)
    modes = pure_modes(as_activation(activation), dim, bulk, 0)(along, across)
    # least squares, not inner products: on a finite sample R and Q are not quite orthogonal
    mode = path.top_mode(step_size, 1).values
    found = np.linalg.lstsq(modes.T, mode, rcond=None)[0]
    explained = np.mean((found @ modes) ** 2) / (found @ found)
    return tuple(found * np.sign(found[0]) * math.sqrt(explained))


def _measured(activation, dim, width, samples, steps):
    """Overlaps of real networks along the step sizes; shape (trials, steps, 2)."""
    return np.array(
        [[_overlaps(activation, dim, width, samples, float(step), seed) for step in steps] for seed in range(_TRIALS)]
    )


def _mean_and_error(values):
    return values.mean(0), values.std(0, ddof=1) / math.sqrt(len(values))


@curves
def _curves(activation, dim, width, samples, steps):
    """Along the steps: the exact, first-order, two-mode and saturation angle in degrees, and the shares on R, on Q, on
    the rest."""
    found = [_mixing(activation, _gamma(activation, dim, width, samples, step)) for step in steps]
    angles = np.degrees([[m.angle, m.first_order, m.two_by_two, m.saturation] for m in found])
    return angles.T, np.array([[m.radial**2, m.quadratic**2, m.residual] for m in found]).T


@curves
def _attainable(activation, dim, samples):
    """The angle in degrees, at any width, as η → ∞: B_c/(A_c d) → (μ_σ²/Var σ')(1 + αμ_g²/E y²).

    There only the power counts with which the even half of σ grows; NaN if it grows like none.
    """
    power = growth(as_activation(activation), 0)
    if power is None:
        return math.nan
    gamma = _gamma(activation, dim, dim, samples, _FAR)
    return math.degrees(mode_mixing(lambda z: np.abs(z) ** power, covariance=gamma).angle)


def angle(*, step_size=300.0, width_ratio=1.0, sample_ratio=4.0, dim=100, activation="relu"):
    """The mixing angle against the step size: exact, first order, two modes, where it ends, and real networks."""
    width, samples = sizes(dim, width_ratio, sample_ratio)
    exact, first, two, end = _curves(activation, dim, width, samples, STEPS)[0]
    at, last = np.geomspace(20, 900, 8), _attainable(activation, dim, samples)
    overlaps = _measured(activation, dim, width, samples, at)
    mean, error = _mean_and_error(np.degrees(np.arctan2(overlaps[..., 1], overlaps[..., 0])))
    gamma = _gamma(activation, dim, width, samples, step_size)
    here = math.degrees(_mixing(activation, gamma).angle)
    traces = [
        style.line(STEPS, end, "B/(Ad) → ∞", style.NEUTRAL, dash="dot", width=2),
        style.line(
            RANGE, [last, last], f"η → ∞ at α = {sample_ratio:g}", style.NEUTRAL, dash="dot", width=2, opacity=0.55
        ),
        style.line(STEPS, first, "first order (Theorem 5)", style.BEFORE, dash="dash", shape="spline"),
        style.line(STEPS, two, "two modes, R and Q", style.LEGS[3], dash="dashdot", width=2, shape="spline"),
        style.line(STEPS, exact, "exact", style.AFTER, width=3.5, shape="spline"),
        style.points(at, mean, f"{_TRIALS} real networks", style.AFTER, error=error),
        style.reader([step_size], [here]),
    ]
    return style.picture(
        traces, guides=[style.threshold(dim, f"d = {dim}", level=0.99)], drives={"x": "step_size"},
        xaxis=style.axis("step size η", *RANGE, log=True), yaxis=style.axis("mixing angle φ (degrees)", -1, 42),
        alt=f"At step size {step_size:.3g} (B/d = {gamma.spike / dim:.3g}) the exact mixing angle is {here:.1f} degrees"
            + (f"; a step of any size ends at {last:.1f}." if math.isfinite(last) else "."),
    )


def shape(*, step_size=300.0, width_ratio=1.0, sample_ratio=4.0, dim=100, activation="relu", seed=None):
    """The top even eigenfunction by direction in a plane through w*: a circle before the step, a peanut after."""
    width, samples = sizes(dim, width_ratio, sample_ratio)
    trial = Trial(activation, TARGET, dim=dim, width=width, samples=samples)
    trials = trial.draws(_TRIALS) if seed is None else trial.shown(seed)
    gamma = _gamma(activation, dim, width, samples, step_size)
    turn, quarter = np.linspace(0, 2 * np.pi, 181), np.linspace(0, np.pi / 2, 46)
    radius = math.sqrt(dim)
    values = top_mode(activation, gamma)(radius * np.cos(quarter), radius * np.sin(quarter))
    values = values[np.abs((np.arange(turn.size) + 45) % 90 - 45)]         # even in both: the other quarters mirror it
    scale = np.max(np.abs(values))
    found = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    measured = [
        _on_circle(activation, dim, width, samples, float(step_size), trial.seed, tuple(found)) / scale
        for trial in trials
    ]
    network, around = style.gathered(measured), style.gathered([found] * len(trials))
    waist = abs(values[45]) / scale
    traces = [
        style.line(np.sin(turn), np.cos(turn), "before: R", style.BEFORE, dash="dash", width=2),
        style.line(
            np.abs(values) / scale * np.sin(turn),
            np.abs(values) / scale * np.cos(turn),
            "after, exact",
            style.AFTER,
            width=3.5,
            fill="toself",
            fillcolor="rgba(232,130,12,0.15)",
        ),
        style.points(
            network * np.sin(around),
            network * np.cos(around),
            f"after, {style.those(trials)}",
            style.AFTER,
            size=5,
            opacity=0.6,
        ),
        style.line([0, 0], [-1.3, 1.3], "target direction", style.TARGET, width=2),
    ]
    square = {"scaleanchor": "x", "scaleratio": 1}
    return style.picture(
        traces,
        height=480,
        notes=[style.note("w*", 0.5, 1.0, colour=style.TARGET, xshift=14, yanchor="top")],
        xaxis=style.axis("across w*", -2.2, 2.2, showticklabels=False, ticks="", showgrid=False),
        yaxis=style.axis("along w*", -1.35, 1.35, showticklabels=False, ticks="", showgrid=False, **square),
        alt=f"The top even eigenfunction as a shape: its waist across the target direction is {waist:.2f} of its "
            f"length along it "
        f"(B/d = {gamma.spike / dim:.3g}); before the step it is a circle.",
    )


@curves
def _on_circle(activation, dim, width, samples, step_size, seed, turn):
    """|Ψ| of a real network on the circle of radius √d in the plane of its spike and a direction across."""
    path = Trial(activation, TARGET, dim=dim, width=width, samples=samples, seed=seed).feature_path(_INPUTS)
    across = np.random.default_rng(5).standard_normal(dim)
    across -= (across @ path.direction) * path.direction
    across /= np.linalg.norm(across)
    circle = math.sqrt(dim) * (np.cos(turn)[:, None] * path.direction + np.sin(turn)[:, None] * across)
    return np.abs(path.top_mode(step_size, 1).function(circle))


def shares(*, step_size=300.0, width_ratio=1.0, sample_ratio=4.0, dim=100, activation="relu"):
    """The share of the top even eigenfunction on R, on Q and on the rest, against the step size."""
    width, samples = sizes(dim, width_ratio, sample_ratio)
    fine = np.geomspace(*RANGE, 8 * (len(STEPS) - 1) + 1)
    on_r, on_q, rest = CubicSpline(np.log(STEPS), _curves(activation, dim, width, samples, STEPS)[1].T)(np.log(fine)).T
    at = np.geomspace(20, 900, 8)
    mean, error = _mean_and_error(_measured(activation, dim, width, samples, at) ** 2)
    here = _mixing(activation, _gamma(activation, dim, width, samples, step_size))
    traces = [
        _area(fine, on_r, "on R, the radial mode", "rgba(107,140,174,0.55)"),
        _area(fine, on_q, "on Q, the quadratic harmonic along w*", "rgba(208,34,63,0.5)"),
        _area(fine, rest, "on everything else", "rgba(138,143,152,0.35)"),
        style.points(at, mean[:, 0], "on R, real networks", style.BEFORE, error=error[:, 0]),
        style.points(at, mean[:, 0] + mean[:, 1], "on R and Q, real networks", style.TARGET, error=error[:, 1]),
        style.line([step_size] * 2, [0, 1], "you are here", style.NEUTRAL, width=2),
    ]
    return style.picture(
        traces,
        legend={"traceorder": "normal"},
        xaxis=style.axis("step size η", *RANGE, log=True, showgrid=False),
        yaxis=style.axis("share of the top even mode", 0, 1.04, showgrid=False),
        alt=f"At step size {step_size:.3g} the top even mode lies to {here.radial**2:.1%} on R, to "
            f"{here.quadratic**2:.1%} on Q and "
        f"to {here.residual:.1%} on everything else.",
    )


def _area(x, y, name, colour):
    return style.line(x, y, name, colour, width=0.5, stackgroup="share", fillcolor=colour)


def plane(*, step_size=300.0, width_ratio=1.0, sample_ratio=4.0, dim=100, activation="relu"):
    """The top even eigenfunction on the plane of t = ⟨x, w*⟩ and r, the length across: level lines before and after."""
    width, samples = sizes(dim, width_ratio, sample_ratio)
    gamma = _gamma(activation, dim, width, samples, step_size)
    t, r = np.linspace(-4, 4, 65), math.sqrt(dim - 1) + np.linspace(-3, 3, 41)
    values = top_mode(activation, gamma)(t[None, :], r[:, None])
    before = np.hypot(t[None, :], r[:, None]) / math.sqrt(dim)
    tilt = values[20, -1] / values[20, 32]
    traces = [
        {
            "type": "heatmap",
            "x": t,
            "y": r,
            "z": values,
            "zmin": 0,
            "zmax": 4,
            "colorscale": style.SEQUENTIAL,
            "zsmooth": "best",
            "name": "after",
            "colorbar": {"title": {"text": "Ψ"}, "thickness": 14, "outlinewidth": 0},
        },
        style.level_lines(t, r, before, style.BEFORE, start=0.4, end=4, size=0.2, dash="dash"),
        style.level_lines(t, r, values, "#5a3206", start=0.4, end=4, size=0.2),
    ]
    return style.picture(
        traces,
        xaxis=style.axis("t = ⟨x, w*⟩", -4, 4, showgrid=False),
        yaxis=style.axis("r, length across w*", r[0], r[-1], showgrid=False),
        notes=[style.note("level lines: dashed before, solid after", 0.0, 1.08)],
        alt=f"On the (t, r) plane the top even mode is {tilt:.2f} times larger at t = 4 than at t = 0 (before the step "
        f"{before[20, -1] / before[20, 32]:.2f} times).",
    )
