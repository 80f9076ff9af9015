"""One step on a target of several directions, y = g(Vx): Γ, and the staircase of step sizes at which they appear."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from fmspace_nb import arguments
from fmspace_nb.activations import activation as as_activation
from fmspace_nb.covariance import LARGEST_STEP, Covariance, StepMoments
from fmspace_nb.numerics.quadrature import gauss_hermite
from fmspace_nb.other_steps import StepPrediction
from fmspace_nb.weights import outlier

MOST_DIRECTIONS = 4
_NODES = {1: 128, 2: 64, 3: 32, 4: 16}  # of the Gauss rule in each direction, by their number


class MultiIndexMoments(NamedTuple):
    """What a step sees of g: E g, p = E ∇g (r,), H = E ∇²g (r, r), E y², E[g² zzᵀ] − E[g²] I (r, r)."""

    mean: float
    gradient: np.ndarray
    hessian: np.ndarray
    label_power: float
    large: np.ndarray


def multi_index_moments(link, directions: int) -> MultiIndexMoments:
    """The Gaussian means of g over so many directions, by Stein's lemma and a Gauss rule: exact for polynomials.

    Args:
        link: g, from z (…, r) to (…).
        directions: r, from 1 to 4.

    Raises:
        ValueError, TypeError: a g that is not finite or returns another shape.
    """
    directions = arguments.integer("directions", directions, maximum=MOST_DIRECTIONS)
    if not callable(link):
        raise TypeError(f"link must be a function z -> g(z), got {link!r} of type {type(link).__name__}")
    nodes, weights = gauss_hermite(_NODES[directions])
    z = np.stack(np.meshgrid(*[nodes] * directions, indexing="ij"), axis=-1).reshape(-1, directions)
    law = np.ones(1)
    for _ in range(directions):
        law = np.multiply.outer(law, weights).ravel()
    with np.errstate(all="ignore"):
        y = arguments.array("link", link(z))
    if y.shape != law.shape:
        raise ValueError(f"link must return one value for each z, got shape {y.shape} for {z.shape}")
    power, identity = float(law @ y**2), np.eye(directions)
    return MultiIndexMoments(
        float(law @ y), (law * y) @ z, (z * (law * y)[:, None]).T @ z - float(law @ y) * identity, power,
        (z * (law * y**2)[:, None]).T @ z - power * identity,
    )


def predict_multi_index(
    activation, link, *, directions: int, dim: int, width: int, samples: int, step_size: float
) -> StepPrediction:
    """Γ averaged over the data after one gradient step on y = g(z), z the first `directions` coordinates of x.

    With p = E ∇g, H = E ∇²g, and A that of `predict_covariance`, on the directions of the target

        Γ = A I + (η²d/m²)[ μ_σ² ppᵀ + E[σ'²] L/n ] + (η²/m²)(E σ'')² H²,   L = E[y² zzᵀ] − E[y²] I:

    p counts from η ~ √d on, the rest of H at η ~ d. Take g centred: a mean rescales each neuron.

    Args:
        activation: name or object.
        link: g, a function from z (…, directions) to (…), smooth; exact for a polynomial of degree ≤ 15.
        directions: their number, from 1 to 4, at most dim.
        dim, width, samples: d, m, n ≥ 1.
        step_size: η ≥ 0.

    Returns:
        (covariance, alignment): a Covariance, and the share of v = β̂/‖β̂‖ in the span of the target's directions,
        ‖p‖²/(‖p‖² + E[y²]/α).

    Raises:
        ValueError, TypeError: an argument outside these domains, or a term of order 1/n (n small) that leaves Γ without
        a positive direction.

    Source: chapter 09, (6).
    """
    step_size = arguments.real("step_size", step_size, minimum=0.0, maximum=LARGEST_STEP)
    growth, spikes, overlap = _growth(activation, link, directions, dim, width, samples)
    gamma = np.eye(dim) * (1 + step_size**2 * growth)
    gamma[: len(spikes), : len(spikes)] += step_size**2 * spikes
    if np.linalg.eigvalsh(gamma[: len(spikes), : len(spikes)])[0] <= 0:
        raise ValueError(f"samples must be large enough for a positive Γ, got {samples}")
    return StepPrediction(Covariance(gamma), overlap)


def staircase(activation, link, *, directions: int, dim: int, width: int, samples: int) -> np.ndarray:
    """The step sizes from which the weights show a first, a second, … direction; infinite for those never shown.

    η_k² = √φ/(μ_k − √φ c), φ = d/m, with μ_k the eigenvalues of what a unit step adds on the target's directions and c
    what it adds to the bulk. For d → ∞ and endless data the first is √d β^{3/4}/(μ_σ‖p‖), the others
    m β^{−1/4}/(|E σ''| h_k), h_k² the eigenvalues of H² across p.

    Args:
        activation, link, directions, dim, width, samples: as for `predict_multi_index`.

    Returns:
        η_1 ≤ η_2 ≤ …, shape (directions,).

    Raises:
        ValueError, TypeError: an argument outside these domains.

    Source: chapter 09, (7); Baik, Ben Arous and Péché (2005).
    """
    growth, spikes, _ = _growth(activation, link, directions, dim, width, samples)
    edge = math.sqrt(dim / width)
    rest = np.linalg.eigvalsh(spikes)[::-1] - edge * growth
    seen = rest > np.finfo(float).eps * len(spikes) * np.max(np.abs(spikes))  # rounding, by the rule of matrix_rank
    return np.where(seen, np.sqrt(edge / np.where(seen, rest, 1.0)), np.inf)


def directions_seen(activation, link, *, directions: int, dim: int, width: int, samples: int, step_size) -> np.ndarray:
    """How much of each direction of the target lies in the top `directions` eigenvectors of Σ̂, shape (…, directions).

    Every eigenvector of Γ on the target's directions keeps its share by the law of Baik, Ben Arous and Péché; what the
    noise of β̂ takes from p is given by the alignment.

    Args:
        activation, link, directions, dim, width, samples: as for `predict_multi_index`.
        step_size: η ≥ 0, any shape (…).

    Raises:
        ValueError, TypeError: an argument outside these domains.

    Source: chapters 03 and 09.
    """
    sizes = arguments.array("step_size", step_size, minimum=0.0)
    growth, spikes, overlap = _growth(activation, link, directions, dim, width, samples)
    values, vectors = np.linalg.eigh(spikes)
    p = multi_index_moments(link, directions).gradient
    along = (p @ vectors) ** 2 / max(p @ p, 1e-300)  # of each eigenvector, what p has of it

    def seen(size):
        found = [outlier(spike=max(size**2 * value, 0.0), bulk=1 + size**2 * growth, ratio=dim / width).overlap
                 for value in values]
        return vectors**2 @ (np.array(found) * (1 - along * (1 - overlap)))

    return np.array([seen(float(size)) for size in sizes.ravel()]).reshape(*sizes.shape, len(values))


def _growth(activation, link, directions, dim, width, samples) -> tuple[float, np.ndarray, float]:
    """Per η²: what the bulk grows by, what the target's directions have on top (r, r); and the share of v in them."""
    dim, width, samples = (arguments.integer(*size) for size in (("dim", dim), ("width", width), ("samples", samples)))
    directions = arguments.integer("directions", directions, maximum=min(MOST_DIRECTIONS, dim))
    sigma, goal = as_activation(activation), multi_index_moments(link, directions)
    means, bend = StepMoments.of(sigma, "linear"), math.sqrt(2) * float(sigma.hermite(2)[2])  # E σ''
    p, unit = goal.gradient, dim / width**2
    first = means.gain**2 * (1 - 1 / samples) * np.outer(p, p) + means.gain_square * goal.large / samples
    spikes = unit * first + (bend / width) ** 2 * goal.hessian @ goal.hessian
    noise = goal.label_power * dim / samples
    overlap = float(p @ p) / (p @ p + noise) if p @ p + noise > 0 else 0.0
    return unit * means.gain_square * goal.label_power / samples, spikes, overlap
