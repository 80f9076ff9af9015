"""The spiked covariance Γ = A I + B w*w*ᵀ of the learned weights, and what one gradient step predicts for A and B."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from fmspace_nb import arguments
from fmspace_nb.activations import activation as as_activation
from fmspace_nb.numerics.panels import gaussian_mean, gaussian_rule
from fmspace_nb.products import product
from fmspace_nb.remembered import measured
from fmspace_nb.targets import target as as_target

LARGEST_STEP = 1e100  # η² is still a number

class SpikedCovariance:
    """The covariance Γ = A I + B w*w*ᵀ of √d times a weight vector: w ~ N(0, Γ/d).

    Args:
        dim: input dimension d ≥ 1.
        bulk: A > 0, the variance of every direction but w*.
        spike: B > −A, what w* has on top.
        direction: w*, shape (dim,), normalised here; e₁ by default.

    Raises:
        ValueError, TypeError: an argument outside these domains.

    Source: paper, eq. for Γ (section 3.1); chapter 02, (4).
    """

    def __init__(self, dim: int, *, bulk: float = 1.0, spike: float = 0.0, direction=None):
        self.dim = arguments.integer("dim", dim)
        self.bulk = arguments.real("bulk", bulk, above=0.0)
        self.spike = arguments.real("spike", spike, above=-self.bulk)
        self.direction = unit_vector(direction, self.dim)

    def matrix(self) -> np.ndarray:
        """Γ/d, shape (dim, dim)."""
        return (self.bulk * np.eye(self.dim) + self.spike * np.outer(self.direction, self.direction)) / self.dim

    def stretch(self, x) -> np.ndarray:
        """Γ^{1/2} x, shape of x (last axis dim): the map of the inputs that does what the step does to the weights."""
        x = arguments.array("x", x, shape=(..., self.dim))
        along = (x @ self.direction)[..., None] * self.direction
        return math.sqrt(self.bulk) * x + (math.sqrt(self.bulk + self.spike) - math.sqrt(self.bulk)) * along

    def inner(self, x, x2) -> np.ndarray:
        """xᵀ Γ x' / d for all pairs, shapes (n, dim), (n', dim) → (n, n')."""
        x, x2 = (arguments.array(name, value, shape=(None, self.dim)) for name, value in (("x", x), ("x2", x2)))
        along = np.outer(x @ self.direction, x2 @ self.direction)
        return (self.bulk * product(x, x2.T) + self.spike * along) / self.dim

    def square(self, x) -> np.ndarray:
        """xᵀ Γ x / d of each input, shape (n, dim) → (n,)."""
        x = arguments.array("x", x, shape=(..., self.dim))
        return (self.bulk * np.sum(x * x, axis=-1) + self.spike * (x @ self.direction) ** 2) / self.dim

    def sample(self, width: int, rng) -> np.ndarray:
        """Weights w_j ~ N(0, Γ/d), shape (width, dim)."""
        width, rng = arguments.integer("width", width), arguments.generator("rng", rng)
        return self.stretch(rng.standard_normal((width, self.dim))) / math.sqrt(self.dim)

    def __repr__(self) -> str:
        return f"SpikedCovariance({self.dim}, bulk={self.bulk:.6g}, spike={self.spike:.6g})"


@dataclass(frozen=True)
class Covariance:
    """Any covariance Γ of √d times a weight vector, given as a symmetric positive definite matrix `gamma` (dim,
    dim)."""

    gamma: np.ndarray

    @property
    def dim(self) -> int:
        return len(self.gamma)

    def matrix(self) -> np.ndarray:
        """Γ/d, shape (dim, dim)."""
        return self.gamma / self.dim

    def along(self, directions) -> np.ndarray:
        """uᵀΓu of unit vectors u, shape (…, dim) → (…)."""
        directions = arguments.array("directions", directions, shape=(..., self.dim))
        return np.sum(directions @ self.gamma * directions, axis=-1)

    def sample(self, width: int, rng) -> np.ndarray:
        """Weights w_j ~ N(0, Γ/d), shape (width, dim)."""
        width, rng = arguments.integer("width", width), arguments.generator("rng", rng)
        return product(rng.standard_normal((width, self.dim)), np.linalg.cholesky(self.matrix()).T)


def unit_vector(direction, dim: int) -> np.ndarray:
    """The direction normalised, shape (dim,); e₁ when None. ValueError when it is zero or of another shape."""
    if direction is None:
        return np.eye(1, dim)[0]
    direction = arguments.array("direction", direction, shape=(dim,))
    length = np.linalg.norm(direction)
    if length == 0:
        raise ValueError("direction must be a non-zero vector, got the zero vector")
    return direction / length


@dataclass(frozen=True)
class StepMoments:
    """The Gaussian means through which activation and target enter the step (chapter 02, (3) and (4)).

    gain μ_σ = E σ'(z), gain_square = E σ'(z)², slope μ_g = E g'(z), label_power = E y² = E g² + σ_ε², curvature s.
    """

    gain: float
    gain_square: float
    slope: float
    label_power: float
    curvature: float

    @classmethod
    def of(cls, activation, target) -> StepMoments:
        """The moments of an activation and a target (names or objects); remembered, since every slider asks for
        them."""
        return cls._of(as_activation(activation), as_target(target))

    @classmethod
    @measured
    def _of(cls, activation, target) -> StepMoments:
        return cls(
            gain=float(activation.hermite(1)[1]),  # Stein: E σ'(z) = E z σ(z)
            gain_square=mean_square_slope(activation),
            slope=target.slope,
            label_power=target.second_moment + target.noise**2,
            curvature=target.curvature,
        )


def mean_square_slope(activation, scale: float = 1.0) -> float:
    """E σ'(scale·z)². A difference quotient is too noisy to be bisected: a callable without a slope brings its own
    panels."""
    if activation.slope is not None:
        return gaussian_mean(lambda z: activation.derivative(scale * z) ** 2)
    nodes, weights = gaussian_rule(activation.edges(16.0 * scale), scale)
    return float(weights @ activation.derivative(nodes) ** 2)


FORMS = ("full step", "rank one", "printed")


def predict_covariance(
    activation, target, *, dim: int, width: int, samples: int, step_size: float, form: str = "full step", direction=None
) -> SpikedCovariance:
    """Γ after one gradient step, averaged over the data.

    A = 1 + (η²d/(nm²)) E[σ'²] E[y²],   B = (η²d/(nm²)) μ_σ² ( μ_g² (n − 1) + 2s ).

    Args:
        activation, target: names or objects.
        dim, width, samples: d, m, n ≥ 1.
        step_size: η ≥ 0.
        form: "full step" as above, the second moment of a real step; "rank one": that of the paper's model, which
            keeps the step's rank-one part alone, so that A has μ_σ² in place of E[σ'²]; "printed": the same with the
            paper's one symbol μ₁, defined as E g', for μ_σ, too (B ∝ μ₁⁴).
        direction: w*, shape (dim,); e₁ by default.

    Returns:
        Γ, a SpikedCovariance.

    Raises:
        ValueError, TypeError: an argument outside these domains, or a B that leaves Γ without a positive direction.

    Source: paper, eq. for Γ and its appendix "second moment matrix"; chapter 02, (4) and the section after it.
    """
    dim, width, samples = _sizes(dim, width, samples)
    step_size = arguments.real("step_size", step_size, minimum=0.0, maximum=LARGEST_STEP)
    arguments.choice("form", form, FORMS)
    moments = StepMoments.of(activation, target)
    unit = step_size**2 * dim / (samples * width**2)
    slope2 = moments.slope**2
    gain2 = slope2 if form == "printed" else moments.gain**2
    gain_square = moments.gain_square if form == "full step" else gain2
    return SpikedCovariance(
        dim,
        bulk=1 + unit * gain_square * moments.label_power,
        spike=unit * gain2 * (slope2 * (samples - 1) + 2 * moments.curvature),
        direction=direction,
    )


def predict_conditional(
    activation, target, beta_hat, *, width: int, samples: int, step_size: float, batch=None
) -> SpikedCovariance | Covariance:
    """Γ after one gradient step, given the data: the spike lies along β̂ = (1/n) Σ y_i x_i.

    A_c = 1 + (η²d/(nm²)) Var(σ') E[y²],   B_c = (η²d/m²) μ_σ² ‖β̂‖².

    Without the batch the noise of the step is round, and A_c is its mean; with the batch it has the shape
    Ŵ = Σ y_i² x_i x_iᵀ/(n E[y²]): Γ = I + (A_c − 1) Ŵ + B_c vvᵀ, v = β̂/‖β̂‖. As n/d → ∞ Ŵ → I.

    Args:
        activation, target: names or objects.
        beta_hat: β̂, shape (dim,), not zero.
        width, samples: m, n ≥ 1.
        step_size: η ≥ 0.
        batch: (x, y), shapes (samples, dim) and (samples,), or None.

    Returns:
        A SpikedCovariance; with the batch a Covariance.

    Raises:
        ValueError, TypeError: an argument outside these domains.

    Source: chapter 02, (3) and (5); Cui et al., arXiv:2402.04980.
    """
    beta_hat = arguments.array("beta_hat", beta_hat, shape=(None,))
    if not np.any(beta_hat):
        raise ValueError(f"beta_hat must be a non-zero vector, got {beta_hat}")
    dim, width, samples = _sizes(beta_hat.size, width, samples)
    step_size = arguments.real("step_size", step_size, minimum=0.0, maximum=LARGEST_STEP)
    moments = StepMoments.of(activation, target)
    spiked = _conditional(moments, beta_hat @ beta_hat, dim, width, samples, step_size)
    if batch is None:
        return SpikedCovariance(dim, direction=beta_hat, **spiked)
    x = arguments.array("batch", batch[0], shape=(samples, dim))
    y = arguments.array("batch", batch[1], shape=(samples,))
    shape = product((x * (y**2)[:, None]).T, x) / (samples * moments.label_power)  # Ŵ
    v = unit_vector(beta_hat, dim)
    return Covariance(np.eye(dim) + (spiked["bulk"] - 1) * shape + spiked["spike"] * np.outer(v, v))


def typical_conditional(
    activation, target, *, dim: int, width: int, samples: int, step_size: float
) -> SpikedCovariance:
    """Γ given typical data: `predict_conditional` at ‖β̂‖² = μ_g² + E[y²]/α, its value as d → ∞; direction e₁ stands
    for β̂."""
    dim, width, samples = _sizes(dim, width, samples)
    step_size = arguments.real("step_size", step_size, minimum=0.0, maximum=LARGEST_STEP)
    moments = StepMoments.of(activation, target)
    length2 = moments.slope**2 + moments.label_power * dim / samples
    return SpikedCovariance(dim, **_conditional(moments, length2, dim, width, samples, step_size))


def alignment(target, *, dim: int, samples: int) -> float:
    """⟨v, w*⟩² of v = β̂/‖β̂‖ with the target direction as d → ∞: μ_g² / (μ_g² + E[y²]/α) (chapter 08, (1))."""
    dim, _, samples = _sizes(dim, 1, samples)
    target = as_target(target)
    slope2 = target.slope**2
    return slope2 / (slope2 + (target.second_moment + target.noise**2) * dim / samples)


def _conditional(moments: StepMoments, length2: float, dim: int, width: int, samples: int, step_size: float) -> dict:
    unit = step_size**2 * dim / width**2
    variance = max(moments.gain_square - moments.gain**2, 0.0)
    return {"bulk": 1 + unit * variance * moments.label_power / samples, "spike": unit * moments.gain**2 * length2}


def _sizes(dim, width, samples) -> tuple[int, int, int]:
    return arguments.integer("dim", dim), arguments.integer("width", width), arguments.integer("samples", samples)
