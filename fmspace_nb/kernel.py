"""The conjugate kernel of a two-layer network, and its three faces: weights, inputs, closed form."""

from __future__ import annotations

import numpy as np

from fmspace_nb import arguments
from fmspace_nb.activations import activation as as_activation
from fmspace_nb.covariance import SpikedCovariance
from fmspace_nb.products import product


class ConjugateKernel:
    """k(x, x') = E σ(⟨w,x⟩) σ(⟨w,x'⟩) over w ~ N(0, Γ/d): called on inputs (n, dim), (n', dim) it gives (n, n')."""

    def __init__(self, activation, covariance: SpikedCovariance):
        self.activation = as_activation(activation)
        self.covariance = arguments.instance("covariance", covariance, SpikedCovariance)

    def __call__(self, x, x2=None) -> np.ndarray:
        x2 = x if x2 is None else x2
        square = self.covariance.square
        return self.activation.dual(square(x)[:, None], square(x2)[None, :], self.covariance.inner(x, x2))

    def diagonal(self, x) -> np.ndarray:
        """k(x, x) of each input, shape (n, dim) → (n,)."""
        return self.activation.second_moment(self.covariance.square(x))

    def isotropic(self) -> ConjugateKernel:
        """k₀, the same activation before the step: k(x, x') = k₀(Γ^{1/2}x, Γ^{1/2}x') with `covariance.stretch`."""
        return ConjugateKernel(
            self.activation, SpikedCovariance(self.covariance.dim, direction=self.covariance.direction)
        )

    def monte_carlo(self, x, x2=None, *, width: int, rng) -> np.ndarray:
        """The kernel from `width` sampled weights: unbiased, with an error of order width^{-1/2}; shape (n, n')."""
        weights = self.covariance.sample(width, rng)

        def features(name, inputs):
            return self.activation(product(arguments.array(name, inputs, shape=(None, self.covariance.dim)), weights.T))

        here = features("x", x)
        there = here if x2 is None else features("x2", x2)
        return product(here, there.T) / width


def conjugate_kernel(activation, covariance: SpikedCovariance) -> ConjugateKernel:
    """The conjugate kernel of an activation under weights N(0, Γ/d), as a function of two sets of inputs.

    Args:
        activation: a name, a callable or an Activation.
        covariance: Γ.

    Returns:
        a ConjugateKernel: k₁(x, x') of inputs (n, dim) and (n', dim), shape (n, n').

    Raises:
        ValueError, TypeError: an unknown activation, or a covariance that is none.

    Source: paper, Theorem 1; chapter 04, (2).
    """
    return ConjugateKernel(activation, covariance)
