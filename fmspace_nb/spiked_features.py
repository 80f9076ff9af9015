"""Ridge regression after a step η = η̃ m with equal readouts, as d → ∞: the spiked random features of Cui et al. (2024).

The model has the weights √c w⁰_j + r v, all with one spike. A real step also stretches each neuron by its own factor:
by Stein's lemma the second-order part of σ' gives w_j → (1 + ε_j) w_j with ε_j = η̃ E[σ'''] ⟨β̂, w_j⟩.
"""

from __future__ import annotations

import math

import numpy as np

from fmspace_nb import arguments
from fmspace_nb.activations import activation as as_activation
from fmspace_nb.numerics.quadrature import gauss_hermite
from fmspace_nb.targets import target as as_target

_NODES, _ALONG, _ANGLES = 120, 80, 400  # nodes across the spike, along the spike, and in the Marchenko–Pastur law
_ROUNDS, _CLOSE = 5000, 1e-10  # the fixed point is damped by half; it is found in some 60 rounds
_START = (0.1, 0.1, 1.0, 1.0, 0.1, 0.1, 1.0)  # of q₁, q₂, V₁, V₂, θ, ψ, m


def spiked_feature_error(activation, target, *, samples_per_dim, sample_ratio=20.0, step_ratio=3.0, ridge=0.1,
                         stretched=True) -> np.ndarray:
    """The test mean squared error of ridge regression on d features in d dimensions after one step, as d → ∞.

    Args:
        activation: a smooth σ, a name or a callable.
        target: g with E g = 0, a name or a callable; its noise must be zero.
        samples_per_dim: N/d of the fresh samples for the readout, > 0, a number or an array.
        sample_ratio: n/d of the step's batch, > 0.
        step_ratio: η̃ = η/m, > 0.
        ridge: λ > 0 on features divided by √m.
        stretched: with the factors 1 + ε_j of a real step; False for the model as it is solved by Cui et al.

    Returns:
        array like samples_per_dim.

    Raises:
        ValueError, TypeError: an argument outside these domains. ArithmeticError: no fixed point was found.

    Source: Cui et al., arXiv:2402.04980, Result 3.3; chapter 07, "A published curve", for the factors.
    """
    sigma, target = as_activation(activation), as_target(target)
    if target.noise:
        raise ValueError(f"target must have no noise, got {target.noise:g}")
    shares = arguments.array("samples_per_dim", samples_per_dim)
    if shares.size and shares.min() <= 0:
        raise ValueError(f"samples_per_dim must be > 0 everywhere, got {shares.min():g}")
    sample_ratio, step_ratio, ridge = (arguments.real(name, value, above=0.0) for name, value in (
        ("sample_ratio", sample_ratio), ("step_ratio", step_ratio), ("ridge", ridge)))
    model, state, found = _Model(sigma, target, sample_ratio, step_ratio, stretched), np.array(_START), {}
    for share in np.unique(shares):
        state = model.solve(float(share), ridge, state)
        found[share] = model.error(state)
    return np.vectorize(found.get, otypes=[float])(shares) if shares.size else shares


class _Model:
    """The averages over the spike's coordinate k and across it that the equations need."""

    def __init__(self, sigma, target, sample_ratio: float, step_ratio: float, stretched: bool):
        z, mass = gauss_hermite(_NODES)
        along, self.weights = gauss_hermite(_ALONG)
        derivative = sigma.derivative(z)
        gain, slope = mass @ derivative, target.slope
        power = target.second_moment
        length = math.sqrt(slope**2 + power / sample_ratio)  # ‖β̂‖
        overlap = slope / length
        self.bulk = 1 + step_ratio**2 * power / sample_ratio * (mass @ derivative**2 - gain**2)  # c
        across = math.sqrt(self.bulk)
        inputs = step_ratio * gain * length * along[:, None] + across * z
        values, slopes = sigma(inputs), sigma.derivative(inputs)
        self.mean, self.linear = values @ mass, slopes @ mass  # μ₀, μ₁
        self.rest = np.maximum(values**2 @ mass - self.mean**2 - self.bulk * self.linear**2, 0.0)  # μ₂²
        seen = target.link(overlap * along[:, None] + math.sqrt(1 - overlap**2) * z)
        self.label, self.label_slope, self.label_power = seen @ mass, (z * seen) @ mass, seen**2 @ mass
        self.profile = along * self.linear  # what multiplies θ: the neurons' coordinates along the spike
        if stretched:
            curvature = math.sqrt(6) * sigma.hermite(3)[3]  # E σ'''
            self.profile = self.profile + step_ratio * curvature * length * ((z * slopes) @ mass)
        angle = (np.arange(_ANGLES) + 0.5) * math.pi / (2 * _ANGLES)
        self.levels, density = self.bulk * 4 * np.sin(angle) ** 2, np.cos(angle) ** 2  # of c W⁰W⁰ᵀ with m = d
        self.density = density / density.sum()

    def solve(self, share: float, ridge: float, state):
        """The fixed point (q₁, q₂, V₁, V₂, θ, ψ, m) at N/d = share, from a first guess."""
        for _ in range(_ROUNDS):
            new = self._round(share, ridge, state)
            if np.max(np.abs(new - state)) < _CLOSE:
                return state
            state = (state + new) / 2
        raise ArithmeticError(f"no fixed point after {_ROUNDS} rounds at samples_per_dim {share:g}, ridge {ridge:g}")

    def _round(self, share, ridge, state):
        q1, q2, v1, v2, theta, psi, m = state
        damp = 1 / (1 + self.linear**2 * v1 + self.rest * v2)
        fit, weights = self.mean * m + self.profile * theta, share * self.weights
        loss = self._loss(state) * damp**2
        forced = weights @ (self.profile * (self.label - fit) * damp)
        turned = weights @ (self.label_slope * self.linear * damp)
        level = ridge + weights @ (self.linear**2 * damp) * self.levels + weights @ (self.rest * damp)
        power = ((weights @ (self.linear**2 * loss) + turned**2) * self.levels
                 + weights @ (self.rest * loss) + forced**2 * self.bulk)
        return np.array([
            self.density @ (self.levels * power / level**2), self.density @ (power / level**2),
            self.density @ (self.levels / level), self.density @ (1 / level),
            forced * (self.density @ (self.bulk / level)), turned * (self.density @ (self.levels / level)),
            (self.weights @ (self.mean * (self.label - self.profile * theta) * damp))
            / (self.weights @ (self.mean**2 * damp)),
        ])

    def _loss(self, state):
        """The mean squared error given the coordinate k along the spike."""
        q1, q2, _, _, theta, psi, m = state
        fit = self.mean * m + self.profile * theta
        return (self.label_power + fit**2 - 2 * fit * self.label - 2 * psi * self.linear * self.label_slope
                + q1 * self.linear**2 + q2 * self.rest)

    def error(self, state) -> float:
        """The test error."""
        return float(self.weights @ self._loss(state))
