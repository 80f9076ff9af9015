"""Sectors of T₁ for homogeneous σ: the radius integrates out and each sector is a problem on τ = t/‖x‖ alone (MATH.md §5).

x = t w* + r u, τ = t/‖x‖, ς = √(1−τ²). For σ = size·|z|^p (parity 0) or size·sign(z)|z|^p (parity 1) the eigenfunctions of sector j
are ‖x‖^p f(τ) Y_j(u). Two ways to find f, each where it is the accurate one:
- `HarmonicRoute`, weak spikes: k₁(x,x') = k₀(Γ^{1/2}x, Γ^{1/2}x') and k₀ = Σ_k μ_k² Y_k Y_k' with μ_k in closed form, so A_j = F Fᵀ
  with columns μ_k Y_k(Γ^{1/2}x̂). The corner of κ at ρ = ±1 is never integrated; the tiniest eigenvalues keep their relative accuracy.
- `KernelRoute`, strong spikes: Nyström on graded nodes with κ in closed form, averaged over the angle ω across w*.
"""

from __future__ import annotations

import numpy as np

from fmspace_nb.numerics import dual
from fmspace_nb.numerics.harmonics import funk_hecke, gegenbauer, mean_power, zonal
from fmspace_nb.numerics.quadrature import gauss_gegenbauer, graded_angle
from fmspace_nb.spectrum.labels import Label
from fmspace_nb.spectrum.polar import nothing


class HomogeneousRoute:
    """One homogeneous half of σ at one Γ = bulk·I + spike·w*w*ᵀ; `resolution` scales the number of nodes and columns, `extra` adds to it."""

    def __init__(self, power: float, size: float, parity: int, *, dim: int, bulk: float, spike: float, resolution: float = 1.0, extra: int = 0):
        self.power, self.size, self.parity, self.dim, self.bulk, self.spike = power, size, parity, dim, bulk, spike
        self.ratio, self.resolution, self.extra = 1 + spike / bulk, resolution, extra
        grade = min(1 / np.sqrt(self.ratio), 1 / np.sqrt(dim))
        self.tau, self.complement, self.weights, self.u = graded_angle(dim, int(self.points() * resolution) + extra, grade)

    def on_plane(self, polar):
        """f(τ, ς) as the eigenfunction ‖x‖^p f/√E‖x‖^{2p} of (t, r): unit norm in L²(N(0, I))."""
        norm = np.sqrt(mean_power(self.dim, 2 * self.power))

        def function(t, r):
            radius = np.hypot(t, r)
            away = np.where(radius > 0, radius, 1.0)
            return radius**self.power / norm * polar(t / away, np.where(radius > 0, r / away, 1.0))
        return function

    def grid(self):
        """(t, r, weights) with E[f] = Σ weights f(t, r) for products f of two eigenfunctions of one parity."""
        radius = mean_power(self.dim, 2 * self.power) ** (0.5 / self.power) if self.power else 1.0
        return radius * self.tau, radius * self.complement, self.weights

    def labels(self, sector: int, modes: int, function) -> list[Label]:
        """One radial factor, so the i-th mode comes from the i-th level: the degrees k ≥ sector whose μ_k does not vanish, in order."""
        degrees = np.arange(self.parity, sector + 2 * modes + 2, 2)
        alive = funk_hecke(self.power, self.dim, self.parity, degrees[-1]) != 0
        return [Label(int(k), int(k) - sector, 1 - 2 * self.parity) for k in degrees[alive & (degrees >= sector)][:modes]]

    def stretched(self, tau, complement):
        """‖Γ^{1/2}x̂‖² and the polar coordinates (τ, ς) of the direction of Γ^{1/2}x̂."""
        square = self.bulk + self.spike * tau**2
        return square, np.sqrt((self.bulk + self.spike) / square) * tau, np.sqrt(self.bulk / square) * complement


class HarmonicRoute(HomogeneousRoute):
    """A_j = F Fᵀ, columns = harmonics of Γ^{1/2}x̂ of degree ≤ `degree`; they decay like k^{-p-1/2} (B/Ad)^{k/2} or faster."""

    def points(self) -> int:
        return 40

    def degree(self, sector: int) -> int:
        if self.power % 2 == self.parity:
            return int(self.power)
        wide = self.dim > 8 and self.ratio > 4          # there B/Ad < 0.1 ends the sum, elsewhere √(A/(A+B)) does
        return sector + 2 * self.extra + int(self.resolution * (44 if wide else 24 + 12 * np.sqrt(self.ratio)))

    def sector(self, sector: int, modes: int):
        """Eigenvalues (n ≤ modes,), descending, and the eigenfunctions: (t, r) -> (n,) + shape, orthonormal in L²(N(0, I))."""
        degrees = np.arange(self.parity, self.degree(sector) + 1, 2)
        mu = np.abs(self.size * funk_hecke(self.power, self.dim, self.parity, degrees[-1]))
        kept = (degrees >= sector) & (mu > 0)
        degrees, mu = degrees[kept], mu[kept] * mean_power(self.dim, 2 * self.power) * self.dim ** (-self.power / 2)
        if not degrees.size:
            return nothing()

        def columns(tau, complement):
            square, tau, complement = self.stretched(tau, complement)
            harmonics = zonal(self.dim, sector, degrees[-1], tau, complement)[degrees - sector]
            return np.moveaxis(harmonics, 0, -1) * mu * square[..., None] ** (self.power / 2)

        factor = columns(self.tau, self.complement) * np.sqrt(self.weights)[:, None]
        # columns shrink by orders of magnitude: a QR first keeps small singular values accurate relative to themselves
        _, singular, right = np.linalg.svd(np.linalg.qr(factor, mode="r"), full_matrices=False)
        singular, right = singular[:modes], right[:modes]
        singular = singular[singular > 0]
        rotation = (right[:len(singular)] / singular[:, None]).T
        return singular**2, self.on_plane(lambda tau, complement: np.moveaxis(columns(tau, complement) @ rotation, -1, 0))


class KernelRoute(HomogeneousRoute):
    """Nyström with the closed-form dual kernel; few dimensions need more nodes, for κ has a corner at ρ = ±1."""

    def points(self) -> int:
        return {2: 180, 3: 120, 4: 80, 5: 64, 6: 56}.get(self.dim, 40)

    def rho(self, tau, complement, omega):
        """Correlations between points and nodes (…, nodes, ω), with the product of the norms (…, nodes) and dρ/dω."""
        square, tau, complement = self.stretched(tau, complement)
        square0, tau0, complement0 = self.stretched(self.tau, self.complement)
        slope = np.multiply.outer(complement, complement0)
        rho = np.multiply.outer(tau, tau0)[..., None] + slope[..., None] * omega
        return np.clip(rho, -1.0, 1.0), np.multiply.outer(square, square0) ** (self.power / 2), slope

    def rows(self, sector: int, tau, complement):
        """E_ω[κ P_j(ω)] between points and nodes. In many dimensions by Rodrigues' formula, E_D[f P_j] = E_{D+2j}[f^(j)]/∏(D+2i),

        because κ P_j itself averages to something far smaller than either.
        """
        dim, smooth = self.dim - 1, self.dim > 12 and sector > 0
        omega, mass = gauss_gegenbauer(dim + 2 * sector * smooth, int((24 if dim > 12 else 40) * self.resolution))
        rho, norms, slope = self.rho(tau, complement, omega)
        if smooth:
            steps = np.prod(dim + 2.0 * np.arange(sector))
            profile = dual.homogeneous_profile(self.power, self.parity, rho, sector) @ mass * slope**sector / steps
        else:
            profile = dual.homogeneous_profile(self.power, self.parity, rho) @ (mass * gegenbauer(dim, sector, omega))
        return self.size**2 * mean_power(self.dim, 2 * self.power) / self.dim**self.power * norms * profile

    def sector(self, sector: int, modes: int):
        """Eigenvalues and eigenfunctions as for `HarmonicRoute`; the functions by Nyström's extension."""
        root = np.sqrt(self.weights)
        values, vectors = np.linalg.eigh(self.rows(sector, self.tau, self.complement) * np.multiply.outer(root, root))
        values, vectors = values[::-1][:modes], vectors[:, ::-1][:, :modes]
        kept = values > 1e-14 * values[0]
        values, samples = values[kept], vectors[:, kept] * root[:, None] / values[kept]
        return values, self.on_plane(lambda tau, complement: np.moveaxis(self.rows(sector, tau, complement) @ samples, -1, 0))


def route(power: float, size: float, parity: int, *, dim: int, bulk: float, spike: float, resolution: float = 1.0,
          extra: int = 0) -> HomogeneousRoute:
    """The route that is accurate at this Γ."""
    weak = spike < 0.1 * bulk * dim or spike < 16 * bulk or power % 2 == parity        # the last: a polynomial, of finite rank
    kind = HarmonicRoute if weak else KernelRoute
    return kind(power, size, parity, dim=dim, bulk=bulk, spike=spike, resolution=resolution, extra=extra)
