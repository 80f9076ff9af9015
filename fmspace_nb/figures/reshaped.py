"""Chapter 05: the reshaped spectrum: which modes grow, by how much, and what they look like."""

from __future__ import annotations

import math

import numpy as np
from scipy.interpolate import CubicSpline

from fmspace_nb import arguments
from fmspace_nb.covariance import typical_conditional
from fmspace_nb.experiments import data
from fmspace_nb.experiments.remainders import DIMS
from fmspace_nb.experiments.trials import Trial, sizes
from fmspace_nb.figures import style
from fmspace_nb.numerics.harmonics import funk_hecke, gegenbauer, multiplicity, zonal
from fmspace_nb.remembered import curves
from fmspace_nb.spectrum.mercer import mercer

TARGET = "tanh"
_TRIALS = 6
_HIGHEST = 10  # degree up to which real networks are expanded
_KINDS = ((1, 0), (1, 1), (2, 0), (2, 1), (2, 2))  # (degree, legs) that are drawn


def _relative_spike(activation, dim, width, samples, step_size):
    """(A, B/A) of Γ given typical data; ReLU's spectrum at (A, B) is A times that at (1, B/A)."""
    gamma = typical_conditional(activation, TARGET, dim=dim, width=width, samples=samples, step_size=step_size)
    return gamma.bulk, gamma.spike / gamma.bulk


def _growth(dim, relative):
    """λ(T₁)/(A λ(T₀)) of the drawn kinds of modes, exact, ReLU; shape (kinds,)."""
    before = _leading(mercer("relu", dim=dim, sectors=3, modes=8))
    after = _leading(mercer("relu", dim=dim, spike=relative, sectors=3, modes=8))
    return np.array([after[kind] / before[kind] for kind in _KINDS])


def _leading(spectrum):
    return {label[:2]: value for sector in spectrum.sectors
            for label, value in zip(sector.labels, sector.eigenvalues, strict=True)}


@curves
def _growth_curves(dim, width, samples, steps):
    return np.array([_growth(dim, _relative_spike("relu", dim, width, samples, step)[1]) for step in steps]).T


@curves
def _measured_growth(dim, width, samples, steps):
    """Eigenvalues of real networks' kernels in the drawn sectors over A λ(T₀); shape (trials, kinds, steps)."""
    found = np.empty((_TRIALS, len(_KINDS), len(steps)))
    for seed in range(_TRIALS):
        trial = Trial("relu", TARGET, dim=dim, width=width, samples=samples, seed=seed).first_step()
        frame = np.linalg.qr(np.column_stack([trial.beta_hat, np.random.default_rng(seed).standard_normal(dim)]))[0]
        for i, step in enumerate(steps):
            weights = trial.with_step_size(step).after.weights
            bulk = _relative_spike("relu", dim, width, samples, step)[0]
            found[seed, :, i] = [_in_sector(weights, frame, *kind) / bulk for kind in _KINDS]
    return found


def _in_sector(weights, frame, degree, legs):
    """The eigenvalue that began as (degree, legs) of a ReLU network's kernel in its sector, over λ_degree(T₀).

    By Funk and Hecke the neuron w has the component √d ‖w‖ μ_k Y(w/‖w‖) on (‖x‖/√d) Y for any harmonic Y of degree k,
    so that no inputs are needed: the kernel restricted to a sector is a small Gram matrix of neurons.
    """
    dim, sector, parity = weights.shape[1], degree - legs, degree % 2
    length = np.linalg.norm(weights, axis=1)
    tau, beside = (weights @ frame / length[:, None]).T
    complement = np.sqrt(1 - tau**2)
    mu = funk_hecke(1.0, dim, parity, _HIGHEST)
    kept = [k for k in range(parity, _HIGHEST + 1, 2) if k >= sector]
    around = math.sqrt(multiplicity(dim - 1, sector)) * gegenbauer(dim - 1, sector, beside / complement)
    harmonics = zonal(dim, sector, _HIGHEST, tau, complement)[[k - sector for k in kept]] * around
    parts = harmonics * length * mu[[(k - parity) // 2 for k in kept]][:, None]
    values = np.linalg.eigvalsh(parts @ parts.T / len(weights))[::-1]
    return values[kept.index(degree)] / mu[(degree - parity) // 2] ** 2


def amplification(*, step_size=150.0, width_ratio=2.0, sample_ratio=4.0, dim=100):
    """How much a mode of degree k with l legs along the spike grows: exact, the law (1 + B/A)^l, and real networks."""
    width, samples = sizes(dim, width_ratio, sample_ratio)
    steps, at = tuple(np.geomspace(1, 1000, 37)), tuple(np.geomspace(3, 700, 7))
    exact = _growth_curves(dim, width, samples, steps)
    measured = _measured_growth(dim, width, samples, at)
    mean, error = measured.mean(0), measured.std(0, ddof=1) / math.sqrt(_TRIALS)
    relative = np.array([_relative_spike("relu", dim, width, samples, step)[1] for step in steps])
    here = _growth(dim, _relative_spike("relu", dim, width, samples, step_size)[1])
    traces = [style.line(steps, (1 + relative) ** legs, f"law (1 + B/A){'²' if legs == 2 else ''}", style.NEUTRAL,
                         dash=dash, width=1.5) for legs, dash in ((1, "dot"), (2, "dash"))]
    for row, (degree, legs) in enumerate(_KINDS):
        name, thick = f"degree {degree}, {legs} {'leg' if legs == 1 else 'legs'}", 3 if degree == 1 else 2
        dash, symbol = ("solid", "circle") if degree == 1 else ("dashdot", "square-open")
        traces.append(style.line(steps, exact[row], name, style.LEGS[legs], width=thick, dash=dash))
        traces.append(style.points(at, mean[row], "real networks", style.LEGS[legs], symbol=symbol,
                                   size=7, error=error[row], showlegend=False))
    traces.append(style.reader([step_size] * len(_KINDS), here))
    return style.picture(
        traces, height=470, drives={"x": "step_size"},
        guides=[style.threshold(math.sqrt(dim), "√d", level=0.99), style.threshold(dim, "d", level=0.99)],
        xaxis=style.axis("step size η", 1, 1000, log=True),
        yaxis=style.axis("growth λ(T₁) / A λ(T₀)", 0.3, 3e4, log=True),
        alt=f"At step size {step_size:.3g} modes of degree 1 have grown {here[0]:.3g} and {here[1]:.3g} times with 0 "
            f"and 1 legs along the target, modes of degree 2 {here[2]:.3g}, {here[3]:.3g} and {here[4]:.3g} times "
            "with 0, 1 and 2 legs.",
    )


_ORDERS = ((0, "k₁ − k₀", style.BEFORE, "circle"), (1, "first order leaves", style.AFTER, "square"),
           (2, "second order leaves", style.TARGET, "diamond"))


def _remainders(dim, relative):
    """‖T_R‖/A of each order at B/A = relative, ReLU; shape (len, orders). Below the table's: the leading power."""
    found = data.select("remainders", dim=dim)
    norms = np.column_stack([found[f"order_{order}"] for order, *_ in _ORDERS])
    inside = np.maximum(relative, found["spike"][0])
    powers = [1 + order for order, *_ in _ORDERS]
    exact = CubicSpline(np.log(found["spike"]), np.log(norms))(np.log(inside))
    return np.exp(exact) * (relative / inside)[:, None] ** powers


def expansion(*, step_size=30.0, width_ratio=2.0, sample_ratio=4.0, dim=100):
    """What the expansion of k₁ in the spike leaves, in operator norm: exact, and on sampled inputs, orders 0 to 2."""
    width, samples = sizes(arguments.choice("dim", dim, DIMS), width_ratio, sample_ratio)
    steps = np.append(np.geomspace(1, 1000, 49), step_size)
    relative = np.array([_relative_spike("relu", dim, width, samples, step)[1] for step in steps])
    exact, sampled = _remainders(dim, relative), data.select("remainders_sampled", dim=dim)
    at = np.exp(np.interp(np.log(sampled["spike"]), np.log(relative[:-1]), np.log(steps[:-1]),
                          left=np.nan, right=np.nan))
    traces = []
    for row, (order, name, colour, symbol) in enumerate(_ORDERS):
        traces += [style.line(steps[:-1], exact[:-1, row], name, colour),
                   style.points(at, sampled[f"order_{order}"], "sampled inputs", colour, symbol=f"{symbol}-open",
                                error=sampled[f"order_{order}_error"], showlegend=False)]
    traces.append(style.reader([step_size] * len(_ORDERS), exact[-1]))
    here = exact[-1]
    return style.picture(
        traces, height=450, drives={"x": "step_size"},
        guides=[style.threshold(math.sqrt(dim), "√d", level=0.99), style.threshold(dim, "d", level=0.99)],
        notes=[style.note(f"B/Ad = {relative[-1] / dim:.2g}", 0.01, 0.98)],
        xaxis=style.axis("step size η", 1, 1000, log=True),
        yaxis=style.axis("operator norm / A", 1e-10, 30, log=True, dtick=2),
        alt=f"At step size {step_size:.3g} the spike is B/d = {relative[-1] / dim:.2g} A. In operator norm the step "
            f"has changed the kernel by {here[0]:.2g} A; the first-order term leaves {here[1]:.2g} A of it, the "
            f"second-order one {here[2]:.2g} A.",
    )


_MODES = {"top even mode": (0, 0), "linear mode along w*": (0, 1), "second even mode": (0, 2),
          "linear mode across": (1, 1)}


def sphere(*, step_size=30.0, width_ratio=2.0, sample_ratio=4.0, mode="top even mode"):
    """An eigenfunction of T₁ on the sphere of R³: a surface at the distance of its modulus, coloured by its value."""
    sector, degree = _MODES[mode]
    width, samples = sizes(3, width_ratio, sample_ratio)
    relative = _relative_spike("relu", 3, width, samples, step_size)[1]
    found = mercer("relu", dim=3, spike=relative, sectors=2, modes=8).sectors[sector]
    row = next(i for i, label in enumerate(found.labels) if label.degree == degree)
    polar, azimuth = np.linspace(0, np.pi, 33)[:, None], np.linspace(0, 2 * np.pi, 37)[None, :]
    along, across = math.sqrt(3) * np.cos(polar), math.sqrt(3) * np.sin(polar)
    values = found(along, across)[row] * (1.0, math.sqrt(2))[sector] * np.cos(sector * azimuth)
    size = np.abs(values)
    axes = {"range": [-2.4, 2.4], "showticklabels": False, "title": {"text": ""}, "showbackground": False,
            "showgrid": False, "zeroline": False}
    corner = np.arange(values.size).reshape(values.shape)[:-1, :-1].ravel()  # of each cell, which two triangles cover
    below, right = corner + values.shape[1], corner + 1
    traces = [
        {"type": "mesh3d", "x": (size * np.sin(polar) * np.cos(azimuth)).ravel(),
         "y": (size * np.sin(polar) * np.sin(azimuth)).ravel(),
         "z": (size * np.cos(polar) * np.ones_like(azimuth)).ravel(),
         "i": np.append(corner, right), "j": np.append(right, below + 1), "k": np.append(below, below),
         "intensity": values.ravel(), "cmin": -2.4, "cmax": 2.4, "colorscale": style.DIVERGING,
         "colorbar": {"title": {"text": "ψ"}, "thickness": 14, "outlinewidth": 0},
         "lighting": {"ambient": 0.85, "diffuse": 0.35, "specular": 0.05},
         "lightposition": {"x": 2000, "y": 1000, "z": 1500}},
        {"type": "scatter3d", "mode": "lines+text", "x": [0, 0], "y": [0, 0], "z": [-2.35, 2.35], "text": ["", "w*"],
         "showlegend": False, "hoverinfo": "skip", "line": {"color": style.TARGET, "width": 6},
         "textfont": {"color": style.TARGET, "size": 16}},
    ]
    along, across = np.abs(values[0, 0]), np.abs(values[16]).max()
    return style.picture(
        traces, height=520, margin={"l": 0, "r": 0, "t": 10, "b": 0},
        scene={"xaxis": axes, "yaxis": axes, "zaxis": axes, "aspectmode": "cube",
               "camera": {"eye": {"x": 1.1, "y": 0.9, "z": 0.45}}},
        alt=f"The {mode} on the sphere of R³ at B/A = {relative:.3g}: its modulus is {along:.2f} along the target and "
            f"at most {across:.2f} across it.",
    )
