"""Chapter 05's pictures: growth by legs, what the expansion leaves, and eigenfunctions as surfaces."""

import math

import numpy as np
import pytest

from fmspace_nb.covariance import typical_conditional
from fmspace_nb.experiments.trials import sizes
from fmspace_nb.figures import reshaped


def relative_spike(step_size, width_ratio=2.0, dim=100):
    width, samples = sizes(dim, width_ratio, 4.0)
    gamma = typical_conditional("relu", "tanh", dim=dim, width=width, samples=samples, step_size=step_size)
    return gamma.spike / gamma.bulk


def named(figure, name):
    return next(trace for trace in figure.data if trace.name == name)


def along(trace, x):
    return np.exp(np.interp(np.log(x), np.log(trace.x), np.log(trace.y)))


@pytest.mark.parametrize("step_size, width_ratio", [(3, 2.0), (150, 0.5), (1000, 8.0)])
def test_linear_diamonds_are_theorem_4(step_size, width_ratio):
    growth = named(reshaped.amplification(step_size=step_size, width_ratio=width_ratio), "you are here").y
    np.testing.assert_allclose(growth[:2], [1, 1 + relative_spike(step_size, width_ratio)], rtol=1e-8)


def test_what_the_mode_with_two_legs_loses_depends_on_spike_over_dimension():
    """The level repulsion that the chapter reads off at η = d: 16 % at d = 50 and at d = 200."""
    for dim in (50, 200):
        growth = named(reshaped.amplification(step_size=dim, dim=dim), "you are here").y
        assert growth[4] / growth[1] ** 2 == pytest.approx(0.84, abs=0.01)


def test_real_networks_grow_as_the_exact_lines_do():
    """Below η = d, six networks: each point within four standard errors, or 5 % where they all agree."""
    figure = reshaped.amplification(width_ratio=2.0)
    lines = [trace for trace in figure.data if trace.name.startswith("degree")]
    points = [trace for trace in figure.data if trace.name == "real networks"]
    assert len(lines) == len(points) == 5
    for line, found in zip(lines, points, strict=True):
        early = np.asarray(found.x) < 100
        off = np.abs(np.asarray(found.y) / along(line, found.x) - 1)[early]
        assert np.all(
            off < np.maximum(4 * np.asarray(found.error_y.array)[early] / along(line, np.asarray(found.x)[early]), 0.05)
        ), line.name


def test_blue_line_is_the_linear_mode_s_share_of_the_spike():
    for dim in (50, 200):
        figure = reshaped.expansion(dim=dim)
        line = named(figure, "k₁ − k₀")
        relative = [relative_spike(step, dim=dim) for step in line.x]
        np.testing.assert_allclose(line.y, np.divide(relative, 4 * dim), rtol=1e-6)


@pytest.mark.parametrize("dim", [50, 100, 200])
def test_each_order_falls_one_power_faster_and_they_cross_near_a_quarter_of_the_dimension(dim):
    figure = reshaped.expansion(dim=dim)
    blue, orange, red = (named(figure, name) for name in ("k₁ − k₀", "first order leaves", "second order leaves"))
    ratio = 4 * np.asarray(blue.y)  # B/d, A = 1
    small = ratio < 1e-3
    for power, line in ((2, orange), (3, red)):
        slope = np.polyfit(np.log(ratio[small]), np.log(np.asarray(line.y)[small]), 1)[0]
        assert slope == pytest.approx(power, abs=0.02)
    crossing = ratio[np.argmax(np.asarray(red.y) > np.asarray(orange.y))]
    assert 0.2 < crossing < 0.4


def test_sampled_inputs_lie_on_the_remainders():
    """Within four standard errors and the 15 % by which 300 inputs see an operator norm too small in up to 200
    dimensions."""
    for dim in (50, 200):
        figure = reshaped.expansion(dim=dim)
        lines = [named(figure, name) for name in ("k₁ − k₀", "first order leaves", "second order leaves")]
        for line, found in zip(lines, (trace for trace in figure.data if trace.name == "sampled inputs"), strict=True):
            seen = np.isfinite(found.x)
            x, y, error = (np.asarray(v, dtype=float)[seen] for v in (found.x, found.y, found.error_y.array))
            assert seen.sum() >= 4 and np.all(np.abs(y / along(line, x) - 1) < 4 * error / along(line, x) + 0.15), (
                line.name
            )


def test_a_dimension_without_remainders_is_refused():
    with pytest.raises(ValueError, match="dim must be one of 50, 100, 200, got 30"):
        reshaped.expansion(dim=30)


def surface(**values):
    mesh = reshaped.sphere(**values).data[0]
    return mesh, np.stack([mesh.x, mesh.y, mesh.z], axis=-1).reshape(33, 37, 3)


def test_the_top_mode_is_a_round_sphere_before_the_step_and_leans_up_after():
    before, after = (np.linalg.norm(surface(step_size=step)[1], axis=-1) for step in (0.1, 100.0))
    np.testing.assert_allclose(before, 1, atol=1e-3)
    assert after[0].min() > 1.5 > 0.5 > after[16].max()


@pytest.mark.parametrize("mode", ["top even mode", "second even mode", "linear mode along w*", "linear mode across"])
@pytest.mark.parametrize("step_size", [1.0, 30.0])
def test_surfaces_have_mean_square_one_over_the_sphere(mode, step_size):
    """For a σ of degree one, E ψ² = 1 over N(0, I) is the mean of ψ² over ‖x‖ = √3."""
    mesh, points = surface(mode=mode, step_size=step_size)
    squares = (points**2).sum(-1)
    np.testing.assert_allclose(squares.ravel(), np.asarray(mesh.intensity) ** 2, rtol=1e-9, atol=1e-12)
    ring = squares[:, :-1].mean(axis=1) * np.sin(np.linspace(0, math.pi, 33)) / 2
    assert np.sum(ring[1:] + ring[:-1]) / 2 * math.pi / 32 == pytest.approx(1, abs=5e-3)


def test_the_mesh_is_closed():
    """Every side of a triangle is the side of one other, once the seam and the poles are sewn."""
    mesh, points = surface(mode="top even mode", step_size=1.0)
    _, sewn = np.unique(points.reshape(-1, 3).round(9), axis=0, return_inverse=True)
    triangles = sewn.ravel()[np.stack([mesh.i, mesh.j, mesh.k], axis=-1)]
    triangles = [t for t in triangles if len(set(t)) == 3]  # at a pole half of them have no area
    sides = [tuple(sorted(side)) for a, b, c in triangles for side in ((a, b), (b, c), (c, a))]
    assert set(np.unique(sides, axis=0, return_counts=True)[1]) == {2}
