"""The isotropic kernel (B = 0): its levels, their zonal modes, and how a small spike couples them (MATH.md §4, §6).

With S(x, g) = σ(xᵀΓ^{1/2}g/√d) the kernel is k₁ = E_g[S(x, g) S(x', g)] and S is symmetric: T₁ = S². At B = 0 harmonics of degree k
meet only themselves; S acts on their radial factor by m(k) = E_ω[σ(√(A/d) ‖x‖‖g‖ ω) P_k(ω)], ω a coordinate of the unit sphere.
"""

from __future__ import annotations

import numpy as np

from fmspace_nb.activations import Activation
from fmspace_nb.numerics.harmonics import funk_hecke, mean_power, zonal
from fmspace_nb.numerics.quadrature import gegenbauer_recurrence, polar_radius
from fmspace_nb.spectrum.across import Across


def Levels(sigma: Activation, dim: int, bulk: float):
    """The levels of E[σ(⟨w,x⟩)σ(⟨w,x'⟩)], w ~ N(0, bulk·I/dim)."""
    return (RadialLevels if sigma.homogeneity is None else HomogeneousLevels)(sigma, dim, bulk)


class _Levels:
    def __init__(self, sigma: Activation, dim: int, bulk: float):
        self.sigma, self.dim, self.bulk = sigma, dim, bulk

    def zonal(self, degree: int):
        """The top zonal mode of that degree, unit norm in L²(N(0, I)), positive along w*: a function of (t, r)."""
        radial = self.radial(degree)

        def function(t, r):
            radius = np.hypot(t, r)
            away = np.where(radius > 0, radius, 1.0)
            return radial(radius) * zonal(self.dim, 0, degree, t / away, r / away)[degree]
        return function

    def coupling(self, degree: int):
        """First order in B: (λ_k, λ_{k+2}, ∂⟨R,T₁R⟩/∂B, ∂⟨Q,T₁R⟩/∂B) at B = 0 for R, Q the top zonal modes of degree k, k + 2.

        ∂S/∂B = σ'(·)⟨x,w*⟩⟨g,w*⟩/(2√(bulk·dim)), and multiplying by τ steps the degree by one on either side.
        """
        mu, mu2, above, below = self.signed(degree), self.signed(degree + 2), self.slope(degree, 1), self.slope(degree, -1)
        b = gegenbauer_recurrence(self.dim, degree + 3)
        straight = b[degree + 1] ** 2 * above[0] + b[degree] ** 2 * below
        return mu**2, mu2**2, 2 * mu * straight, (mu + mu2) * b[degree + 1] * b[degree + 2] * above[1]


class HomogeneousLevels(_Levels):
    """One radial factor ‖x‖^p a degree, everything in closed form."""

    def _scaled(self, power: float, sizes, parity: int, degree: int):
        """Funk–Hecke numbers of E‖x‖‖g‖-weighted size·|z|^power: degree parity, parity + 2, …"""
        scale = (self.bulk / self.dim) ** (power / 2) * mean_power(self.dim, 2 * self.sigma.homogeneity)
        return sizes * scale * funk_hecke(power, self.dim, parity, degree)

    def ladder(self, parity: int, count: int):
        """(degree, radial index, eigenvalue) of the levels of that parity, descending."""
        mu = self._scaled(self.sigma.homogeneity, self.sigma.halves[parity], parity, parity + 2 * count)
        return sorted(((parity + 2 * i, 0, float(m**2)) for i, m in enumerate(mu) if m), key=lambda level: -level[2])

    def signed(self, degree: int) -> float:
        parity = degree % 2
        return float(self._scaled(self.sigma.homogeneity, self.sigma.halves[parity], parity, degree)[-1])

    def radial(self, degree: int):
        power = self.sigma.homogeneity
        return lambda radius: radius**power / np.sqrt(mean_power(self.dim, 2 * power))

    def slope(self, degree: int, step: int):
        """⟨·, ‖x‖‖g‖ σ'(…) P_{degree+step}⟩/(2√(bulk·dim)): one number below the degree, a pair (R with R, Q with R) above it."""
        power, size = max(self.sigma.homogeneity, 1e-12), self.sigma.halves[degree % 2]        # a jump: 2δ(z) = lim p|z|^{p−1}
        if degree + step < 0:
            return 0.0
        inner = self._scaled(power - 1, power * size, (degree + 1) % 2, degree + step)[-1] / (2 * np.sqrt(self.bulk * self.dim))
        return (float(inner), float(inner)) if step > 0 else float(inner)


class RadialLevels(_Levels):
    """Any σ: one small symmetric matrix in the radius for each degree."""

    def __init__(self, sigma: Activation, dim: int, bulk: float):
        super().__init__(sigma, dim, bulk)
        self.radius, self.weights, _ = polar_radius(dim, int(6 + 200 / dim) if dim > 18 else 28, 1.0)
        self.product = np.sqrt(bulk / dim) * np.multiply.outer(self.radius, self.radius)
        self._solved, self._samples = {}, {}

    def _matrix(self, degree: int, b, slope: bool = False):
        """E_ω[σ(bω) P_degree(ω)], or of σ', ω a coordinate of the sphere of R^dim."""
        sigma, parity = self.sigma, degree % 2
        if slope:                                                             # breaks where σ breaks; the other parity
            sigma = Activation(f"{sigma.name}'", sigma.derivative, parity=sigma.parity and -sigma.parity, _panels=sigma._panels)
        average = Across(sigma, parity, self.dim + 1, np.sqrt(self.bulk), 1.4)
        if b is not self.product:
            return average.project(average.sample(0.0, b), degree)
        if (parity, slope) not in self._samples:
            self._samples[parity, slope] = average.sample(0.0, b)
        return average.project(self._samples[parity, slope], degree)

    def _solve(self, degree: int):
        """Signed eigenvalues of S on that degree, largest first, and their radial factors at the nodes."""
        if degree not in self._solved:
            root = np.sqrt(self.weights)
            values, vectors = np.linalg.eigh(self._matrix(degree, self.product) * np.multiply.outer(root, root))
            order = np.argsort(-np.abs(values))
            factors = vectors[:, order].T / root
            self._solved[degree] = values[order], factors * np.where(factors @ self.weights < 0, -1.0, 1.0)[:, None]
        return self._solved[degree]

    def ladder(self, parity: int, count: int):
        if self.sigma.parity == 2 * parity - 1:
            return []
        found = [(k, n, float(m**2)) for k in range(parity, parity + 2 * count, 2) for n, m in enumerate(self._solve(k)[0][:count])]
        return sorted(found, key=lambda level: -level[2])[:4 * count]

    def signed(self, degree: int) -> float:
        return float(self._solve(degree)[0][0])

    def radial(self, degree: int):
        values, factors = self._solve(degree)

        def function(at):
            inner = np.sqrt(self.bulk / self.dim) * np.multiply.outer(at, self.radius)
            return self._matrix(degree, inner) @ (self.weights * factors[0]) / values[0]
        return function

    def slope(self, degree: int, step: int):
        if degree + step < 0:
            return 0.0
        charge = self.weights * self.radius / np.sqrt(2 * np.sqrt(self.bulk * self.dim))
        matrix = self._matrix(degree + step, self.product, slope=True) * np.multiply.outer(charge, charge)
        own, other = self._solve(degree)[1][0], self._solve(degree + 2)[1][0]
        return (float(own @ matrix @ own), float(other @ matrix @ own)) if step > 0 else float(own @ matrix @ own)
