"""How far a real network's kernel is from the models of it, on fresh inputs, beside the floor that its width sets."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fmspace_nb import arguments
from fmspace_nb.covariance import SpikedCovariance, predict_covariance
from fmspace_nb.experiments.trials import Trial
from fmspace_nb.kernel import ConjugateKernel, conjugate_kernel
from fmspace_nb.products import product
from fmspace_nb.remembered import measured

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

    Source: chapter 04; centred alignment: Cortes, Mohri and Rostamizadeh (2012).
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


@measured
def network_distances(trial: Trial, step_size: float, inputs: int = 100) -> dict[str, Distance]:
    """How far one real network's kernel is from k₀, k₁ averaged, k₁ given the data; and weights drawn from the last.

    Args:
        trial: the network and its batch.
        step_size: η ≥ 0.
        inputs: how many fresh inputs ~ N(0, I).

    Returns:
        A `Distance` for each of MODELS.

    Raises:
        ValueError, TypeError: an argument outside these domains.
    """
    path = trial.feature_path(inputs)
    features = path.features(step_size)
    real = product(features, features.T) / trial.width
    averaged = predict_covariance(trial.activation, trial.target, **trial.shape, step_size=step_size)
    gammas = (SpikedCovariance(trial.dim), averaged, trial.given_data(step_size))
    models = [conjugate_kernel(trial.activation, gamma) for gamma in gammas]
    grams = [model(path.inputs) for model in models]
    drawn = models[2].monte_carlo(path.inputs, width=trial.width, rng=trial.seed)
    pairs = [*((real, gram) for gram in grams), (drawn, grams[2])]
    return {model: kernel_distance(*pair) for model, pair in zip(MODELS, pairs, strict=True)}


def mean_distances(trial: Trial, step_size: float, *, measure: str = "frobenius", draws: int = 3) -> np.ndarray:
    """Mean and standard error over draws of one `measure` (a field of Distance) for MODELS, shape (2, models)."""
    arguments.choice("measure", measure, Distance._fields)
    draws = arguments.integer("draws", draws, minimum=2)
    found = [network_distances(draw, float(step_size)) for draw in trial.draws(draws)]
    values = np.array([[getattr(distances[model], measure) for model in MODELS] for distances in found])
    return np.stack([values.mean(0), values.std(0, ddof=1) / np.sqrt(draws)])


_SCALES = np.array([0.8, 1.0, 1.2])  # three points of the parabola whose vertex is the best scale


def best_scale(part: str, trial: Trial, step_size: float, *, inputs: int = 200) -> float:
    """The factor on the predicted A or B, given the data, with which k₁ describes one real network's kernel best.

    Least squares over the factor, on fresh inputs: the vertex of a parabola through three points; 1 if theory is right.

    Args:
        part: "bulk" or "spike".
        trial, step_size, inputs: as `network_distances`.

    Raises:
        ValueError, TypeError: an argument outside these domains.
    """
    arguments.choice("part", part, ("bulk", "spike"))
    path, given = trial.feature_path(inputs), trial.given_data(step_size)
    features, squares = path.features(step_size), []
    real = product(features, features.T) / trial.width
    for scale in _SCALES:
        moved = {"bulk": given.bulk, "spike": given.spike, part: scale * getattr(given, part)}
        gamma = SpikedCovariance(trial.dim, direction=given.direction, **moved)
        model = conjugate_kernel(trial.activation, gamma)(path.inputs)
        squares.append(np.sum((real - model) ** 2))
    curvature, slope, _ = np.polyfit(_SCALES, squares, 2)
    return float(-slope / (2 * curvature))


class Agreement(NamedTuple):
    """How the faces of a kernel agree, as relative Frobenius distances from the closed form on a few inputs.

    sampled: with m sampled weights, for each m. law: what chance gives that, ∝ m^{-1/2}. stretched: k₀ of stretched
    inputs. features: the features of sampled weights against those of the same noise on stretched inputs.
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

    Source: paper, Theorem 1 (the two readings of k₁); chapter 04.
    """
    gamma = arguments.instance("kernel", kernel, ConjugateKernel).covariance
    widths, rng = [arguments.integer("widths", m) for m in widths], arguments.generator("rng", rng)
    x = rng.standard_normal((arguments.integer("inputs", inputs, minimum=2), gamma.dim))
    noise = rng.standard_normal((max(widths), gamma.dim)) / np.sqrt(gamma.dim)
    exact = kernel(x)
    size = np.linalg.norm(exact)
    features = kernel.activation(product(gamma.stretch(x), noise.T))
    sampled = [np.linalg.norm(product(features[:, :m], features[:, :m].T) / m - exact) / size for m in widths]
    one_weight = np.mean(np.sum(features**2, axis=0) ** 2)  # E ‖φφᵀ‖² of one neuron's features φ
    law = np.sqrt(max(one_weight - size**2, 0) / np.array(widths)) / size
    through_weights = kernel.activation(x @ gamma.stretch(noise[: min(widths)]).T)
    stretched = np.linalg.norm(kernel.isotropic()(gamma.stretch(x)) - exact) / size
    apart = np.linalg.norm(through_weights - features[:, : min(widths)]) / np.linalg.norm(through_weights)
    return Agreement(np.array(sampled), law, float(stretched), float(apart))
