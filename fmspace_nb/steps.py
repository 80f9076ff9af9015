"""One large step on the weights of a two-layer network: along its gradient, its signs, a preconditioned one, Muon's."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from fmspace_nb import arguments
from fmspace_nb.covariance import unit_vector
from fmspace_nb.network import TwoLayerNetwork
from fmspace_nb.products import product
from fmspace_nb.targets import target as as_target


_BLOCK = 2**17  # numbers of a batch's preactivations held at once: what the processor keeps at hand


@dataclass(frozen=True)
class OneStep:
    """One step: the network before and after, what it moves against, and β̂ = (1/n) Σ y_i x_i, shape (dim,).

    gradient: (width, dim), of the loss; for the other steps what they make of it: W₁ = W₀ − η·gradient.
    """

    before: TwoLayerNetwork
    after: TwoLayerNetwork
    gradient: np.ndarray
    beta_hat: np.ndarray

    def with_step_size(self, step_size: float) -> OneStep:
        """The same step at another step size: the gradient does not depend on it, so nothing is computed twice."""
        step_size = arguments.real("step_size", step_size)
        return replace(self, after=replace(self.before, weights=self.before.weights - step_size * self.gradient))


def gradient_step(network: TwoLayerNetwork, x, y, step_size: float) -> OneStep:
    """One gradient step of size η on the weights, for the loss (1/2n) Σ_i (f(x_i) − y_i)², the readout held fixed.

    Args:
        network: the network before.
        x, y: the batch, shapes (n, dim) and (n,).
        step_size: η, any finite number.

    Returns:
        a OneStep: the networks before and after, the gradient, and β̂.

    Raises:
        ValueError, TypeError: an argument of another shape or type, or not finite.

    Source: paper, section 2 (gradient update); chapter 02, (1).
    """
    return _step(network, *_batch(network, x, y), step_size)


def sign_step(network: TwoLayerNetwork, x, y, step_size: float) -> OneStep:
    """The first step of Adam: every weight moves by η against the sign of its gradient.

    Args:
        network, x, y, step_size: as for `gradient_step`.

    Returns:
        a OneStep, as `gradient_step`.

    Raises:
        ValueError, TypeError: an argument of another shape or type, or not finite.

    Source: Kingma and Ba (2014): with zero moments at the start, g/√(g²); chapter 09.
    """
    return _step(network, *_batch(network, x, y), step_size, np.sign)


def preconditioned_step(network: TwoLayerNetwork, x, y, step_size: float, *, preconditioner="batch") -> OneStep:
    """A gradient step through a matrix P on the input side: W₁ = W₀ − η·gradient·P.

    Args:
        network, x, y, step_size: as for `gradient_step`.
        preconditioner: P, symmetric, shape (dim, dim), or its diagonal, shape (dim,); "batch" for the batch's own
            (XᵀX/n)⁻¹, which takes n ≥ dim inputs.

    Returns:
        a OneStep, as `gradient_step`.

    Raises:
        ValueError, TypeError: an argument of another shape or type, or not finite; a batch whose inputs span less than
        the whole space.

    Source: chapter 09, (3) and (4).
    """
    x, y = _batch(network, x, y)
    if isinstance(preconditioner, str):
        arguments.choice("preconditioner", preconditioner, ("batch",))
        second = product(x.T, x) / len(x)
        rank = np.linalg.matrix_rank(second, hermitian=True)
        if rank < network.dim:
            raise ValueError(f"x must span all {network.dim} dimensions for preconditioner='batch', got {len(x)} "
                             f"inputs of rank {rank}")
        return _step(network, x, y, step_size, lambda gradient: np.linalg.solve(second, gradient.T).T)
    diagonal = np.ndim(preconditioner) == 1
    shape = (network.dim,) if diagonal else (network.dim, network.dim)
    matrix = arguments.array("preconditioner", preconditioner, shape=shape)
    if not diagonal and not np.allclose(matrix, matrix.T, rtol=1e-9, atol=1e-12 * np.max(np.abs(matrix))):
        raise ValueError("preconditioner must be symmetric, got a matrix that differs from its transpose by "
                         f"{np.max(np.abs(matrix - matrix.T)):g}")
    return _step(network, x, y, step_size, lambda gradient: gradient * matrix if diagonal else gradient @ matrix)


def muon_step(network: TwoLayerNetwork, x, y, step_size: float) -> OneStep:
    """The step of Muon: of the gradient U S Vᵀ only U Vᵀ is kept, every singular value (that is not zero) set to 1.

    Args:
        network, x, y, step_size: as for `gradient_step`.

    Returns:
        a OneStep, as `gradient_step`.

    Raises:
        ValueError, TypeError: an argument of another shape or type, or not finite.

    Source: chapter 09. Muon computes the same matrix by a Newton–Schulz iteration.
    """
    return _step(network, *_batch(network, x, y), step_size, orthogonalised)


def orthogonalised(matrix) -> np.ndarray:
    """U Vᵀ of a matrix U S Vᵀ, shape of the matrix; singular values below rounding stay zero."""
    left, singular, right = np.linalg.svd(matrix, full_matrices=False)
    kept = singular > max(matrix.shape) * np.finfo(float).eps * singular[0]
    return left[:, kept] @ right[kept]


def _batch(network, x, y) -> tuple[np.ndarray, np.ndarray]:
    arguments.instance("network", network, TwoLayerNetwork)
    x = arguments.array("x", x, shape=(None, network.dim))
    if not len(x):
        raise ValueError(f"x must hold at least one input, got shape {x.shape}")
    return x, arguments.array("y", y, shape=(x.shape[0],))


def _step(network, x, y, step_size, rule=None) -> OneStep:
    """The step that moves against rule(gradient)."""
    activation, root = network.activation, math.sqrt(network.width)
    summed, rows = np.zeros(network.weights.shape), max(1, _BLOCK // network.width)
    for part in (slice(k, k + rows) for k in range(0, len(x), rows)):
        preactivation = product(x[part], network.weights.T)  # (rows, width)
        residual = activation(preactivation) @ network.readout / root - y[part]
        summed += product((residual[:, None] * activation.derivative(preactivation)).T, x[part])
    gradient = summed * network.readout[:, None] / (len(x) * root)
    moved = gradient if rule is None else rule(gradient)
    return OneStep(network, network, moved, y @ x / x.shape[0]).with_step_size(step_size)


def draw_batch(target, dim: int, samples: int, rng, direction=None) -> tuple[np.ndarray, np.ndarray]:
    """A batch (x, y) of the single-index problem, x ~ N(0, I), y = g(⟨w*, x⟩) + noise.

    Args:
        target: a name, a callable g or a SingleIndexTarget.
        dim, samples: d and n, ≥ 1.
        rng: a numpy Generator or a seed.
        direction: w*, shape (dim,), normalised; e₁ unless given.

    Returns:
        x of shape (samples, dim) and y of shape (samples,).

    Raises:
        ValueError, TypeError: an argument outside these domains.

    Source: chapter 02, the question.
    """
    target = as_target(target)
    dim, samples = arguments.integer("dim", dim), arguments.integer("samples", samples)
    rng = arguments.generator("rng", rng)
    x = rng.standard_normal((samples, dim))
    noise = target.noise * rng.standard_normal(samples)
    return x, target.link(x @ unit_vector(direction, dim)) + noise
