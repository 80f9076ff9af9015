"""The half-plane of inputs: its rule integrates, and its interpolation gives back functions of the right parity in every sector."""

import numpy as np
import pytest

from fmspace_nb.spectrum.polar import PolarGrid, nothing


def grid(dim, stretch):
    return PolarGrid(dim, 24, 30 if dim <= 18 else 10, min(0.5, 2 / np.sqrt(dim)), 1.0, stretch)


def points(dim, count=200):
    """Inputs x = t w* + r u as they are drawn."""
    rng = np.random.default_rng(0)
    return rng.standard_normal(count), np.sqrt(rng.chisquare(dim - 1, count))


@pytest.mark.parametrize("dim, stretch", [(2, None), (5, None), (18, None), (40, None), (3000, None), (2, 1.0), (5, 0.8), (18, 0.8)])
def test_weights_integrate_over_gaussian_inputs(dim, stretch):
    polar = grid(dim, stretch)
    moments = [polar.weights @ f for f in (np.ones_like(polar.t), polar.t**2, polar.r**2, polar.t**2 * polar.r**2, polar.t**4)]
    assert moments == pytest.approx([1, 1, dim - 1, dim - 1, 3], rel=1e-7)
    assert np.all(polar.t > 0) and np.all(polar.r >= 0) and np.all(polar.weights >= 0)


@pytest.mark.parametrize("sector", [0, 1, 2, 3])
@pytest.mark.parametrize("flip", [1, -1])
@pytest.mark.parametrize("dim, stretch", [(2, None), (5, None), (18, None), (3000, None), (2, 1.0), (5, 1.0), (5, 0.7), (18, 0.7)])
def test_interpolation_gives_back_functions_of_a_sector_and_a_parity(dim, stretch, flip, sector):
    """ς^j × a smooth function of t and ‖x‖², even or odd in t, at drawn inputs: what a solver asks for between its nodes."""
    polar, (t, r) = grid(dim, stretch), points(dim)
    inside = polar.holds(t, r)
    t, r = t[inside], r[inside]
    assert len(t) > 150

    def function(t, r):
        return (r**2 / dim) ** (sector / 2) * (t if flip < 0 else 1) * (1 + 0.3 * t**2) * np.exp(-0.2 * (t**2 + r**2) / dim)

    between_angles, between_radii = polar.interpolation(np.abs(t), r, sector, flip)
    found = np.sum((between_angles @ function(polar.t, polar.r).reshape(polar.angles, polar.radii)) * between_radii, axis=1)
    exact = function(np.abs(t), r)
    np.testing.assert_allclose(found, exact, atol=1e-7 * np.max(np.abs(exact)))


@pytest.mark.parametrize("dim, stretch", [(5, None), (5, 0.7), (40, None)])
def test_a_grid_holds_its_nodes_and_nothing_beyond_them(dim, stretch):
    polar = grid(dim, stretch)
    assert np.all(polar.holds(polar.t, polar.r)) and np.all(polar.holds(-polar.t, polar.r))
    far = 1.01 * polar.radius[-1]
    assert not np.any(polar.holds(far * polar.tau, far * polar.complement))
    assert not polar.holds(np.array(1.0), np.array(0.99 * polar.complement[-1] / polar.tau[-1]))              # nearer to w* than any node


@pytest.mark.parametrize("dim, stretch", [(5, None), (5, 0.7), (40, None)])
def test_coordinates_of_the_nodes_are_those_of_the_rules(dim, stretch):
    polar = grid(dim, stretch)
    u, v = (x.reshape(polar.angles, polar.radii) for x in polar.coordinates(polar.t, polar.r))
    np.testing.assert_allclose(u, np.broadcast_to(polar.u[:, None], u.shape), rtol=1e-12)
    np.testing.assert_allclose(v, np.broadcast_to(polar.v, v.shape), rtol=1e-12)


def test_a_sector_without_modes_has_the_shapes_of_one():
    values, function = nothing()
    assert values.shape == (0,) and function(np.zeros((4, 1)), np.ones(3)).shape == (0, 4, 3)
