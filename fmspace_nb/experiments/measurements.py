"""What is too slow for a notebook: each table of fmspace_nb/experiments/data with the sweep that makes it."""

from __future__ import annotations

import math

import numpy as np
from scipy.sparse.linalg import eigsh

from fmspace_nb.conditional import conditional_learning_curve
from fmspace_nb.covariance import SpikedCovariance, predict_covariance
from fmspace_nb.experiments.large_steps import one_step_of_cui, step_and_model
from fmspace_nb.experiments.problems import (
    DIM,
    FIGURE1,
    PROBLEMS,
    SAMPLE_RATIO,
    SAMPLES,
    STEPS,
    TEST,
    WIDTH_RATIOS,
    centre,
    curve_places,
    errors,
    figure1_covariance,
    is_strong,
    stops,
)
from fmspace_nb.experiments.remainders import DIMS, EXACT, SAMPLED, exact_remainder, sampled_remainder
from fmspace_nb.experiments.sweeps import Sweep
from fmspace_nb.experiments.trials import sizes
from fmspace_nb.kernel import conjugate_kernel
from fmspace_nb.learning import learning_curve
from fmspace_nb.ridge import RIDGES, feature_ridge, kernel_ridge
from fmspace_nb.network import TwoLayerNetwork
from fmspace_nb.spectrum.mercer import mercer
from fmspace_nb.steps import draw_batch, gradient_step
from fmspace_nb.targets import target as as_target


def ridge_errors(*, activation, target, dim, width_ratio, sample_ratio, step_size, samples, seed, kernel=True) -> dict:
    """Test errors for each N of samples and each of RIDGES.

    Of kernel ridge regression with k₁ averaged over the data, and of ridge on the features of a real network after its
    real step (step_size 0: of k₀ and of the network before).
    """
    width, batch = sizes(dim, width_ratio, sample_ratio)
    rng = np.random.default_rng([seed, dim, width, batch])
    network, centred = TwoLayerNetwork.random(dim, width, activation, rng), centre(target)
    after = gradient_step(network, *draw_batch(centred, dim, batch, rng), step_size).after
    (x, y), (fresh, truth) = draw_batch(target, dim, max(samples), rng), draw_batch(target, dim, TEST, rng)
    features, features_fresh = after.features(x) / math.sqrt(width), after.features(fresh) / math.sqrt(width)
    found = {"network": [errors(feature_ridge(features[:n], features_fresh, y[:n], ridge=RIDGES), truth)
                         for n in samples]}
    if kernel:
        gamma = predict_covariance(activation, centred, dim=dim, width=width, samples=batch, step_size=step_size)
        found["kernel"] = _kernel_errors(conjugate_kernel(activation, gamma), x, y, fresh, truth, samples)
    return found


def spiked_errors(*, activation, target, dim, bulk, spike, samples, seed) -> dict:
    """Test errors for each N and each of RIDGES of kernel ridge regression with k₁ at Γ = bulk·I + spike·w*w*ᵀ."""
    rng = np.random.default_rng([seed, dim])
    (fresh, truth), (x, y) = draw_batch(target, dim, TEST, rng), draw_batch(target, dim, max(samples), rng)
    kernel = conjugate_kernel(activation, SpikedCovariance(dim, bulk=bulk, spike=spike))
    return {"kernel": _kernel_errors(kernel, x, y, fresh, truth, samples)}


def strong_mode_errors(*, activation, dim, relative_spike, samples, repeats, seed) -> dict:
    """Mean test error of kernel ridge regression with k₁ at Γ = I + relative_spike·dim·w*w*ᵀ: {"target_ridge": error}.

    One entry for each of STRONG_TARGETS and STRONG_RIDGES, labels without noise, each a mean over `repeats` draws.
    """
    rng = np.random.default_rng([seed, dim, samples])
    kernel = conjugate_kernel(activation, SpikedCovariance(dim, spike=relative_spike * dim))
    links, found = [as_target(name).link for name in STRONG_TARGETS], []
    for _ in range(repeats):
        x, fresh = rng.standard_normal((samples, dim)), rng.standard_normal((STRONG_TEST, dim))
        gram, cross = kernel(x), kernel(fresh, x)
        learned = [kernel_ridge(gram, cross, link(x[:, 0]), ridge=STRONG_RIDGES) for link in links]
        found.append([errors(rows, link(fresh[:, 0])) for rows, link in zip(learned, links, strict=True)])
    mean = np.mean(found, axis=0)  # (targets, ridges)
    return {f"{name}_{ridge:g}": float(mean[k, j])
            for k, name in enumerate(STRONG_TARGETS) for j, ridge in enumerate(STRONG_RIDGES)}


def cross_validated_errors(*, activation, target, dim, bulk, spike, samples, seed) -> dict:
    """Test errors of kernel ridge regression by the paper's protocol: 600 test points, 5-fold cross-validation.

    "chosen": at the ridge that it chooses; "each": at each of RIDGES.
    """
    rng = np.random.default_rng([seed, dim, samples])
    (fresh, truth), (x, y) = draw_batch(target, dim, 600, rng), draw_batch(target, dim, samples, rng)
    kernel = conjugate_kernel(activation, SpikedCovariance(dim, bulk=bulk, spike=spike))
    gram, folds, held_out = kernel(x), np.array_split(np.arange(samples), 5), []
    for ridge in RIDGES:
        inverse = np.linalg.inv(gram + ridge * np.eye(samples))
        weighted = inverse @ y
        # What a fit without a fold misses on it follows from the fit to everything.
        missed = [np.linalg.solve(inverse[np.ix_(fold, fold)], weighted[fold]) for fold in folds]
        held_out.append(np.mean(np.concatenate(missed) ** 2))
    each = errors(kernel_ridge(gram, kernel(fresh, x), y, ridge=RIDGES), truth)
    return {"chosen": each[int(np.argmin(held_out))], "each": each}


def chosen_and_best(cell: dict, repetitions: list[dict]) -> list[dict]:
    """One row: the mean error at the ridges chosen, and at the ridge whose mean error is smallest; standard errors."""
    each = np.array([found["each"] for found in repetitions])  # (repetitions, ridges)
    columns = {"chosen": np.array([found["chosen"] for found in repetitions]),
               "best": each[:, np.argmin(each.mean(axis=0))]}
    row = {}
    for name, values in columns.items():
        row |= {name: float(values.mean()), f"{name}_error": float(values.std(ddof=1) / math.sqrt(len(values)))}
    return [row]


def _kernel_errors(kernel, x, y, fresh, truth, samples) -> list:
    gram, cross = kernel(x), kernel(fresh, x)
    return [errors(kernel_ridge(gram[:n, :n], cross[:, :n], y[:n], ridge=RIDGES), truth) for n in samples]


def gram_alignment(*, activation, dim, bulk, spike, repeats, seed) -> dict:
    """Squared overlap of the top eigenvector of a d×d Gram matrix with Y₂, a mean over `repeats` draws of d inputs."""
    rng = np.random.default_rng([seed, dim])
    kernel, found = conjugate_kernel(activation, SpikedCovariance(dim, bulk=bulk, spike=spike)), []
    for _ in range(repeats):
        x = rng.standard_normal((dim, dim))
        harmonic = x[:, 0] ** 2 / np.sum(x**2, axis=1) - 1 / dim
        top = eigsh(kernel(x), k=1, v0=np.ones(dim))[1][:, 0]
        found.append(float((top @ harmonic) ** 2 / (harmonic @ harmonic)))
    return {"alignment": float(np.mean(found))}


def strong_curves(*, activation, target, width_ratio, step_size, samples, seed) -> dict:
    """What the conditional eigenframework predicts where `ridge_errors` measures, at the best ridge for each N."""
    found = {}
    for name, place in curve_places(activation, target, width_ratio, step_size).items():
        found[name], found[f"{name}_error"] = _conditional(activation, target, DIM, place, samples, seed)
    return found


def strong_figure1b(*, activation, target, dim, bulk, spike, samples, seed) -> dict:
    """What the conditional eigenframework predicts for `cross_validated_errors`, at the best ridge for each N."""
    place = {"bulk": bulk, "spike": spike, "width": None, "overlap": 1.0}
    mean, error = _conditional(activation, target, dim, place, samples, seed)
    return {"kernel": mean, "kernel_error": error}


def _conditional(activation, target, dim, place, samples, seed) -> tuple[list, list]:
    """Means and standard errors for each N. Ridges tried: the best one of the eigenframework and its neighbours."""
    spectrum = mercer(activation, dim=dim, bulk=place["bulk"], spike=place["spike"], sectors=3, modes=8)
    shape = {"alignment": place["overlap"], "width": place["width"], "samples": np.array(samples)[:, None]}
    rough = learning_curve(spectrum, target, ridge=np.array(RIDGES), **shape)
    near = np.clip(np.argmin(rough, axis=1)[:, None] + [-1, 0, 1], 0, len(RIDGES) - 1)
    found = conditional_learning_curve(spectrum, target, ridge=np.array(RIDGES)[near], seed=seed, **shape)
    best = np.argmin(found[0], axis=1)[:, None]
    return tuple(np.take_along_axis(part, best, axis=1)[:, 0].tolist() for part in found)


def each_sample(cell: dict, repetitions: list[dict]) -> list[dict]:
    """A row for each N of what one repetition has found as lists."""
    return [{"samples": n, **{name: values[k] for name, values in repetitions[0].items()}}
            for k, n in enumerate(cell["samples"])]


def best_ridge(cell: dict, repetitions: list[dict]) -> list[dict]:
    """A row for each N: each quantity at the ridge with the smallest mean error, its standard error, and that ridge."""
    rows = [{"samples": n} for n in cell["samples"]]
    for name in repetitions[0]:
        values = np.array([repetition[name] for repetition in repetitions])  # (repetitions, samples, ridges)
        mean, error = values.mean(axis=0), values.std(axis=0, ddof=1) / math.sqrt(len(values))
        for k, best in enumerate(np.argmin(mean, axis=1)):
            rows[k] |= {name: float(mean[k, best]), f"{name}_error": float(error[k, best]),
                        f"{name}_ridge": RIDGES[best]}
    return rows


# The conditional eigenframework's proof: kernels whose target lies in a few strong modes, in 1000 to 20 draws.
STRONG_TARGETS, STRONG_RIDGES, STRONG_TEST = ("mixed", "sine", "tanh"), (1e-3, 0.1), 300
_STRONG_REPEATS = {16: 50, 32: 50, 64: 20, 128: 20, 256: 4, 1024: 1}

STRONG_SAMPLES = [8, 16, 32, 64, 128, 256]  # up to 4 d

_figure1b = {"activation": "relu", "target": "figure1", "dim": 300, "samples": [50, 100, 200, 400, 800, 1600, 3200]}
SWEEPS = {
    "learning": Sweep(ridge_errors, tuple(
        {"activation": sigma, "target": g, "dim": DIM, "width_ratio": ratio, "sample_ratio": SAMPLE_RATIO,
         "step_size": step, "samples": SAMPLES}
        for sigma, g in PROBLEMS for ratio in WIDTH_RATIOS for step in [0.0, *STEPS]), 5, best_ridge),
    "figure1a": Sweep(gram_alignment, tuple(
        {"activation": "relu", "dim": dim, **figure1_covariance(p, dim), "repeats": max(1, 800 // dim)}
        for p in FIGURE1 for dim in (50, 100, 200, 400, 800, 1600, 3200)), 6),
    "figure1b": Sweep(
        spiked_errors, tuple({**_figure1b, **figure1_covariance(p, 300)} for p in FIGURE1), 5, best_ridge),
    "figure1b_chosen": Sweep(cross_validated_errors, tuple(
        {**_figure1b, **figure1_covariance(p, 300), "samples": n}
        for p in FIGURE1 for n in (50, 100, 200, 400, 800)), 10, chosen_and_best),
    "figure1b_network": Sweep(ridge_errors, tuple(
        {**_figure1b, "width_ratio": ratio, "sample_ratio": SAMPLE_RATIO, "step_size": step, "kernel": False}
        for ratio in (0.5, 1.0, 2.0, 4.0) for step in stops(30, 3000, 9)), 3, best_ridge),
    "strong_modes": Sweep(strong_mode_errors, tuple(
        {"activation": sigma, "dim": dim, "relative_spike": spike, "samples": n, "repeats": repeats}
        for sigma in ("relu", "erf") for dim in (40, 64, 100) for spike in (0.0, 1.0, 5.0, 20.0)
        for n, repeats in _STRONG_REPEATS.items()), 20),
    "strong_curves": Sweep(strong_curves, tuple(
        {"activation": sigma, "target": g, "width_ratio": ratio, "step_size": step, "samples": STRONG_SAMPLES}
        for sigma, g in PROBLEMS for ratio in WIDTH_RATIOS for step in STEPS
        if is_strong(sigma, g, ratio, step)), 1, each_sample),
    "strong_figure1b": Sweep(strong_figure1b, tuple(
        {**_figure1b, **figure1_covariance(p, 300), "samples": [50, 100, 200, 400, 800, 1200]}
        for p in (0.5, 0.7, 0.9)), 1, each_sample),
    "remainders": Sweep(exact_remainder, tuple({"dim": dim, "spike": spike} for dim in DIMS for spike in EXACT), 1),
    "remainders_sampled": Sweep(
        sampled_remainder, tuple({"dim": dim, "spike": spike} for dim in DIMS for spike in SAMPLED), 4),
    "step_and_model": Sweep(step_and_model, tuple(
        {"activation": sigma, "dim": dim, "samples": 3.0}
        for sigma in ("tanh", "erf", "gelu") for dim in (200, 400)), 24),
    "cui": Sweep(one_step_of_cui, tuple(
        {"dim": dim, "width_ratio": 1.0, "step_ratio": 3.0, "samples": [0.2, 0.9, 1.6, 2.3, 3.0]}
        for dim in (200, 600, 2000)), 12),
}
