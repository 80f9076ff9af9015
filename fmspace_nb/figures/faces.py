"""Chapter 04: one kernel from its weights, from its inputs and in closed form; and the real network beside it."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from fmspace_nb.activations import activation as as_activation
from fmspace_nb.covariance import SpikedCovariance, predict_covariance
from fmspace_nb.experiments.averaged import averaging_gap
from fmspace_nb.experiments.distances import MODELS, faces_agreement, mean_distances
from fmspace_nb.experiments.trials import Trial, sizes
from fmspace_nb.figures import style
from fmspace_nb.kernel import conjugate_kernel
from fmspace_nb.numerics.quadrature import gauss_hermite
from fmspace_nb.remembered import curves

_TARGET, _SAMPLES = "tanh", 4.0
_SHOWN = 250  # points of a cloud: SVG draws four such within a frame or two
_TURN = np.linspace(0, 2 * np.pi, 121)


def _gamma(activation, dim, width_ratio, step_size) -> SpikedCovariance:
    """Γ averaged over the data, for the chapter's target and sample ratio."""
    width, samples = sizes(dim, width_ratio, _SAMPLES)
    return predict_covariance(activation, _TARGET, dim=dim, width=width, samples=samples, step_size=step_size)


def _ellipse(covariance: np.ndarray) -> np.ndarray:
    """Where a Gaussian cloud of that 2×2 covariance has its two standard deviations, shape (2, turns)."""
    values, vectors = np.linalg.eigh(covariance)
    return 2 * vectors @ (np.sqrt(np.maximum(values, 0))[:, None] * np.stack([np.cos(_TURN), np.sin(_TURN)]))


@curves
def _weight_cloud(trial):
    """√d times weights and gradient (2, shown) of one trial in the plane of w* and β̂, and its frame (2, dim)."""
    step, dim, width = trial.first_step(), trial.dim, trial.width
    across = step.beta_hat - step.beta_hat[0] * np.eye(1, dim)[0]
    frame, room = np.stack([np.eye(1, dim)[0], across / np.linalg.norm(across)]), ((0, 0), (0, max(0, _SHOWN - width)))
    return *(np.pad(math.sqrt(dim) * frame @ w[:_SHOWN].T, room, constant_values=np.nan)
             for w in (step.before.weights, step.gradient)), frame


def clouds(*, step_size=200.0, width_ratio=2.0, dim=200, activation="relu", seed=0):
    """The weights of a real network lean over; the same stretch applied to the inputs does the same to the kernel."""
    trials = Trial.of_ratios(activation, _TARGET, dim=dim, width_ratio=width_ratio, sample_ratio=_SAMPLES).shown(seed)
    start, gradient, frames = zip(*map(_weight_cloud, trials), strict=True)
    planes = [dim * f @ trial.given_data(step_size).matrix() @ f.T for f, trial in zip(frames, trials, strict=True)]
    before, moved = (np.hstack([one[:, :_SHOWN // len(trials)] for one in each]) for each in (start, gradient))
    after = before - step_size * moved
    gamma, turned = _gamma(activation, dim, width_ratio, step_size), np.array([*map(_ellipse, planes)])
    x = np.random.default_rng(3).standard_normal((2, _SHOWN))
    stretched = np.sqrt([[gamma.bulk + gamma.spike], [gamma.bulk]]) * x
    averaged = _ellipse(np.diag([gamma.bulk + gamma.spike, gamma.bulk]))
    inputs = {"xaxis": "x2", "yaxis": "y2", "showlegend": False}
    traces = [
        style.points(*before, "before", style.BEFORE, size=3, opacity=0.5),
        style.points(*after, "after", style.AFTER, size=4, opacity=0.75),
        style.line(*(style.gathered(turned[:, side]) for side in (0, 1)), "theory, given the data", style.AFTER,
                   **style.faint(trials)),
        style.line(*averaged, "theory, averaged (2 std)", style.TARGET, dash="dot", width=2),
        style.points(*x, "before", style.BEFORE, size=3, opacity=0.5, **inputs),
        style.points(*stretched, "after", style.AFTER, size=4, opacity=0.75, **inputs),
        style.line(*averaged, "averaged", style.TARGET, dash="dot", width=2, **inputs),
    ]
    turns = [math.atan2(2 * plane[0, 1], plane[0, 0] - plane[1, 1]) / 2 for plane in planes]
    lean = style.reach(np.abs(np.degrees(turns)), ".0f")
    ratio = math.sqrt((gamma.bulk + gamma.spike) / gamma.bulk)
    return style.picture(
        traces, height=450, margin={"l": 60, "r": 16, "t": 76, "b": 60}, legend={"y": 1.06},
        notes=[style.note(f"weights: lean {lean}° off w*", 0.0, 1.0, yanchor="bottom", colour=style.AFTER),
               style.note(f"inputs: × {ratio:.3g}<br>against across", 0.56, 0.99, yanchor="top", colour=style.AFTER)],
        xaxis=style.axis("√d ⟨w, w*⟩", -12, 12, domain=[0, 0.45]),
        yaxis=style.axis("across w*", -12, 12, standoff=2),
        xaxis2=style.axis("⟨x, w*⟩", -12, 12, domain=[0.55, 1], anchor="y2"),
        yaxis2=style.axis("", -12, 12, anchor="x2"),
        alt=f"Left, a real network's weights: the step stretches them and leans them {lean} degrees off w*. "
            f"Right, inputs stretched by the root of Γ, {ratio:.3g} times more along w* than across.",
    )


_AXIS, _MOST = np.linspace(-3, 3, 41), 800
_BAR = {"orientation": "h", "thickness": 8, "x": 0.21, "len": 0.42, "y": 1.0, "yanchor": "bottom", "outlinewidth": 0,
        "ticklabelposition": "outside top", "dtick": 1}
_PLANES = ("through a typical input", "through the origin")


@lru_cache(maxsize=1)
def _noise():
    """Numbers of four random functions: directions (2, 800) in the plane, offsets (800,), readouts (4, 800)."""
    rng = np.random.default_rng(4)
    return rng.standard_normal((_MOST, 2)).T, rng.standard_normal(_MOST), rng.standard_normal((4, _MOST))


def random_functions(*, step_size=100.0, width_ratio=2.0, dim=100, activation="relu", plane=_PLANES[0]):
    """Random functions of the space on a plane that contains w*, with the same random numbers at every step size."""
    width, zero = min(_MOST, sizes(dim, width_ratio, 1.0)[0]), np.zeros(_AXIS.size)
    after, before = _gamma(activation, dim, width_ratio, step_size), SpikedCovariance(dim)
    square, along, across = (np.stack(axes, -1) for axes in (np.meshgrid(_AXIS, _AXIS), (_AXIS, zero), (zero, _AXIS)))
    surface = _functions(activation, after, width, plane, square)[0]
    slices = [[_functions(activation, gamma, width, plane, points) for points in (along, across)]
              for gamma in (before, after)]
    x, gap = np.tile(np.append(_AXIS, np.nan), 4), ((0, 0), (0, 1))  # four curves in one line, with gaps between

    def joined(curves):
        return np.pad(curves, gap, constant_values=np.nan).ravel()

    unit = "" if plane == _PLANES[0] else " / √d"
    top, low = {"xaxis": "x2", "yaxis": "y2"}, {"xaxis": "x3", "yaxis": "y3", "showlegend": False}
    traces = [
        {"type": "heatmap", "x": _AXIS, "y": _AXIS, "z": surface, "zmin": -2, "zmax": 2, "colorscale": style.DIVERGING,
         "zsmooth": "best", "colorbar": _BAR | {"title": {"text": "one random function f", "side": "top"}}},
        style.level_lines(_AXIS, _AXIS, surface, "rgba(90,90,90,.5)", start=-4, end=4, size=0.2, width=0.6),
        style.line(x, joined(slices[0][0]), "before", style.BEFORE, width=1.5, **top),
        style.line(x, joined(slices[1][0]), "after", style.AFTER, **top),
        style.line(x, joined(slices[0][1]), "before", style.BEFORE, width=1.5, **low),
        style.line(x, joined(slices[1][1]), "after", style.AFTER, **low),
    ]
    bend = [np.std(slices[1][k], axis=1).mean() for k in (0, 1)]
    return style.picture(
        traces, height=470, legend={"x": 0.56}, margin={"l": 60, "r": 16, "t": 76, "b": 60},
        notes=[style.note("four, along w*", 0.99, 1.0, anchor="right", colour=style.TARGET, yanchor="top"),
               style.note("across", 0.99, 0.44, anchor="right", yanchor="top")],
        xaxis=style.axis(f"⟨x, w*⟩{unit}", -3, 3, domain=[0, 0.42]),
        yaxis=style.axis(f"⟨x, u⟩{unit}, across", -3, 3, standoff=2),
        xaxis2=style.axis("", -3, 3, domain=[0.58, 1], anchor="y2"),
        yaxis2=style.axis("", -3, 3, domain=[0.56, 1], anchor="x2"),
        xaxis3=style.axis(f"⟨x, w*⟩, ⟨x, u⟩{unit}", -3, 3, domain=[0.58, 1], anchor="y3"),
        yaxis3=style.axis("", -3, 3, domain=[0, 0.44], anchor="x3"),
        alt=f"A random function after a step of size {step_size:.3g}, on a plane {plane}: its standard deviation is "
            f"{bend[0]:.2f} along w* and {bend[1]:.2f} across, in units of its root mean square over all inputs.",
    )


def _functions(activation, gamma, width, plane, points) -> np.ndarray:
    """Four random functions, in units of √E k₁(x,x), on points (…, 2) of the plane; shape (4, …)."""
    directions, offsets, readouts = (part[..., :width] for part in _noise())
    typical = plane == _PLANES[0]
    scale = np.sqrt([gamma.bulk + gamma.spike, gamma.bulk]) / (math.sqrt(gamma.dim) if typical else 1.0)
    rest = math.sqrt(gamma.bulk * (gamma.dim - 2) / gamma.dim) * offsets if typical else 0.0
    features = as_activation(activation)((points * scale) @ directions + rest)
    power = width * _mean_square(activation, gamma.dim, gamma.bulk, gamma.spike)
    return np.moveaxis(features @ readouts.T, -1, 0) / math.sqrt(power)


@lru_cache(maxsize=1024)
def _mean_square(activation, dim, bulk, spike) -> float:
    """E k₁(x, x) over inputs, by Gauss–Hermite along w* at the typical length across."""
    nodes, weights = gauss_hermite(40)
    q = (bulk * (nodes**2 + dim - 1) + spike * nodes**2) / dim
    return float(as_activation(activation).second_moment(q) @ weights)


_ALONG = np.linspace(-4, 4, 81)
_WIDTHS = 2 ** np.arange(4, 13)


def three_computations(*, step_size=200.0, width_ratio=2.0, dim=100, activation="relu"):
    """k₁ from weights drawn from N(0, Γ/d), from inputs stretched by Γ^{1/2}, in closed form; and their differences."""
    gamma, width = _gamma(activation, dim, width_ratio, step_size), sizes(dim, width_ratio, 1.0)[0]
    kernel = conjugate_kernel(activation, gamma)
    before = kernel.isotropic()
    drawn = np.random.default_rng(5).standard_normal((dim, 2)) * (np.arange(dim) > 0)[:, None]  # (dim, 2), across w*
    basis, triangle = np.linalg.qr(drawn)
    rest = math.sqrt(dim - 1) * (basis * np.sign(np.diag(triangle))).T      # each LAPACK has signs of its own
    first = rest[:1] + 2 * np.eye(1, dim)  # one typical input with ⟨x', w*⟩ = 2

    def inputs(t):
        return rest[1:] + t[:, None] * np.eye(1, dim)

    def cosine(k, x):
        return k(first, x)[0] / np.sqrt(k.diagonal(first) * k.diagonal(x))

    few, x = _ALONG[4::9], inputs(_ALONG[4::9])
    scale = np.sqrt(kernel.diagonal(first) * kernel.diagonal(x))
    weights = gamma.sample(width, 2)
    products = kernel.activation(first @ weights.T) * kernel.activation(x @ weights.T) / scale[:, None]
    stretched = before(gamma.stretch(first), gamma.stretch(x))[0] / scale
    differences, law, stretch_gap, features_gap = faces_agreement(kernel, _WIDTHS, rng=6)
    here = np.interp(math.log(width), np.log(_WIDTHS), law)
    right = {"xaxis": "x2", "yaxis": "y2"}
    traces = [
        style.line(_ALONG, cosine(before, inputs(_ALONG)), "k₀, before", style.BEFORE, dash="dash", width=2),
        style.line(_ALONG, cosine(kernel, inputs(_ALONG)), "k₁, closed form", style.AFTER),
        style.points(few, products.mean(1), f"{width} weights from N(0, Γ/d)", style.AFTER, size=8,
                     error=products.std(1, ddof=1) / math.sqrt(width) if width > 1 else None),
        style.points(few, stretched, "k₀ of stretched inputs", style.TARGET, symbol="x-thin", size=9),
        style.line(_WIDTHS, law, "∝ m<sup>−1/2</sup>", style.AFTER, dash="dash", width=2, showlegend=False, **right),
        style.points(_WIDTHS, differences, "sampled weights", style.AFTER, showlegend=False, **right),
        style.points(_WIDTHS, 0 * law + stretch_gap, "stretched inputs", style.TARGET, symbol="x-thin", size=9,
                     showlegend=False, **right),
        style.reader([width], [here], **right, showlegend=False),
    ]
    return style.picture(
        traces, margin={"l": 70, "r": 16, "t": 76, "b": 60}, legend={"y": 1.06},
        notes=[style.note("relative difference", 0.83, 1.0, anchor="center", yanchor="bottom"),
               style.note("sampled weights", 0.99, 0.82, anchor="right", colour=style.AFTER),
               style.note("stretched inputs", 0.99, 0.24, anchor="right", colour=style.TARGET),
               style.note("◆ m = β d", 0.99, 0.74, anchor="right")],
        xaxis=style.axis("⟨x, w*⟩", -4, 4, domain=[0, 0.52]),
        yaxis=style.axis("cosine of features of x, x'", -1.05, 1.25),
        xaxis2=style.axis("weights m", 10, 1e4, log=True, domain=[0.68, 1], anchor="y2"),
        yaxis2=style.axis("", 1e-18, 10, log=True, automargin=True, anchor="x2", dtick=3),
        alt=f"The kernel after a step of size {step_size:.3g}: {width} sampled weights differ from the closed form by "
            f"{here:.2g} of its norm, stretched inputs by {stretch_gap:.1g}; features of stretched weights and of "
            f"stretched inputs differ by {features_gap:.1g}.",
    )


_DIMS = (32, 64, 128, 256)
_MIDDLE = 128
_STEPS = np.geomspace(1, 1e4, 9)
_LOOKS = dict(zip(MODELS, ((style.BEFORE, "circle"), (style.TARGET, "square"), (style.AFTER, "circle"),
                           (style.NEUTRAL, "cross")), strict=True))


@lru_cache(maxsize=256)
def _theorem_one(activation, dim, width_ratio, step_size) -> float:
    """‖T₁* − T₁‖ / ‖T₁‖ in Hilbert–Schmidt norm: what is left once the batches are averaged over."""
    width, samples = sizes(dim, width_ratio, _SAMPLES)
    sizes_ = {"dim": dim, "width": width, "samples": samples}
    gap = averaging_gap(activation, _TARGET, **sizes_, step_size=step_size, pairs=60, rng=1)
    return gap.distance / gap.size


def network_against_kernels(*, step_size=200.0, width_ratio=2.0, activation="relu", measure="frobenius"):
    """How far a real network's kernel is from k₀ and k₁: against η, and at fixed η/d against the dimension."""
    def found(dim, step):
        trial = Trial.of_ratios(activation, _TARGET, dim=dim, width_ratio=width_ratio, sample_ratio=_SAMPLES)
        return mean_distances(trial, step, measure=measure)

    steps, per_dim = np.array([found(_MIDDLE, step) for step in _STEPS]), step_size / _MIDDLE
    dims = np.array([found(d, per_dim * d) for d in _DIMS])
    here, traces, right = dims[_DIMS.index(_MIDDLE), 0], [], {"xaxis": "x2", "yaxis": "y2", "showlegend": False}
    for k, (model, (colour, symbol)) in enumerate(_LOOKS.items()):
        look = {"symbol": symbol, "mode": "lines+markers", "line": {"width": 1, "color": colour, "dash": "dot"}}
        name = f"from {model}" if k < 3 else model
        traces += [style.points(_STEPS, steps[:, 0, k], name, colour, error=steps[:, 1, k], **look),
                   style.points(_DIMS, dims[:, 0, k], name, colour, error=dims[:, 1, k], **look, **right)]
    bounded = measure == "frobenius"  # by the theorem
    theorem = [_theorem_one(activation, d, width_ratio, per_dim * d) if bounded else math.nan for d in _DIMS]
    traces.append(style.line(_DIMS, theorem, "averaged over batches (Theorem 1)", style.TARGET, xaxis="x2", yaxis="y2"))
    words = {"frobenius": "relative distance, Frobenius", "operator": "relative distance, operator norm",
             "misalignment": "1 − centred alignment"}[measure]
    return style.picture(
        traces, height=460, margin={"l": 70, "r": 16, "t": 76, "b": 60}, legend={"y": 1.06},
        notes=[style.note(f"d = {_MIDDLE}", 0.26, 1.0, anchor="center", yanchor="bottom"),
               style.note("η/d kept", 0.82, 1.0, anchor="center", yanchor="bottom")],
        guides=[style.threshold(step_size, "you", level=0.06)],
        xaxis=style.axis("step size η", 1, 1e4, log=True, domain=[0, 0.52]),
        yaxis=style.axis(words, 1e-4, 2, log=True, automargin=True),
        xaxis2=style.axis("dimension d", 25, 330, log=True, domain=[0.64, 1], anchor="y2", tickvals=_DIMS, minor=None),
        yaxis2=style.axis("", 1e-4, 2, log=True, anchor="x2"),
        alt=f"At step size {step_size:.3g} in dimension {_MIDDLE} the real network's kernel is "
            + ", ".join(f"{value:.3f} from {model}" for model, value in zip(MODELS[:3], here[:3], strict=True))
            + f" ({words}); the finite width alone sets {here[3]:.3f}.",
    )
