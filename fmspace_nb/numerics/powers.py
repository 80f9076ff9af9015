"""Whether a function, or one half of it, is a power of its argument."""

from __future__ import annotations

import numpy as np

from fmspace_nb.numerics.hermite import REACH


def as_power(z, half) -> tuple[float | None, float]:
    """(p, size) if these values at z, z[1] = 1 and z[2] = 2, are size·z^p, else (None, 1)."""
    if abs(half[1]) < 1e-300 or half[2] / half[1] < 0.99:
        return None, 1.0
    power = round(float(np.log2(half[2] / half[1])), 9)
    return (power, float(half[1])) if np.allclose(half, half[1] * z**power, rtol=1e-12, atol=0) else (None, 1.0)


def homogeneous_halves(function, z):
    """(p, even, odd) if the function is homogeneous of a degree p in [0, 6], else None."""
    right, left = (np.asarray(function(np.array([s, 2 * s])), dtype=float) for s in (1.0, -1.0))
    strong = right if abs(right[0]) >= abs(left[0]) else left
    if strong[0] == 0 or strong[1] / strong[0] < 0.99:
        return None
    power = round(float(np.log2(strong[1] / strong[0])), 9)
    z = np.r_[-far(function), z, far(function)]
    expected = np.abs(z) ** power * np.where(z > 0, right[0], left[0])
    away = z != 0
    if power > 6 or np.max(np.abs(function(z) - expected)[away] / (1e-12 + np.abs(expected[away]))) > 1e-9:
        return None
    return power, float(right[0] + left[0]) / 2, float(right[0] - left[0]) / 2


def far(function) -> np.ndarray:
    """Arguments z > 13, beyond which no N(0,1) reaches but spikes do, at which the function is finite on both sides."""
    z = np.geomspace(REACH, 1e4, 120)
    with np.errstate(all="ignore"):
        try:
            right, left = (np.asarray(function(sign * z), dtype=float) for sign in (1, -1))
            return z[np.isfinite(right) & np.isfinite(left)]
        except ValueError:                                     # a function that checks its arguments
            return z[:0]
