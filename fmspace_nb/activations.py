"""Activations σ: values, derivative, Hermite coefficients, dual kernel. Knows nothing else of the package."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy import special

from fmspace_nb import arguments
from fmspace_nb.numerics import dual, hermite
from fmspace_nb.numerics.panels import panels
from fmspace_nb.numerics.powers import as_power, far, homogeneous_halves

PANEL_OF_TANH = 0.47     # the narrowest panel that resolves tanh: the unit in which a bend is measured


@dataclass(frozen=True, eq=False, repr=False)
class Activation:
    """An activation σ acting elementwise: `a(z)`; made by `activation(name_or_callable)`.

    parity: +1 if σ(−z) = σ(z), −1 if σ(−z) = −σ(z), None otherwise.
    homogeneity: p if σ(λz) = λ^p σ(z) for λ > 0, else None.
    halves: then (even, odd) of σ(z) = even·|z|^p + odd·sign(z)|z|^p.
    """

    name: str
    function: Callable
    slope: Callable | None = None
    parity: int | None = None
    homogeneity: float | None = None
    halves: tuple[float, float] | None = None
    closed_hermite: Callable | None = None
    closed_dual: Callable | None = None
    _like: Activation | None = None      # another one that breaks where this one does
    _panels: dict = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Activation({self.name!r})"

    def __call__(self, z) -> np.ndarray:
        """σ(z), any shape; ValueError where it is not a finite number."""
        z = np.asarray(z, dtype=np.float64)
        with np.errstate(all="ignore"):
            values = np.asarray(self.function(z))
        if np.iscomplexobj(values):
            raise TypeError(f"activation must be real, got complex values from {self.name}")
        values = np.asarray(values, dtype=np.float64)
        if not np.all(np.isfinite(values)):
            where = z[~np.isfinite(values)].flat[0]
            raise ValueError(f"activation must be finite where the Gaussian weights put it, got {self.name}({where:g}) "
                             "= NaN or infinity")
        return values

    def half(self, z, parity: int) -> np.ndarray:
        """The even (+1) or odd (−1) half of σ at z, any shape."""
        if self.parity == parity:
            return self(z)
        if self.homogeneity is not None and parity == 1:     # even·|z|^p, at once
            size = np.abs(z, dtype=float)
            return self.halves[0] * (size if self.homogeneity == 1 else size**self.homogeneity)
        power, slope = self.half_powers[1]
        if power == 1:                                       # relu, gelu, softplus: the odd half is linear
            return self(z) - slope * z if parity == 1 else slope * z
        return (self(z) + parity * self(-z)) / 2

    def derivative(self, z) -> np.ndarray:
        """σ'(z), any shape; of a callable by central differences (error ~1e-11; at a kink the mean of both sides)."""
        z = arguments.array("z", z)
        if self.slope is not None:
            return self.slope(z)
        step = 1e-3 * np.maximum(1.0, np.abs(z))
        return (8 * (self(z + step) - self(z - step)) - (self(z + 2 * step) - self(z - 2 * step))) / (12 * step)

    def hermite(self, degree: int, variance=1.0) -> np.ndarray:
        """E[σ(√variance z) h_k(z)], k = 0 … degree, h_k orthonormal: variance.shape + (degree + 1,); chapter 04."""
        degree = arguments.integer("degree", degree, minimum=0)
        variance = arguments.array("variance", variance, minimum=0.0)
        if self.closed_hermite is not None:
            return self.closed_hermite(degree, variance)
        return hermite.by_quadrature(self, degree, variance)

    def dual(self, q, q2, c) -> np.ndarray:
        """κ = E[σ(u)σ(u')] for Gaussians of variances q, q2 and covariance c, broadcast together; chapter 04, (2).

        Closed form for relu, erf, gelu, quadratic, cosine, sine, identity and every homogeneous callable; otherwise the
        Hermite expansion, relative error ≤ 1e-10 also at ρ = ±1.

        Raises ValueError for a negative variance or |c| > √(q q2).
        """
        q, q2 = arguments.array("q", q, minimum=0.0), arguments.array("q2", q2, minimum=0.0)
        c = arguments.array("c", c)
        bound = np.sqrt(q) * np.sqrt(q2)
        if np.any(np.abs(c) > bound * (1 + 1e-9) + 1e-300):
            beyond = np.max(np.abs(c) - bound)
            raise ValueError(f"c must lie in [−√(q q2), √(q q2)], got a |c| that is {beyond:g} larger")
        c = np.clip(c, -bound, bound)
        if self.closed_dual is not None:
            return self.closed_dual(q, q2, c)
        return dual.by_expansion(self, q, q2, c)

    def second_moment(self, variance=1.0) -> np.ndarray:
        """E[σ(√variance z)²], shape of variance: the dual kernel on the diagonal."""
        variance = arguments.array("variance", variance, minimum=0.0)
        if self.closed_dual is not None:
            return self.closed_dual(variance, variance, variance)
        square = Activation(f"{self.name}²", lambda z: self(z) ** 2, _like=self)
        return hermite.by_quadrature(square, 0, variance)[..., 0]

    @functools.cached_property
    def half_powers(self) -> tuple:
        """(p, size) of σ's even half size·|z|^p and odd half size·sign(z)|z|^p; p None: no power, size 0: no half."""
        if self.halves is not None:
            return tuple((self.homogeneity, size) for size in self.halves)
        if self.parity is not None:
            return (None, float(self.parity == 1)), (None, float(self.parity == -1))
        z = np.r_[0.37, 1.0, 2.0, 5.3, 11.0, far(self.function)]
        right, left = self(z), self(-z)
        return as_power(z, (right + left) / 2), as_power(z, (right - left) / 2)

    def smoothed(self, centre, variance: float = 1.0) -> np.ndarray:
        """E σ(centre + √variance z), z ~ N(0,1): shape of centre."""
        centre, variance = arguments.array("centre", centre), arguments.real("variance", variance, minimum=0.0)
        return hermite.smoothed(self, centre, variance) if variance > 0 else self(centre)

    def edges(self, reach: float) -> np.ndarray:
        """Edges of panels covering [−reach, reach] on each of which σ is a polynomial of degree 15 to 1e-12."""
        return self._resolve(reach)[0]

    def breaks(self, reach: float) -> np.ndarray:
        """The points of [−reach, reach] where σ or a derivative jumps."""
        return self._resolve(reach)[1]

    @functools.cached_property
    def bend(self) -> float:
        """The length on which σ bends, from the narrowest panel away from kinks that resolves it: tanh 1; 0.01 to 2."""
        edges, breaks = self.edges(16.0), self.breaks(16.0)
        apart = np.min(np.abs((edges[1:] + edges[:-1])[:, None] / 2 - np.r_[breaks, np.inf]), axis=1) > 1e-6
        return float(np.clip(np.min(np.diff(edges)[apart]) / PANEL_OF_TANH, 0.01, 2.0))

    def _resolve(self, reach: float):
        reach = 2.0 ** np.ceil(np.log2(max(reach, 16.0)))
        source = self if self._like is None else self._like
        if reach not in source._panels:
            source._panels[reach] = panels(source, reach)
        return source._panels[reach]


def _homogeneous(name: str, power: float, even: float, odd: float, function=None) -> Activation:
    def values(z):
        return np.abs(z) ** power * (even + odd * np.sign(z))

    def slope(z):
        sides = odd + even * np.sign(z)
        return sides if power == 1 else power * np.abs(z) ** (power - 1) * sides

    parity = {(True, False): 1, (False, True): -1}.get((even != 0, odd != 0))
    return Activation(name, function or values, slope if power >= 1 else None, parity, power, (even, odd),
                      hermite.homogeneous(power, even, odd), dual.homogeneous(power, even, odd))


NAMED = {a.name: a for a in (
    _homogeneous("relu", 1, 0.5, 0.5, lambda z: np.maximum(z, 0.0)),
    _homogeneous("quadratic", 2, 1.0, 0.0, np.square),
    _homogeneous("identity", 1, 0.0, 1.0, np.array),
    Activation("erf", lambda z: special.erf(z / np.sqrt(2)), lambda z: 2 * hermite.gaussian(z), parity=-1,
               closed_hermite=hermite.erf, closed_dual=dual.erf),
    Activation("tanh", np.tanh, lambda z: (1 - np.tanh(z)) * (1 + np.tanh(z)), parity=-1),
    Activation("gelu", lambda z: z * special.ndtr(z), lambda z: special.ndtr(z) + z * hermite.gaussian(z),
               closed_hermite=hermite.gelu, closed_dual=dual.gelu),
    Activation("softplus", lambda z: np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z))), special.expit),
    Activation("cosine", np.cos, lambda z: -np.sin(z), parity=1, closed_hermite=hermite.wave(0),
               closed_dual=dual.cosine),
    Activation("sine", np.sin, np.cos, parity=-1, closed_hermite=hermite.wave(1), closed_dual=dual.sine))}


def activation(name_or_callable) -> Activation:
    """The activation of that name, or the one a vectorised callable z -> σ(z) defines (kinks allowed).

    Args:
        name_or_callable: relu, erf (erf(z/√2)), tanh, gelu (zΦ(z)), softplus, quadratic (z²), cosine, sine, identity.

    Returns:
        an Activation: σ, its derivative, its Hermite coefficients and its dual kernel κ.

    Raises:
        ValueError: an unknown name, or a callable that is not finite or not square-integrable under the Gaussian.
        TypeError: anything else.

    Source: paper, section 2 (assumptions on σ); κ in closed form as in chapter 04, else as a power series.
    """
    made = getattr(name_or_callable, "made", name_or_callable)  # of a formula typed in a page, which never changes
    if isinstance(made, Activation):
        return made
    if isinstance(name_or_callable, str):
        return NAMED[arguments.choice("activation", name_or_callable, tuple(NAMED))]
    if not callable(name_or_callable):
        raise TypeError(f"activation must be a name or a callable z -> σ(z), got {name_or_callable!r}")
    return from_callable(name_or_callable)


def from_callable(function, argument: str = "activation") -> Activation:
    """The activation a vectorised callable defines; errors name that argument."""
    name = getattr(function, "__name__", type(function).__name__)
    z = np.linspace(-hermite.REACH, hermite.REACH, 2601)      # holds 0, ±1, ±2 and their like
    trial = Activation(name, function)
    try:
        values = trial(z)
    except ValueError as error:
        raise ValueError(f"{argument} must be a vectorised function, finite on the real line: {error}") from error
    except TypeError as error:
        raise TypeError(f"{argument} must take and return an array: {error}") from error
    if values.shape != z.shape:
        raise ValueError(f"{argument} must return one value for each input, got shape {values.shape} for {z.shape}")
    _check_square_integrable(argument, name, z, values)
    halves = homogeneous_halves(function, z)
    if halves is not None:
        return _homogeneous(name, *halves, function)
    try:
        trial.edges(hermite.REACH)
    except ValueError as error:
        raise ValueError(f"{argument} must be piecewise smooth: {error}") from error
    z = np.r_[z[z >= 0], far(function)]
    right, left = trial(z), trial(-z)
    rounding = 1e-13 * np.maximum.accumulate(np.abs(right) + np.abs(left)).clip(1e-300)
    parity = next((sign for sign in (1, -1) if np.all(np.abs(right - sign * left) <= rounding)), None)
    return trial if parity is None else Activation(name, function, parity=parity)


def _check_square_integrable(argument, name, z, values) -> None:
    with np.errstate(over="ignore"):
        mass = values**2 * np.exp(-z**2 / 2)
    if not np.any(values):
        raise ValueError(f"{argument} must not vanish everywhere, got {name} = 0 on [{z[0]:g}, {z[-1]:g}]")
    if not np.all(np.isfinite(mass)) or max(mass[0], mass[-1]) > 1e-12 * mass.sum():
        raise ValueError(f"{argument} must be square-integrable under N(0,1), got {name}, which grows too fast: "
                         f"{name}({z[-1]:g}) = {values[-1]:g}")
