"""cosine and sine in closed form: sum rules over all sectors, and each factor against a rule that knows nothing of it."""

import numpy as np
import pytest

from fmspace_nb.numerics.harmonics import multiplicity
from fmspace_nb.numerics.quadrature import gauss_radius
from fmspace_nb.spectrum.waves import WaveRoute, laguerre_functions, mehler


@pytest.mark.parametrize("dim, bulk, spike", [(6, 1.3, 0.0), (9, 0.7, 40.0), (50, 1.0, 100.0), (400, 2.0, 2.0)])
@pytest.mark.parametrize("parity", [0, 1])
def test_eigenvalues_of_all_sectors_exhaust_the_trace_and_the_sum_of_squares(dim, bulk, spike, parity):
    """E k(x,x) and E k(x,x')² of cos⟨w,x⟩ or sin⟨w,x⟩ are Gaussian integrals: products over the coordinates of x."""
    route, gamma = WaveRoute(parity, dim=dim, bulk=bulk, spike=spike), np.full(dim, bulk / dim)
    gamma[0] += spike / dim
    sign = (-1) ** parity
    values = [multiplicity(dim - 1, j) * np.array([np.sum(v), np.sum(v**2)]) for j in range(20) for v in [route.sector(j, 70)[0]]]
    trace = (1 + sign * np.prod((1 + 4 * gamma) ** -0.5)) / 2
    squares = (np.prod((1 + 4 * gamma) ** -0.5) + sign * np.prod((1 + 2 * gamma) ** -1.0)) / 2
    np.testing.assert_allclose(np.sum(values, axis=0), [trace, squares], rtol=1e-9)


@pytest.mark.parametrize("gamma", [0.01, 1.0, 30.0])
def test_mehler_s_formula_diagonalises_a_gaussian(gamma):
    """Eigenvalues and the first eigenfunctions of e^{−γ(t−t')²/2} on N(0,1), by equal steps in t."""
    t = np.arange(-500, 501) * 0.02
    root = np.sqrt(0.02 * np.exp(-t**2 / 2) / np.sqrt(2 * np.pi))
    values, vectors = np.linalg.eigh(np.exp(-gamma * np.subtract.outer(t, t) ** 2 / 2) * np.multiply.outer(root, root))
    first, ratio, narrow = mehler(gamma)
    np.testing.assert_allclose(values[:-5:-1], first * ratio ** np.arange(4), rtol=1e-11, atol=1e-15)
    ground = np.sqrt(narrow) * np.exp(-(narrow**2 - 1) * t**2 / 4)
    for vector, exact in ((vectors[:, -1], ground), (vectors[:, -2], ground * narrow * t)):
        np.testing.assert_allclose(vector * np.sign(vector @ (root * exact)), root * exact, atol=1e-11)


@pytest.mark.parametrize("dim", [1, 2, 9, 999])
@pytest.mark.parametrize("degree", [0, 1, 4])
def test_laguerre_functions_are_orthonormal(dim, degree):
    radius, weights = gauss_radius(dim, 24)
    values = laguerre_functions(dim, degree, 6, radius)
    np.testing.assert_allclose((values * weights) @ values.T, np.eye(7), atol=1e-11)


@pytest.mark.parametrize("dim, spike", [(3, 2.0), (30, 60.0)])
@pytest.mark.parametrize("parity", [0, 1])
def test_modes_descend_and_their_parities_are_those_of_their_powers(dim, spike, parity):
    route = WaveRoute(parity, dim=dim, bulk=1.0, spike=spike)
    t, r, weights = route.grid()
    for sector in range(3):
        values, functions = route.sector(sector, 6)
        psi = functions(t, r)
        np.testing.assert_allclose((psi * weights) @ psi.T, np.eye(6), atol=1e-6)
        np.testing.assert_allclose(functions(-t, r), psi * (-1) ** (sector + parity), rtol=1e-12)
        assert np.all(np.diff(values) <= 1e-15 * values[0])
        labels = route.labels(sector, 6, functions)
        assert all(label.degree % 2 == parity and label.degree - label.legs == sector for label in labels)
