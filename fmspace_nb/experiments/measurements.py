"""What the course measures too slowly to measure in a notebook: each table of fmspace_nb/experiments/data with the sweep that makes it."""

from __future__ import annotations

import math

import numpy as np
from scipy.sparse.linalg import eigsh
from scipy.special import ndtri

from fmspace_nb.covariance import SpikedCovariance, predict_covariance
from fmspace_nb.experiments.sweeps import Sweep
from fmspace_nb.experiments.trials import sizes
from fmspace_nb.kernel import conjugate_kernel
from fmspace_nb.learning import RIDGES, feature_ridge, kernel_ridge
from fmspace_nb.network import TwoLayerNetwork
from fmspace_nb.steps import draw_batch, gradient_step
from fmspace_nb.targets import target as as_target

TEST = 1500  # fresh inputs on which an error is measured


def ridge_errors(*, activation, target, dim, width_ratio, sample_ratio, step_size, samples, seed, kernel=True) -> dict:
    """Test errors for each N of samples and each of RIDGES: of kernel ridge regression with k₁ averaged over the data, and
    of ridge on the features of a real network after its real step (step_size 0: of k₀ and of the network before)."""
    width, batch = sizes(dim, width_ratio, sample_ratio)
    rng = np.random.default_rng([seed, dim, width, batch])
    network, centred = TwoLayerNetwork.random(dim, width, activation, rng), centre(target)
    after = gradient_step(network, *draw_batch(centred, dim, batch, rng), step_size).after
    (x, y), (fresh, truth) = draw_batch(target, dim, max(samples), rng), draw_batch(target, dim, TEST, rng)
    features, features_fresh = after.features(x) / math.sqrt(width), after.features(fresh) / math.sqrt(width)
    found = {"network": [errors(feature_ridge(features[:n], features_fresh, y[:n], ridge=RIDGES), truth) for n in samples]}
    if kernel:
        gamma = predict_covariance(activation, centred, dim=dim, width=width, samples=batch, step_size=step_size)
        found["kernel"] = _kernel_errors(conjugate_kernel(activation, gamma), x, y, fresh, truth, samples)
    return found


def spiked_errors(*, activation, target, dim, bulk, spike, samples, seed) -> dict:
    """Test errors for each N of samples and each of RIDGES of kernel ridge regression with k₁ at Γ = bulk·I + spike·w*w*ᵀ."""
    rng = np.random.default_rng([seed, dim])
    (fresh, truth), (x, y) = draw_batch(target, dim, TEST, rng), draw_batch(target, dim, max(samples), rng)
    kernel = conjugate_kernel(activation, SpikedCovariance(dim, bulk=bulk, spike=spike))
    return {"kernel": _kernel_errors(kernel, x, y, fresh, truth, samples)}


def _kernel_errors(kernel, x, y, fresh, truth, samples) -> list:
    gram, cross = kernel(x), kernel(fresh, x)
    return [errors(kernel_ridge(gram[:n, :n], cross[:, :n], y[:n], ridge=RIDGES), truth) for n in samples]


def gram_alignment(*, activation, dim, bulk, spike, repeats, seed) -> dict:
    """Squared overlap of the top eigenvector of a d×d Gram matrix with Y₂, the mean over `repeats` draws of N = d inputs."""
    rng = np.random.default_rng([seed, dim])
    kernel, found = conjugate_kernel(activation, SpikedCovariance(dim, bulk=bulk, spike=spike)), []
    for _ in range(repeats):
        x = rng.standard_normal((dim, dim))
        harmonic = x[:, 0] ** 2 / np.sum(x**2, axis=1) - 1 / dim
        top = eigsh(kernel(x), k=1, v0=np.ones(dim))[1][:, 0]
        found.append(float((top @ harmonic) ** 2 / (harmonic @ harmonic)))
    return {"alignment": float(np.mean(found))}


def one_step_of_cui(*, dim, width_ratio, step_ratio, samples, seed) -> dict:
    """Test error of ridge (λ = 0.1) on tanh features after a step η = step_ratio·m, readout 1/√m, sine target, n = 20 d."""
    rng = np.random.default_rng([seed, dim])
    width, batch, few = round(width_ratio * dim), 20 * dim, [round(share * dim) for share in samples]
    random = TwoLayerNetwork.random(dim, width, "tanh", rng)
    network = TwoLayerNetwork(random.weights, np.full(width, 1 / math.sqrt(width)), random.activation)
    # The gradient is a mean over the batch: taken in parts of 2 d inputs it fits into memory at d = 2000.
    parts = [gradient_step(network, *draw_batch("sine", dim, batch // 10, rng), step_ratio * width).gradient for _ in range(10)]
    after = TwoLayerNetwork(network.weights - step_ratio * width * np.mean(parts, axis=0), network.readout, network.activation)
    x, y = draw_batch("sine", dim, max(few), rng)
    features, found = after.features(x) / math.sqrt(width), []
    readouts = np.array([feature_ridge(features[:n], np.eye(width), y[:n], ridge=0.1) for n in few]).T
    for _ in range(4):  # rare large errors make up much of the mean: fresh inputs are stratified along w*, still unbiased
        fresh = rng.standard_normal((TEST, dim))
        fresh[:, 0] = ndtri((np.arange(TEST) + rng.random(TEST)) / TEST)
        found.append(errors((after.features(fresh) / math.sqrt(width) @ readouts).T, np.sin(fresh[:, 0])))
    return dict(zip((f"error_{share:g}" for share in samples), np.mean(found, axis=0).tolist()))


def centre(target):
    """The target less its mean: a step with labels that are not centred rescales every weight at random (chapter 08)."""
    target = as_target(target)
    mean = target.hermite(0)[0]
    return as_target(lambda t: target.link(t) - mean, noise=target.noise)


def errors(predicted, truth):
    """Mean squared error of each row of predictions, as plain numbers."""
    return np.mean((predicted - truth) ** 2, axis=-1).tolist()


def best_ridge(cell: dict, repetitions: list[dict]) -> list[dict]:
    """A row for each N: each quantity at the ridge with the smallest mean error, its standard error, and that ridge."""
    rows = [{"samples": n} for n in cell["samples"]]
    for name in repetitions[0]:
        values = np.array([repetition[name] for repetition in repetitions])  # (repetitions, samples, ridges)
        mean, error = values.mean(axis=0), values.std(axis=0, ddof=1) / math.sqrt(len(values))
        for k, best in enumerate(np.argmin(mean, axis=1)):
            rows[k] |= {name: float(mean[k, best]), f"{name}_error": float(error[k, best]), f"{name}_ridge": RIDGES[best]}
    return rows


def stops(low: float, high: float, count: int) -> list[float]:
    """So many even ratios from low to high to three digits: the stops of the explorer's `Log(low, high, steps=count)`."""
    return [float(f"{low * (high / low) ** (k / (count - 1)):.3g}") for k in range(count)]


DIM, SAMPLE_RATIO = 64, 4.0
STEPS, WIDTH_RATIOS, SAMPLES = stops(10, 3000, 11), stops(0.5, 8, 5), [16, 32, 64, 128, 256, 512, 1024]
PROBLEMS = [("relu", "mixed"), ("relu", "sine"), ("erf", "sine"), ("erf", "mixed")]
FIGURE1 = (None, 0.3, 0.5, 0.7, 0.9)  # the curves of the paper's Figure 1: k₀, and k₁ with B = 5 d^p


def figure1_covariance(exponent: float | None, dim: int) -> dict:
    """A and B of a curve of the paper's Figure 1: A = 1.2 and B = 5 d^exponent, or k₀'s A = 1 and B = 0."""
    return {"bulk": 1.0, "spike": 0.0} if exponent is None else {"bulk": 1.2, "spike": 5 * dim**exponent}


_figure1b = {"activation": "relu", "target": "figure1", "dim": 300, "samples": [50, 100, 200, 400, 800, 1600, 3200]}
SWEEPS = {
    "learning": Sweep(ridge_errors, tuple(
        {"activation": sigma, "target": g, "dim": DIM, "width_ratio": ratio, "sample_ratio": SAMPLE_RATIO, "step_size": step,
         "samples": SAMPLES}
        for sigma, g in PROBLEMS for ratio in WIDTH_RATIOS for step in [0.0, *STEPS]), 5, best_ridge),
    "figure1a": Sweep(gram_alignment, tuple(
        {"activation": "relu", "dim": dim, **figure1_covariance(p, dim), "repeats": max(1, 800 // dim)}
        for p in FIGURE1 for dim in (50, 100, 200, 400, 800, 1600, 3200)), 6),
    "figure1b": Sweep(spiked_errors, tuple({**_figure1b, **figure1_covariance(p, 300)} for p in FIGURE1), 5, best_ridge),
    "figure1b_network": Sweep(ridge_errors, tuple(
        {**_figure1b, "width_ratio": ratio, "sample_ratio": SAMPLE_RATIO, "step_size": step, "kernel": False}
        for ratio in (0.5, 1.0, 2.0, 4.0) for step in stops(30, 3000, 9)), 3, best_ridge),
    "cui": Sweep(one_step_of_cui, tuple(
        {"dim": dim, "width_ratio": 1.0, "step_ratio": 3.0, "samples": [0.2, 0.9, 1.6, 2.3, 3.0]}
        for dim in (200, 600, 2000)), 12),
}
