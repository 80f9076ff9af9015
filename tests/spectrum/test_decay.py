"""Eigenvalues by rank, and the limit of their ratio."""

import numpy as np
import pytest

from fmspace_nb.numerics.harmonics import multiplicity
from fmspace_nb.spectrum.decay import at_ranks, weyl_ratio
from fmspace_nb.spectrum.mercer import mercer

RANKS = np.geomspace(1, 1e6, 2000)


def ladder(dim, spike=0.0, sectors=32):
    """Eigenvalues of ReLU at 2000 ranks from 1 to 10⁶."""
    return at_ranks(mercer("relu", dim=dim, spike=spike, sectors=sectors, modes=36), RANKS)


def test_eigenvalues_at_ranks_are_the_levels_in_closed_form():
    degrees = np.array([0, 1, *range(2, 60, 2)])
    top = mercer("relu", dim=8, sectors=1, modes=2).sectors[0].eigenvalues[0]
    values = np.array([top, 1 / 32, *(top * np.cumprod([((k - 1) / (k + 9)) ** 2 for k in range(0, 58, 2)]))])
    ends = np.cumsum([multiplicity(8, int(k)) for k in degrees])
    np.testing.assert_allclose(ladder(8), values[np.searchsorted(ends, RANKS)], rtol=1e-3)
    assert degrees[np.searchsorted(ends, 1e6)] == 22  # as the chapter says


def test_eigenvalues_beyond_what_was_computed_are_not_guessed():
    assert np.isfinite(ladder(8)).all() and np.isnan(ladder(8, sectors=8)[-1])


def test_limit_of_the_ratio_is_the_mean_of_the_measure_s_density():
    """(E Dˢ)^{1/s} with D at 200 000 random points of the sphere."""
    y = np.random.default_rng(0).standard_normal((200_000, 8))
    y /= np.linalg.norm(y, axis=1)[:, None]
    bulk, spike, s = 1.3, 4.0, 7 / 10
    inverse = (1 - y[:, 0] ** 2) / bulk + y[:, 0] ** 2 / (bulk + spike)
    density = inverse**-5.0 / np.sqrt(bulk**7 * (bulk + spike))
    mean, error = np.mean(density**s), np.std(density**s) / np.sqrt(len(y))
    assert weyl_ratio(8, bulk=bulk, spike=spike) == pytest.approx(mean ** (1 / s), rel=4 * error / mean / s)
