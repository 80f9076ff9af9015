"""The decay of the ordered eigenvalues, which a step keeps (paper, Theorem 2), and where their ratio ends."""

from __future__ import annotations

import math

import numpy as np

from fmspace_nb.numerics.quadrature import gauss_gegenbauer


TIE = 1e-9           # levels that several sectors share are equal to that


def at_ranks(spectrum, ranks) -> np.ndarray:
    """The eigenvalues of a MercerSpectrum at ranks (n,) ≥ 1, each counted as often as its multiplicity says: (n,).

    NaN where a mode that was not computed may rank.
    """
    floor = max(spectrum.sectors[-1].eigenvalues[0], *(sector.eigenvalues[-1] for sector in spectrum.sectors))
    known = spectrum.eigenvalues > floor * (1 + TIE)
    values, last = np.append(spectrum.eigenvalues[known], np.nan), np.cumsum(spectrum.multiplicities[known])
    return values[np.searchsorted(last, ranks)]


def weyl_ratio(dim: int, *, bulk: float, spike: float) -> float:
    """lim λ_j(T₁)/λ_j(T₀) for ReLU as j → ∞, by Weyl's law: (E D(y)ˢ)^{1/s}, y uniform on the sphere, s = (d−1)/(d+2).

    D(y) = (det Γ)^{−1/2} (yᵀΓ⁻¹y)^{−(d+2)/2}; chapter 01 derives it. dim ≥ 2, bulk > 0, spike ≥ 0.
    """
    tau, weights = gauss_gegenbauer(dim, 96)
    relative = spike / (bulk + spike)
    mean = weights @ (1 - relative * tau**2) ** (-(dim - 1) / 2)
    return float(bulk * math.sqrt(1 - relative) * mean ** ((dim + 2) / (dim - 1)))
