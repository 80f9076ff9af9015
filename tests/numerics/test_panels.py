"""Panels: kinks and jumps are found, what lies between them is resolved, and rules on panels are exact there."""

import numpy as np
import pytest
from scipy import special

from fmspace_nb.activations import activation
from fmspace_nb.numerics.panels import POINTS, composite, gaussian_mean, panels


def test_kinks_and_jumps_are_found():
    np.testing.assert_allclose(activation(lambda z: np.clip(z, -1, 1)).breaks(10), [-1, 1])
    np.testing.assert_allclose(activation(lambda z: (z > 0.7) + np.abs(z + np.pi)).breaks(10), [-np.pi, 0.7], atol=1e-8)
    assert activation(np.tanh).breaks(10).size == 0


def test_a_jump_of_the_second_derivative_is_a_break():
    assert activation(lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0)))).breaks(16.0).tolist() == [0.0]  # elu
    # Huber
    np.testing.assert_allclose(
        activation(lambda z: np.where(np.abs(z) > 1, np.abs(z) - 0.5, z**2 / 2)).breaks(16.0), [-1, 1]
    )
    assert activation(lambda z: np.tanh(50 * z)).breaks(16.0).size == 0


def test_composite_rule_adds_its_panels():
    nodes, weights = composite([0.0, 0.3, 1.0, 2.0])
    assert weights @ nodes**9 == pytest.approx(2**10 / 10, rel=1e-13)
    assert composite(np.zeros((0, 3)))[0].shape == (0, 32)


@pytest.mark.parametrize("points", [2, 5, 16])
def test_composite_rule_is_exact_for_polynomials_row_by_row(points):
    """Degree 2·points − 1 on panels of unequal width, some of width zero, a row of edges at a time."""
    edges = np.array([[-1.0, -0.2, -0.2, 0.7], [0.0, 0.5, 1.0, 1.1]])
    nodes, weights = composite(edges, points)
    assert nodes.shape == weights.shape == (2, 3 * points)
    for power in range(2 * points):
        exact = (edges[:, -1] ** (power + 1) - edges[:, 0] ** (power + 1)) / (power + 1)
        np.testing.assert_allclose(np.sum(weights * nodes**power, axis=1), exact, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    "function", [lambda z: np.tanh(5 * z), lambda z: np.clip(z, -1, 1), lambda z: np.abs(z - 0.3) + np.cos(z)]
)
def test_between_the_edges_a_function_is_a_polynomial(function):
    edges, _ = panels(function, 16.0)
    assert edges[0] == -16 and edges[-1] == 16 and np.all(np.diff(edges) > 0)
    chebyshev, at = np.polynomial.chebyshev, np.linspace(-0.999, 0.999, 40)
    nodes = chebyshev.chebpts1(POINTS)
    wide = np.diff(edges) > 1e-6                                      # not the slivers around a kink
    middle, half = ((edges[1:] + edges[:-1]) / 2)[wide, None], (np.diff(edges) / 2)[wide, None]
    found = chebyshev.chebval(at, chebyshev.chebfit(nodes, function(middle + half * nodes).T, POINTS - 1))
    np.testing.assert_allclose(found, function(middle + half * at), atol=1e-10)


def test_gaussian_means_are_exact_across_kinks_and_jumps():
    density = np.exp(-0.5) / np.sqrt(2 * np.pi)
    assert gaussian_mean(np.abs) == pytest.approx(np.sqrt(2 / np.pi), rel=1e-13)
    # a jump is found to 1e-9
    assert gaussian_mean(lambda z: (z > 0.3) * 1.0) == pytest.approx(special.ndtr(-0.3), rel=1e-7)
    assert gaussian_mean(lambda z: np.maximum(z - 1, 0)) == pytest.approx(density - special.ndtr(-1), rel=1e-9)


def test_a_function_too_rough_for_panels_is_refused():
    with pytest.raises(ValueError, match="do not resolve the function"):
        panels(lambda z: np.sin(1 / (np.abs(z) + 1e-30)), 16.0)
