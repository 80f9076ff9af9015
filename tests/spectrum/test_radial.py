"""Kinks: radii first, angles after, within the tolerance promised, at any spike."""

import numpy as np
import pytest

from fmspace_nb.activations import activation
from fmspace_nb.spectrum.mercer import mercer
from fmspace_nb.spectrum.radial import RadialRoute


@pytest.mark.parametrize("dim, bulk, ratio", [(2, 0.1, 30.0), (3, 1.0, 1000.0), (10, 1.0, 30.0), (18, 0.1, 0.0)])
def test_a_kink_away_from_zero_is_no_obstacle_in_few_dimensions(dim, bulk, ratio):
    """Hard tanh against the same route at a higher resolution, and its modes against the sum rule."""
    def hardtanh(z):
        return np.clip(z, -1, 1)

    spectrum = mercer(hardtanh, dim=dim, bulk=bulk, spike=ratio * dim, modes=4)
    assert spectrum.error <= 1e-4 and 0 < spectrum.tail < spectrum.trace
    finer = RadialRoute(activation(hardtanh), 1, dim=dim, bulk=bulk, spike=ratio * dim, resolution=1.25)
    for sector in spectrum.sectors:
        np.testing.assert_allclose(sector.eigenvalues, finer.sector(sector.degree, 4)[0], rtol=1e-4)


@pytest.mark.parametrize("sigma", [lambda z: np.clip(z, -1, 1), lambda z: np.maximum(z - 0.5, 0), lambda z: np.clip(z, -0.3, 0.3)])
@pytest.mark.parametrize("dim", [2, 5, 40, 5000])
def test_kinks_are_within_their_tolerance(sigma, dim):
    spectrum = mercer(sigma, dim=dim, spike=0.7 * dim)
    assert np.all(spectrum.eigenvalues > 0) and spectrum.error <= 1e-4
    assert 0 < spectrum.tail < spectrum.trace
