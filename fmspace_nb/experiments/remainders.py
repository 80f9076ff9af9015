"""What the expansion of k₁ in the spike leaves, in operator norm: exact, and on sampled inputs; ReLU, A = 1."""

from __future__ import annotations

import numpy as np

from fmspace_nb.covariance import SpikedCovariance
from fmspace_nb.expansion import expansion_terms, remainder_norm
from fmspace_nb.experiments.problems import stops
from fmspace_nb.kernel import conjugate_kernel

ORDERS = (0, 1, 2)
DIMS = (50, 100, 200)
EXACT = stops(0.01, 3000, 12)  # spikes B at which remainders are computed …
SAMPLED = stops(0.1, 1000, 6)  # … and measured
_INPUTS = 300


def exact_remainder(*, dim, spike, seed) -> dict:
    """‖T_R‖ on L²(N(0, I)) of the remainder of each order; nothing in it is drawn."""
    return {f"order_{order}": remainder_norm("relu", dim=dim, spike=spike, order=order) for order in ORDERS}


def sampled_remainder(*, dim, spike, seed) -> dict:
    """The same on 300 inputs: the largest |eigenvalue| of the remainder's Gram matrix over their number."""
    x, gamma = np.random.default_rng(seed).standard_normal((_INPUTS, dim)), SpikedCovariance(dim, spike=spike)
    rest = conjugate_kernel("relu", gamma)(x) - np.cumsum(expansion_terms("relu", gamma, max(ORDERS), x), axis=0)
    norms = np.abs(np.linalg.eigvalsh(rest)).max(axis=1) / _INPUTS
    return {f"order_{order}": float(norm) for order, norm in zip(ORDERS, norms, strict=True)}
