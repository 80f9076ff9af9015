"""The square root of T₁: what it finds for ReLU and for waves is what one variable and closed forms give."""

import numpy as np
import pytest

from fmspace_nb.activations import activation
from fmspace_nb.spectrum.mercer import mercer
from fmspace_nb.spectrum.radial import RadialRoute
from fmspace_nb.spectrum.root import RootRoute, largest
from fmspace_nb.spectrum.waves import WaveRoute


@pytest.mark.parametrize("route, dim, spike", [(RootRoute, 40, 20.0), (RootRoute, 300, 848.0), (RadialRoute, 2, 60.0),
                                                (RadialRoute, 3, 3000.0), (RadialRoute, 9, 4.0)])
def test_relu_by_two_variables_is_relu_by_one(route, dim, spike):
    """The solvers for any σ know nothing of homogeneity: (t, r) gives what τ alone gives."""
    spectrum = mercer("relu", dim=dim, spike=spike, modes=4)
    for parity in (0, 1):
        plane = route(activation("relu"), parity, dim=dim, bulk=1.0, spike=spike)
        for sector in spectrum.sectors:
            line = [value for value, label in zip(sector.eigenvalues, sector.labels) if label.parity == 1 - 2 * parity]
            np.testing.assert_allclose(plane.sector(sector.degree, 4)[0][:len(line)], line, rtol=1e-6)


@pytest.mark.parametrize("name, parity", [("cosine", 0), ("sine", 1)])
@pytest.mark.parametrize("dim, spike", [(5, 2.0), (12, 30.0), (20, 30.0), (400, 20.0)])
def test_waves_by_the_root_are_the_closed_form(name, parity, dim, spike):
    """Eigenvalues down to 1e-12 of the largest; the first eigenfunction up to its sign, on points of its own."""
    place = {"dim": dim, "bulk": 1.1, "spike": spike}
    exact, found = WaveRoute(parity, **place), RootRoute(activation(name), parity, **place, resolution=1.4)
    rng = np.random.default_rng(0)
    t, r = rng.standard_normal(50), np.sqrt(rng.chisquare(dim - 1, 50))
    for sector in range(3):
        (values, functions), (closed, products) = found.sector(sector, 4), exact.sector(sector, 4)
        np.testing.assert_allclose(values, closed, rtol=1e-6)
        psi, phi = functions(t, r)[0], products(t, r)[0]
        np.testing.assert_allclose(psi * np.sign(psi @ phi), phi, atol=1e-5 * np.max(np.abs(phi)))


def test_largest_eigenpairs_are_those_of_a_full_decomposition():
    rng = np.random.default_rng(1)
    basis, values = np.linalg.qr(rng.standard_normal((300, 300)))[0], (-1.0) ** np.arange(300) * 0.6 ** np.arange(300)
    for size in (300, 100):                                           # by iteration, and directly
        matrix = (basis[:size, :size] * values[:size]) @ basis[:size, :size].T
        full, vectors = np.linalg.eigh(matrix)
        order = np.argsort(-np.abs(full))[:6]
        found, rotated = largest(matrix, 6)
        np.testing.assert_allclose(found, full[order], atol=1e-13)
        np.testing.assert_allclose(np.abs(np.sum(rotated * vectors[:, order], axis=0)), 1, atol=1e-9)
