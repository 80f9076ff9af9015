"""Interpolation matrices: exact for polynomials of degree below the number of nodes, to rounding for what is smooth."""

import numpy as np
import pytest

from fmspace_nb.numerics.interpolation import chebyshev, lagrange

AT = np.linspace(-1, 1, 41)


@pytest.mark.parametrize("count", [1, 2, 7, 30])
def test_chebyshev_interpolation_is_exact_below_its_number_of_nodes(count):
    nodes, matrix = chebyshev(count, AT)
    assert nodes.shape == (count,) and matrix.shape == (41, count)
    powers = np.polynomial.chebyshev.chebvander(np.r_[nodes, AT], count)         # degrees 0 … count
    np.testing.assert_allclose(matrix @ powers[:count, :-1], powers[count:, :-1], atol=1e-13 * count)
    assert np.max(np.abs(matrix @ powers[:count, -1] - powers[count:, -1])) == pytest.approx(1, abs=0.02)      # T_count is 0 on the nodes


@pytest.mark.parametrize("nodes", [np.array([0.3]), np.linspace(-1, 1, 8), np.sinh(np.linspace(0.01, 3, 14)) / 10,
                                   np.geomspace(1e-3, 1, 20)])
def test_lagrange_interpolation_is_exact_below_its_number_of_nodes(nodes):
    """Also for uneven nodes, whose barycentric weights differ by twenty orders of magnitude."""
    at = np.linspace(nodes[0], nodes[-1], 33)
    scaled, places = (2 * (x - nodes[0]) / max(np.ptp(nodes), 1) - 1 for x in (nodes, at))
    powers, exact = (np.polynomial.chebyshev.chebvander(x, len(nodes) - 1) for x in (scaled, places))
    amplified = np.sum(np.abs(lagrange(nodes, at)), axis=1).max()                # Lebesgue's constant: what it makes of rounding
    np.testing.assert_allclose(lagrange(nodes, at) @ powers, exact, atol=1e-14 * amplified * len(nodes))


def test_at_the_nodes_themselves_values_stay_as_they_are():
    nodes = np.geomspace(0.01, 1, 9)
    np.testing.assert_array_equal(lagrange(nodes, nodes[[3, 0, 8]]), np.eye(9)[[3, 0, 8]])
    places, matrix = chebyshev(9, np.zeros(0))
    np.testing.assert_allclose(chebyshev(9, places)[1], np.eye(9), atol=1e-14)
    assert matrix.shape == (0, 9)


def test_shapes_follow_the_places():
    assert chebyshev(5, np.zeros((2, 3)))[1].shape == (2, 3, 5)


def test_smooth_functions_converge_geometrically():
    """1/(1 + 4x²) has poles at ±i/2: the error falls by (1 + √5)/2 a node, and Chebyshev nodes amplify no rounding."""
    errors = []
    for count in (10, 20, 40, 160):
        nodes, matrix = chebyshev(count, AT)
        errors.append(np.max(np.abs(matrix @ (1 / (1 + 4 * nodes**2)) - 1 / (1 + 4 * AT**2))))
    rate = ((1 + np.sqrt(5)) / 2) ** -np.array([10, 20])
    np.testing.assert_allclose(np.divide(errors[1:3], errors[:2]), rate, rtol=0.5)
    assert errors[3] < 1e-13
