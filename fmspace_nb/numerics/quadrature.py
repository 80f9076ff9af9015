"""Gauss rules for Gaussian, radial and angular averages, from Golub–Welsch tridiagonals: stable from d = 2 to 10⁵ and beyond.

Every rule is a pair (nodes, weights) with weights that sum to one; arrays come from a cache and are read-only.
"""

from __future__ import annotations

import functools

import numpy as np
from scipy import special

from fmspace_nb import arguments
from fmspace_nb.numerics.panels import legendre


def _golub_welsch(diagonal: np.ndarray, offdiagonal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of the Gauss rule whose orthonormal polynomials have this three-term recurrence."""
    from scipy.linalg import eigh_tridiagonal  # a slow import, needed here only

    nodes, vectors = eigh_tridiagonal(diagonal, offdiagonal)
    return _frozen(nodes, vectors[0] ** 2)


def _frozen(*arrays):
    for array in arrays:
        array.flags.writeable = False
    return arrays


@functools.lru_cache(maxsize=64)
def gauss_hermite(points: int) -> tuple[np.ndarray, np.ndarray]:
    """E[f(z)], z ~ N(0,1): exact for polynomials of degree < 2·points."""
    points = arguments.integer("points", points)
    return _golub_welsch(np.zeros(points), np.sqrt(np.arange(1.0, points)))


@functools.lru_cache(maxsize=256)
def gauss_radius(dim: int, points: int) -> tuple[np.ndarray, np.ndarray]:
    """E[f(‖x‖)], x ~ N(0, I_dim): Laguerre nodes in ‖x‖²/2, exact for polynomials in ‖x‖² of degree < 2·points."""
    dim, points = arguments.integer("dim", dim), arguments.integer("points", points)
    k, shape = np.arange(points), dim / 2 - 1
    half_square, weights = _golub_welsch(2 * k + shape + 1, np.sqrt(k[1:] * (k[1:] + shape)))
    return _frozen(np.sqrt(2 * half_square), weights)


@functools.lru_cache(maxsize=256)
def gauss_gegenbauer(dim: int, points: int) -> tuple[np.ndarray, np.ndarray]:
    """E[f(ω)], ω one coordinate of a uniform point of the unit sphere of R^dim: density ∝ (1−ω²)^{(dim−3)/2}; dim = 1: ω = ±1."""
    dim, points = arguments.integer("dim", dim), arguments.integer("points", points)
    if dim == 1:
        return _frozen(np.array([-1.0, 1.0]), np.array([0.5, 0.5]))
    return _golub_welsch(np.zeros(points), gegenbauer_recurrence(dim, points)[1:])


@functools.lru_cache(maxsize=256)
def sphere_trapezoid(dim: int, step: float) -> tuple[np.ndarray, np.ndarray]:
    """The same average by the trapezoidal rule in x, ω = tanh x, where the density is ∝ cosh^{1−dim} x; step in units of 1/√dim.

    For functions with poles near the axis, like tanh(aω): the error falls like e^{−2π·distance/step}, Gauss's only like e^{−c√points}.
    """
    reach = np.arccosh(np.exp(36.0 / (dim - 1)))
    count = int(np.ceil(reach * np.sqrt(dim) / step))
    x = np.arange(-count, count + 1) * step / np.sqrt(dim)
    weights = np.cosh(x) ** (1.0 - dim)
    return _frozen(np.tanh(x), weights / weights.sum())


def gegenbauer_recurrence(dim: int, count: int) -> np.ndarray:
    """b with ω p_k = b[k+1] p_{k+1} + b[k] p_{k−1} for the orthonormal polynomials of that density, k < count; b[0] = 0."""
    k, index = np.arange(1.0, count), (dim - 2) / 2
    if index == 0:                                     # Chebyshev, where the formula below is 0/0 at k = 1
        return np.r_[0.0, np.sqrt(np.where(k == 1, 0.5, 0.25))]
    return np.r_[0.0, np.sqrt(k * (k + 2 * index - 1) / (4 * (k + index) * (k + index - 1)))]


def stretched_angle(dim: int, points: int, stretch: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Half of the polar angle about w*, for products f of two even or two odd functions: τ, ς, weights, and x ∈ (0, 1), τ/ς = stretch·x/√(1−x²).

    Gauss–Gegenbauer nodes x, exact at stretch 1 for polynomials in τ. With stretch = (A/(A+B))^{1/4}, x is ⟨y, w*⟩/‖y‖ for the direction of
    y = Γ^{1/4}x, in which the kernel σ(xᵀΓ^{1/2}g/√d) is invariant under rotations: at moderate B/A nothing there is narrow.
    """
    x = gauss_gegenbauer(dim, 2 * points)[0][points:]
    b, before, now, total = gegenbauer_recurrence(dim, 2 * points + 1), np.zeros(points), np.ones(points), np.ones(points)
    for k in range(1, 2 * points):                     # weights 1/Σ p_k(x)²: right relative to themselves, however small
        before, now = now, (x * now - b[k - 1] * before) / b[k]
        total += now**2
    across = np.sqrt((1 - x) * (1 + x))
    length = np.hypot(across, stretch * x)
    return stretch * x / length, across / length, 2 * stretch * np.exp(-dim * np.log(length) - np.log(total)), x


# The rules below are Gauss–Legendre in a stretched variable u, for functions with structure at a scale ≪ 1 that Gauss rules miss.

def graded_angle(dim: int, points: int, grade: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Half of the polar angle about w*: τ = cos ∠(x, w*) ∈ [0, 1], its complement ς = √(1−τ²), weights, and the variable u ∈ [0, 1].

    Latitude ψ = arcsin τ = grade·sinh(U u): uniform for |ψ| ≪ grade, logarithmic beyond, up to where the measure of the sphere of
    R^dim (∝ cos^{dim−2}ψ) falls below 1e-18.
    """
    u, weights = legendre(points)
    tau, complement, density = angle_at(dim, u, grade)
    return tau, complement, weights * density, u


def angle_at(dim: int, u, grade: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """τ, ς and the measure's density in u, for that variable u."""
    stretch = np.arcsinh(angle_reach(dim) / grade)
    latitude = grade * np.sinh(stretch * u)
    log_norm = special.gammaln(dim / 2) - special.gammaln((dim - 1) / 2) - np.log(np.pi) / 2 + np.log(2)
    density = np.exp(log_norm + (dim - 2) * np.log(np.cos(latitude)))
    return np.sin(latitude), np.cos(latitude), density * stretch * grade * np.cosh(stretch * u)


def angle_reach(dim: int) -> float:
    """The latitude up to which those rules go."""
    return min(np.pi / 2, 9.0 / np.sqrt(dim))


def polar_radius(dim: int, points: int, grade: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """‖x‖ for x ~ N(0, I_dim): radius, weights, and a variable in which functions of the radius are close to polynomials.

    Above 18 dimensions ‖x‖ stays near √dim and Laguerre nodes do; below, where it does come near 0, radius = grade·sinh(U u).
    """
    if dim > 18:
        radius, weights = gauss_radius(dim, points)
        return radius, weights, radius**2
    u, weights = legendre(points)
    stretch = np.arcsinh((np.sqrt(dim) + 6.0) / grade)
    radius = grade * np.sinh(stretch * u)
    log_density = (dim - 1) * np.log(radius) - radius**2 / 2 - special.gammaln(dim / 2) - (dim / 2 - 1) * np.log(2)
    return radius, weights * np.exp(log_density) * stretch * grade * np.cosh(stretch * u), u


def graded_half_line(points: int, grade: float) -> tuple[np.ndarray, np.ndarray]:
    """E[f(t)], t ~ N(0,1), for products f of two even or two odd functions, by their values on t = grade·sinh(U u) > 0."""
    u, weights = legendre(points)
    stretch = np.arcsinh(9.0 / grade)
    t = grade * np.sinh(stretch * u)
    return t, weights * stretch * grade * np.cosh(stretch * u) * np.exp(-t**2 / 2) * np.sqrt(2 / np.pi)
