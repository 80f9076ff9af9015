"""T₁ for homogeneous σ: the length of x integrates out, and harmonics of Γ^{1/2}x̂ do the rest, at any d, A, B.

x = ‖x‖(τ w* + ς u), ς = √(1−τ²). For σ = amount·|z|^p (parity 0) or amount·sign(z)|z|^p (parity 1) the eigenfunctions
of sector j are ‖x‖^p f(τ) Y_j(u). k₁(x, x') = k₀(Γ^{1/2}x, Γ^{1/2}x') and k₀ = Σ_k μ_k² Y_k Y_k' with μ_k in closed
form, so T₁ = F Fᵀ with the columns μ_k Y_k(Γ^{1/2}x̂): a sum of squares, in which the tiniest eigenvalues keep their
digits. In τ everything is close to a polynomial in log(1 + (1 + B/A)τ²). Source: chapter 01, (2).
"""

from __future__ import annotations

import functools

import numpy as np
from scipy import special

from fmspace_nb.numerics.harmonics import funk_hecke, mean_power
from fmspace_nb.numerics.logvariance import coarse, gauss_angle
from fmspace_nb.numerics.quadrature import gegenbauer_recurrence
from fmspace_nb.spectrum.labels import Label
from fmspace_nb.spectrum.modes import Modes

SIZES = (0.9, 1.2, 1.6, 2.1)     # factors of the number of nodes and of the degree: 1.2 is right to 10⁻⁷
GAIN = 0.01      # the error of a size against that of the one before (measured: 0.003)
# nodes in τ: 12, 100/d more where the sphere has few dimensions, 1.5 for each e-fold of the spike
NODES = (12, 100, 1.5)
FINEST = 110  # K(K + d) of the last harmonic K at B = 0: f varies on the scale √(A/(A+B)), Y_k on 1/√(k(k+d))
USUAL = 8                        # modes of a sector for which these suffice: each more takes a node and two degrees
FEWEST = 24                      # harmonics beyond that, for a small d
LOST = 1e-150                    # of the largest singular value: below it squares are no numbers


class Harmonics:
    """One homogeneous half of σ at Γ = bulk·I + spike·w*w*ᵀ in dim dimensions, amount·|z|^power or
    amount·sign(z)|z|^power.

    size: factor of the number of nodes and of the degree; modes: as many as are wanted of each of `sectors` sectors.
    """

    sizes, gain = SIZES, GAIN

    def __init__(
        self,
        power: float,
        amount: float,
        parity: int,
        *,
        dim: int,
        bulk: float,
        spike: float,
        size: float = SIZES[1],
        sectors: int = 3,
        modes: int = 8,
    ):
        self.power, self.parity, self.dim, self.bulk, self.spike = power, parity, dim, bulk, spike
        self.amount = abs(amount) * mean_power(dim, 2 * power) * dim ** (-power / 2)
        extra = max(0, modes - USUAL)
        finest = FINEST * size**2 * (1 + spike / bulk)
        self.highest = int(FEWEST * size + finest / (dim / 2 + np.sqrt(dim**2 / 4 + finest))) + 2 * (extra + sectors)
        if power % 2 == parity:                                           # a polynomial
            self.highest = int(power)
        count = int(size * (NODES[0] + NODES[1] / dim + NODES[2] * np.log1p(spike / bulk))) + extra
        self.tau, self.weights = gauss_angle(dim, coarse(1 + spike / bulk), count)
        self.complement = np.sqrt((1 - self.tau) * (1 + self.tau))

    def at_spike(self, spike: float) -> Harmonics:
        """The same discretisation at another spike."""
        moved = object.__new__(Harmonics)
        moved.__dict__.update(self.__dict__, spike=spike)
        return moved

    def columns(self, sectors, tau, complement) -> list[np.ndarray]:
        """μ_k Y_k(Γ^{1/2}x̂), k ≥ j of this parity, for each sector j: (columns, points); a recurrence that cannot
        overflow."""
        j, dim = np.asarray(sectors)[:, None], self.dim
        square = self.bulk + self.spike * tau**2
        tau, complement = np.sqrt((self.bulk + self.spike) / square) * tau, np.sqrt(self.bulk / square) * complement
        k = j + np.arange(max(self.highest - np.min(j) + 1, 1))           # (sectors, count)
        first = j + (j + self.parity) % 2                                 # the first degree that counts
        level = k - (k + self.parity) % 2  # steps go in pairs: μ_{k+2}/μ_k = (p − k)/(p + k + d)
        step = np.where(k >= first, np.sqrt(np.abs(self.power - level) / (self.power + level + dim)), 1.0)
        b = np.stack([gegenbauer_recurrence(dim + 2 * sector, k.shape[1] + 1) for sector in sectors])
        forward = (step / b[:, 1:]).T[:, :, None] * tau                   # (count, sectors, points)
        back = (step * b[:, :-1] / b[:, 1:] * np.roll(step, 1, axis=1)).T[:, :, None]       # b_0 = 0
        mu = [np.abs(funk_hecke(self.power, dim, self.parity, max(start, self.parity))[-1]) for start in first[:, 0]]
        half, whole = (dim - 1) / 2, dim / 2
        log_norm = (
            special.gammaln(half + j) - special.gammaln(half) + special.gammaln(whole) - special.gammaln(whole + j)
        )
        scale = self.amount * np.array(mu)[:, None] * np.exp(-log_norm / 2)
        values = np.empty(forward.shape)
        values[0] = scale * square ** (self.power / 2) * complement**j
        for n in range(len(values) - 1):
            np.multiply(forward[n], values[n], out=values[n + 1])
            if n:
                values[n + 1] -= back[n] * values[n - 1]
        return [values[(self.parity + s) % 2:max(self.highest - s + 1, 0):2, n] for n, s in enumerate(sectors)]

    def image(self, vectors) -> np.ndarray:
        """Fᵀ applied to coefficients (n, nodes) in sector 0: ⟨f, T₁h⟩ is the product of their images."""
        return vectors @ (self.columns([0], self.tau, self.complement)[0] * np.sqrt(self.weights)).T

    def coefficients(self, functions) -> np.ndarray:
        """Coefficients (n, nodes) in sector 0 of functions (t, r) -> (n,) + shape that are ‖x‖^p f(τ)."""
        unit = mean_power(self.dim, 2 * self.power) ** (0.5 / self.power) if self.power else 1.0
        return functions(unit * self.tau, unit * self.complement) * np.sqrt(self.weights)

    def sectors(self, count: int, modes: int) -> list[Modes]:
        """The first modes of T₁ in sectors 0 … count − 1."""
        factors = self.columns(range(count), self.tau, self.complement)
        return [self._sector(sector, factor * np.sqrt(self.weights), modes) for sector, factor in enumerate(factors)]

    def _sector(self, sector: int, factor, modes: int) -> Modes:
        if not np.any(factor):
            return Modes(
                np.zeros(0), np.zeros((0, len(self.tau))), lambda t, r: np.zeros((0,) + np.broadcast(t, r).shape)
            )
        # columns shrink by orders of magnitude: a QR first keeps the digits of small singular values
        orthogonal, triangle = np.linalg.qr(factor.T)
        left, singular, right = np.linalg.svd(triangle, full_matrices=False)
        kept = np.flatnonzero(singular[:modes] > LOST * singular[0])
        vectors = (orthogonal @ left[:, kept]).T                          # (n, nodes)
        signs = np.where(vectors[:, -1:] < 0, -1.0, 1.0)                  # positive far along w*
        values, vectors, rotation = singular[kept] ** 2, signs * vectors, signs * right[kept] / singular[kept, None]
        return Modes(values, vectors, functools.partial(self._functions, sector, rotation))

    def _functions(self, sector: int, rotation, t, r) -> np.ndarray:
        """Eigenfunctions ‖x‖^p f(τ) at (t, r): (n,) + shape."""
        t, r = np.broadcast_arrays(np.asarray(t, dtype=float), np.asarray(r, dtype=float))
        radius = np.hypot(t, r)
        away = np.where(radius > 0, radius, 1.0)
        polar = rotation @ self.columns([sector], (t / away).ravel(), np.where(radius > 0, r / away, 1.0).ravel())[0]
        return polar.reshape((-1,) + t.shape) * radius**self.power / np.sqrt(mean_power(self.dim, 2 * self.power))

    def labels(self, sector: int, modes: Modes) -> list[Label]:
        """One radial factor, so the i-th mode comes from the i-th level: the degrees k ≥ sector whose μ_k does not
        vanish, in order."""
        count = len(modes.values)
        degrees = np.arange(self.parity, sector + 2 * count + 2, 2)
        alive = funk_hecke(self.power, self.dim, self.parity, degrees[-1]) != 0
        return [
            Label(int(k), int(k) - sector, 1 - 2 * self.parity) for k in degrees[alive & (degrees >= sector)][:count]
        ]
