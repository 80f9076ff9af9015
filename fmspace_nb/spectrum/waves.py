"""Sectors of T₁ for cosine and sine, in closed form: the even and the odd half of a Gaussian kernel (Mehler's formula).

E cos⟨w,x⟩cos⟨w,x'⟩ and E sin⟨w,x⟩sin⟨w,x'⟩ are (G(x,x') ± G(x,−x'))/2 with G = Π_i e^{−γ_i(x_i−x'_i)²/2}, γ = (A+B)/d along w* and A/d
across. Each factor is diagonal in Hermite functions, so every mode is a product of one along w* and one across it, at every d, A, B.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from fmspace_nb.numerics.hermite import hermite_functions
from fmspace_nb.spectrum.labels import Label
from fmspace_nb.spectrum.polar import PolarGrid, PolarRoute


class WaveRoute(PolarRoute):
    """cosine (parity 0) or sine (parity 1) at Γ = bulk·I + spike·w*w*ᵀ."""

    def __init__(self, parity: int, *, dim: int, bulk: float, spike: float, resolution: float = 1.0, extra: int = 0):
        self.parity, self.dim = parity, dim
        self.along, self.across = mehler((bulk + spike) / dim), mehler(bulk / dim)
        self.polar = PolarGrid(dim, 96, 32, min(1 / self.along[2] ** 2, 2 / np.sqrt(dim)), 0.5)

    def pairs(self, sector: int, modes: int):
        """(powers along w*, radial index across it) of the leading modes: λ falls by ρ a power along and by ρ'² a radial index."""
        pairs = [(a, m) for a in range((sector + self.parity) % 2, 4 * modes, 2) for m in range(2 * modes)]
        return sorted(pairs, key=lambda p: (-p[0] * np.log(self.along[1]) - (2 * p[1]) * np.log(self.across[1]), p[1]))[:modes]

    def labels(self, sector: int, modes: int, function) -> list[Label]:
        """Products of a Hermite function along w* and a Laguerre function across it: the label is exact."""
        return [Label(sector + a, a, 1 - 2 * self.parity, m) for a, m in self.pairs(sector, modes)]

    def sector(self, sector: int, modes: int):
        """Eigenvalues (modes,), descending, and the eigenfunctions: (t, r) -> (modes,) + shape, orthonormal in L²(N(0, I))."""
        pairs = self.pairs(sector, modes)
        a, m = np.array(pairs).T
        (first, ratio, _), (first2, ratio2, _) = self.along, self.across
        logs = np.log(first) + a * np.log(ratio) + (self.dim - 1) * np.log(first2) + (sector + 2 * m) * np.log(ratio2)
        return np.exp(logs), lambda t, r: self._functions(sector, a, m, np.asarray(t, dtype=float), np.asarray(r, dtype=float))

    def _functions(self, sector, a, m, t, r):
        narrow, narrow2 = self.along[2], self.across[2]                       # φ_n(t) = √s e^{−(s²−1)t²/4} h_n(s t)
        along = hermite_functions(int(a.max()), narrow * t)[a] * np.sqrt(narrow) * np.exp(-(narrow**2 - 1) * t**2 / 4)
        envelope = np.exp((self.dim - 1) / 2 * np.log(narrow2) - (narrow2**2 - 1) * r**2 / 4)
        return along * (laguerre_functions(self.dim - 1, sector, int(m.max()), narrow2 * r) * envelope)[m]


def mehler(gamma: float) -> tuple[float, float, float]:
    """(λ_0, λ_{n+1}/λ_n, s) of e^{−γ(t−t')²/2} on N(0,1): λ_n φ_n with φ_n = √s e^{−(s²−1)t²/4} h_n(s t), s⁴ = 1 + 4γ."""
    square = np.sqrt(1 + 4 * gamma)
    total = 1 + 2 * gamma + square
    return float(np.sqrt(2 / total)), float(2 * gamma / total), float(np.sqrt(square))


def laguerre_functions(dim: int, degree: int, count: int, r) -> np.ndarray:
    """Radial factors of the polynomials on N(0, I_dim) that carry harmonics of one degree, orthonormal: shape (count + 1,) + r.shape."""
    u, shape = r**2 / 2, dim / 2 - 1 + degree
    values = np.empty((count + 1,) + np.shape(r))
    values[0] = r**degree * np.exp((special.gammaln(dim / 2) - special.gammaln(shape + 1) - degree * np.log(2)) / 2)
    for k in range(count):
        previous = np.sqrt(k * (k + shape)) * values[k - 1] if k else 0.0
        values[k + 1] = ((2 * k + shape + 1 - u) * values[k] - previous) / np.sqrt((k + 1) * (k + 1 + shape))
    return values
