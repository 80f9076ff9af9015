"""How far a real one-step network's kernel is from the models of it, on fresh inputs, beside the floor that a finite width sets."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from fmspace_nb import arguments
from fmspace_nb.covariance import SpikedCovariance, predict_conditional, predict_covariance
from fmspace_nb.experiments.empirical import feature_path
from fmspace_nb.experiments.trials import first_step
from fmspace_nb.kernel import ConjugateKernel, conjugate_kernel

MODELS = ("k₀", "k₁ averaged", "k₁ given the data", "finite-width floor")


class Distance(NamedTuple):
    """‖K − M‖/‖K‖ in Frobenius and in operator norm, and one minus the centred alignment of K and M."""

    frobenius: float
    operator: float
    misalignment: float


def kernel_distance(kernel, model) -> Distance:
    """The distance of a Gram matrix from a model of it on the same inputs, shapes (n, n), relative to the former.

    Raises:
        ValueError, TypeError: matrices of other or different shapes, not finite, or constant.

    Source: MATH.md section 3; centred alignment: Cortes, Mohri and Rostamizadeh (2012).
    """
    kernel = arguments.array("kernel", kernel, shape=(None, None))
    model = arguments.array("model", model, shape=kernel.shape)
    centred, other = (k - k.mean(0) - k.mean(1)[:, None] + k.mean() for k in (kernel, model))
    sizes = np.linalg.norm(centred) * np.linalg.norm(other)
    if sizes == 0:
        raise ValueError("kernel and model must not be constant matrices: those have no alignment")
    operator = np.max(np.abs(np.linalg.eigvalsh(kernel - model))) / np.max(np.abs(np.linalg.eigvalsh(kernel)))
    frobenius = np.linalg.norm(kernel - model) / np.linalg.norm(kernel)
    return Distance(float(frobenius), float(operator), float(1 - np.sum(centred * other) / sizes))


@lru_cache(maxsize=4096)
def network_distances(activation, target, dim: int, width: int, samples: int, step_size: float, seed: int, inputs: int = 100):
    """{model: Distance} of one real network's kernel from k₀, k₁ averaged, k₁ given the data; and of weights drawn from the last.

    Args:
        activation, target: names (or hashable objects).
        dim, width, samples: d, m, n ≥ 1.
        step_size: η ≥ 0.
        seed: which trial.
        inputs: how many fresh inputs ~ N(0, I).

    Raises:
        ValueError, TypeError: an argument outside these domains.
    """
    path = feature_path(activation, target, dim, width, samples, seed, inputs)
    features = path.features(step_size)
    real = features @ features.T / width
    sizes = {"width": width, "samples": samples, "step_size": step_size}
    averaged = predict_covariance(activation, target, dim=dim, **sizes)
    given = predict_conditional(activation, target, first_step(activation, target, dim, width, samples, seed).beta_hat, **sizes)
    models = [conjugate_kernel(activation, gamma) for gamma in (SpikedCovariance(dim), averaged, given)]
    grams = [model(path.inputs) for model in models]
    drawn = models[2].monte_carlo(path.inputs, width=width, rng=seed)
    pairs = [*((real, gram) for gram in grams), (drawn, grams[2])]
    return dict(zip(MODELS, (kernel_distance(*pair) for pair in pairs)))


def mean_distances(activation, target, dim: int, width: int, samples: int, step_size: float, *, measure: str = "frobenius",
                   trials: int = 3) -> np.ndarray:
    """Mean and standard error over trials of one `measure` (a field of Distance) for each of MODELS, shape (2, models)."""
    arguments.choice("measure", measure, Distance._fields)
    trials = arguments.integer("trials", trials, minimum=2)
    found = [network_distances(activation, target, dim, width, samples, float(step_size), seed) for seed in range(trials)]
    values = np.array([[getattr(distances[model], measure) for model in MODELS] for distances in found])
    return np.stack([values.mean(0), values.std(0, ddof=1) / np.sqrt(trials)])


def best_scale(part: str, activation, target, *, dim: int, width: int, samples: int, step_size: float, seed: int,
               inputs: int = 200) -> float:
    """The factor on the predicted A or B, given the data, with which k₁ describes one real network's kernel best; 1 if theory is right.

    Least squares over the factor, on fresh inputs: the vertex of the parabola through 0.8, 1 and 1.2.

    Args:
        part: "bulk" or "spike".
        activation, target, dim, width, samples, step_size, seed, inputs: as `network_distances`.

    Raises:
        ValueError, TypeError: an argument outside these domains.
    """
    arguments.choice("part", part, ("bulk", "spike"))
    path = feature_path(activation, target, dim, width, samples, seed, inputs)
    features = path.features(step_size)
    beta_hat = first_step(activation, target, dim, width, samples, seed).beta_hat
    given = predict_conditional(activation, target, beta_hat, width=width, samples=samples, step_size=step_size)
    scales, squares = np.array([0.8, 1.0, 1.2]), []
    for scale in scales:
        moved = {"bulk": given.bulk, "spike": given.spike, part: scale * getattr(given, part)}
        model = conjugate_kernel(activation, SpikedCovariance(dim, direction=beta_hat, **moved))(path.inputs)
        squares.append(kernel_distance(features @ features.T / width, model).frobenius ** 2)
    curvature, slope, _ = np.polyfit(scales, squares, 2)
    return float(-slope / (2 * curvature))


class Agreement(NamedTuple):
    """How the faces of a kernel agree, as relative Frobenius distances from the closed form on a few inputs.

    sampled: with m sampled weights, for each m. law: what chance gives that, ∝ m^{-1/2}. stretched: k₀ of stretched inputs.
    features: the features of sampled weights against those of the same noise on stretched inputs.
    """

    sampled: np.ndarray
    law: np.ndarray
    stretched: float
    features: float


def faces_agreement(kernel: ConjugateKernel, widths, *, inputs: int = 24, rng=0) -> Agreement:
    """The three computations of one kernel against one another: weights from N(0, Γ/d), inputs Γ^{1/2}x, closed form.

    Args:
        kernel: k₁.
        widths: numbers of sampled weights, ascending; they share one draw.
        inputs: how many inputs ~ N(0, I).
        rng: a numpy Generator or a seed.

    Raises:
        ValueError, TypeError: an argument outside these domains.

    Source: paper, Theorem 1 (the two readings of k₁); MATH.md section 3.
    """
    gamma = arguments.instance("kernel", kernel, ConjugateKernel).covariance
    widths, rng = [arguments.integer("widths", m) for m in widths], arguments.generator("rng", rng)
    x = rng.standard_normal((arguments.integer("inputs", inputs, minimum=2), gamma.dim))
    noise = rng.standard_normal((max(widths), gamma.dim)) / np.sqrt(gamma.dim)
    exact = kernel(x)
    size = np.linalg.norm(exact)
    features = kernel.activation(gamma.stretch(x) @ noise.T)
    sampled = [np.linalg.norm(features[:, :m] @ features[:, :m].T / m - exact) / size for m in widths]
    one_weight = np.mean(np.sum(features**2, axis=0) ** 2)  # E ‖φφᵀ‖² of one neuron's features φ
    law = np.sqrt(max(one_weight - size**2, 0) / np.array(widths)) / size
    through_weights = kernel.activation(x @ gamma.stretch(noise[: min(widths)]).T)
    return Agreement(np.array(sampled), law, float(np.linalg.norm(kernel.isotropic()(gamma.stretch(x)) - exact) / size),
                     float(np.linalg.norm(through_weights - features[:, : min(widths)]) / np.linalg.norm(through_weights)))
