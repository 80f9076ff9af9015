"""Single-index targets y = g(⟨w*, x⟩) + ε: the link g through its Hermite coefficients and moments."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from fmspace_nb import arguments
from fmspace_nb.activations import Activation, from_callable
from fmspace_nb.numerics.panels import gaussian_mean, gaussian_rule
from fmspace_nb.remembered import curves

LINKS = {
    "linear": lambda t: t,
    "tanh": np.tanh,
    "sine": np.sin,
    "mixed": lambda t: t + (t**2 - 1) / 2,  # z + He₂(z)/2: a linear part to learn from, a quadratic part to learn
    "quadratic": lambda t: (t**2 - 1) / np.sqrt(2),  # information exponent 2: one step sees nothing
    "cubic": lambda t: (t**3 - 3 * t) / np.sqrt(6),  # information exponent 3
    "figure1": lambda t: 2 * t**2 + 3 * t + 4 * np.sin(2 * t),  # the paper's Figure 1; its mean is 2, not 0
}

# A coefficient below this share of √E g² counts as zero: what quadrature leaves of an exact zero is far smaller.
_ZERO = 1e-8


class SingleIndexTarget:
    """A target y = g(⟨w*, x⟩) + ε with x ~ N(0, I), ε ~ N(0, noise²)."""

    def __init__(self, name: str, link, noise: float):
        self.name, self._link, self.noise = (
            name,
            link if isinstance(link, Activation) else from_callable(link, "target"),
            noise,
        )

    def link(self, t) -> np.ndarray:
        """g(t), shape of t."""
        return self._link(arguments.array("t", t))

    def hermite(self, degree: int) -> np.ndarray:
        """E[g(z) h_k(z)] for k = 0 … degree, h_k orthonormal; shape (degree + 1,)."""
        return self._link.hermite(arguments.integer("degree", degree, minimum=0))

    def rule(self, scale: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Arguments t, g(t) and weights of a rule for E f(t, g(t)), t ~ N(0, scale²)."""
        t, weights = gaussian_rule(self._link.edges(16.0 * scale), arguments.real("scale", scale, above=0.0))
        return t, self._link(t), weights

    @cached_property
    def second_moment(self) -> float:
        """E g(z)², the power of the label without its noise."""
        return gaussian_mean(lambda z: self._link(z) ** 2)

    @cached_property
    def slope(self) -> float:
        """μ_g = E[g(z) z], the first Hermite coefficient: what one gradient step can learn."""
        return float(self.hermite(1)[1])

    @cached_property
    def curvature(self) -> float:
        """s = ½ E[(g²)''(z)] = ½ E[(z² − 1) g(z)²], by which large labels pull the spike (chapter 02, (4))."""
        return gaussian_mean(lambda z: (z**2 - 1) * self._link(z) ** 2) / 2

    @cached_property
    def information_exponent(self) -> int | None:
        """The smallest k ≥ 1 with E[g h_k] ≠ 0: what one gradient step can see iff it is 1. None for a constant g.

        Coefficients up to degree 40 are looked at; ValueError when a g that is not constant has none among them.
        """
        coefficients = self.hermite(40)
        scale = np.sqrt(self.second_moment)
        variance = self.second_moment - coefficients[0] ** 2
        if variance <= _ZERO * self.second_moment:
            return None
        found = np.flatnonzero(np.abs(coefficients[1:]) > _ZERO * scale)
        if not found.size:
            raise ValueError(f"target {self.name!r} must have a Hermite coefficient among degrees 1 to 40, got none")
        return int(found[0]) + 1

    def __repr__(self) -> str:
        return f"target({self.name!r}, noise={self.noise:g})"


def target(name_or_callable, *, noise: float = 0.0) -> SingleIndexTarget:
    """A single-index target by name, or from a vectorised callable g.

    Args:
        name_or_callable: "linear", "tanh", "sine", "mixed" (z + He₂/2), "quadratic" (h₂), "cubic" (h₃),
            "figure1" (2t² + 3t + 4 sin 2t, the paper's Figure 1), a callable, or a target (with its own noise, unless
            another is given).
        noise: standard deviation σ_ε ≥ 0 of the label noise.

    Returns:
        a SingleIndexTarget: g, its noise, and its Hermite coefficients.

    Raises:
        ValueError: an unknown name, a negative noise, a g that is not finite or not square-integrable.
        TypeError: neither a name nor a callable.

    Source: paper, section 2 (assumptions on g).
    """
    noise = arguments.real("noise", noise, minimum=0.0)
    known = getattr(name_or_callable, "made", name_or_callable)  # of a formula typed in a page, which never changes
    if isinstance(known, SingleIndexTarget):
        return known if noise == 0 else SingleIndexTarget(known.name, known._link, noise)
    if isinstance(name_or_callable, str):
        return _named(arguments.choice("target", name_or_callable, tuple(LINKS)), noise)
    if not callable(name_or_callable):
        raise TypeError(f"target must be a name ({', '.join(LINKS)}) or a callable, got {name_or_callable!r}")
    return SingleIndexTarget(getattr(name_or_callable, "__name__", "callable"), name_or_callable, noise)


@curves  # a named target keeps the moments it has integrated
def _named(name: str, noise: float) -> SingleIndexTarget:
    return SingleIndexTarget(name, LINKS[name], noise)
