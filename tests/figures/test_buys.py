"""Chapter 07's pictures: lines predicted without the experiment, points measured without the theory."""

import math

import numpy as np
import pytest

from fmspace_nb.covariance import SpikedCovariance
from fmspace_nb.experiments.problems import STEPS, WIDTH_RATIOS, curve_places
from fmspace_nb.figures import buys
from fmspace_nb.kernel import conjugate_kernel
from fmspace_nb.ridge import RIDGES, kernel_ridge
from fmspace_nb.targets import target


def trace(figure, name):
    return next(t for t in figure.data if (t.name or "").startswith(name))


def pairs(**parameters):
    """(measured / predicted, its standard error) of the four learning curves at N = 64, 128, 256; shape (4, 3)."""
    figure, ratios, errors = buys.learning_curves(**parameters), [], []
    for line, points in zip(figure.data[:8:2], figure.data[1:8:2], strict=True):
        drawn = np.isfinite(line.y)
        predicted = np.exp(np.interp(np.log(points.x), np.log(line.x[drawn]), np.log(line.y[drawn])))
        ratios.append((np.asarray(points.y) / predicted)[2:5])
        errors.append((np.asarray(points.error_y.array) / predicted)[2:5])
    return np.array(ratios), np.array(errors)


def test_before_the_step_prediction_and_experiment_agree():
    """25 draws (five widths, five seeds each): the mean over N and widths within 3 standard errors of 4 % or less."""
    ratios = np.array([pairs(width_ratio=ratio)[0][:2].mean(axis=1) for ratio in WIDTH_RATIOS])  # (widths, 2)
    error = ratios.std(axis=0, ddof=1) / math.sqrt(len(WIDTH_RATIOS))
    assert np.all(error < 0.04)
    assert np.all(np.abs(ratios.mean(axis=0) - 1) < 3 * error)


@pytest.mark.parametrize("step, allowed", [(97.9, 0.08), (306.0, 0.12)])
def test_after_the_step_a_real_network_follows_its_prediction(step, allowed):
    """Width, data and the spike's direction are all in the prediction; few heavy-tailed modes now carry the target."""
    ratios = np.array([pairs(width_ratio=ratio, step_size=step)[0][2:].mean(axis=1) for ratio in WIDTH_RATIOS])
    assert np.all(np.abs(ratios.mean(axis=0) - 1) < allowed)


def test_far_beyond_d_the_network_does_worse_than_a_gaussian_bulk_allows():
    ratios = np.array([pairs(width_ratio=ratio, step_size=3000.0)[0][3].mean() for ratio in WIDTH_RATIOS])
    assert ratios.mean() > 1.25


def test_width_and_direction_matter_to_the_network():
    """The kernel's curve in place of the network's would be wrong by a factor: the agreement above is no accident."""
    figure = buys.learning_curves(step_size=97.9, width_ratio=1.0)
    kernel, points = trace(figure, "kernel after"), figure.data[7]
    drawn = np.isfinite(kernel.y)
    predicted = np.exp(np.interp(np.log(points.x), np.log(kernel.x[drawn]), np.log(kernel.y[drawn])))
    assert np.all((np.asarray(points.y) / predicted)[3:5] > 1.5)


def test_no_step_teaches_relu_an_odd_function():
    floor = 1 - (math.exp(-0.5) ** 2) / ((1 - math.exp(-2)) / 2)  # E[sin z · z]² / E sin²
    for step in (10.0, 306.0, 3000.0):
        figure = buys.learning_curves(step_size=step, target="sine")
        curve = trace(figure, "after, eigenframework alone")
        assert curve.y[-1] == pytest.approx(floor, rel=0.05) and np.min(curve.y) > 0.99 * floor
        assert np.nanmin(trace(figure, "kernel after").y) > 0.99 * floor


@pytest.mark.parametrize("step", [97.9, 306.0, 959.0, 3000.0])
def test_after_the_step_kernel_ridge_regression_is_where_the_thick_line_is(step):
    """25 draws: within 3 standard errors over the widths; from η = 5 d on the thin line is 15 % lower and more."""
    found = np.array([pairs(width_ratio=ratio, step_size=step)[0][2] for ratio in WIDTH_RATIOS])
    error = found.mean(axis=1).std(ddof=1) / math.sqrt(len(WIDTH_RATIOS))
    assert abs(found.mean() - 1) < 3 * error and error < 0.055
    figure = buys.learning_curves(step_size=step)
    thin, thick = trace(figure, "after, eigenframework alone").y, trace(figure, "kernel after").y
    assert step < 5 * 60 or np.nanmin(thin / thick) < 0.85


def test_samples_needed_fall_once_the_step_is_of_the_order_of_the_dimension():
    figure = buys.samples_needed(width_ratio=2.0, error=0.2)
    line, points, start = trace(figure, "kernel after"), figure.data[2], trace(figure, "kernel before").y[0]
    assert line.y[0] == pytest.approx(start, rel=0.15)
    assert np.nanmin(line.y) < start / 30
    found = np.asarray(points.y)
    assert found[0] > 20 * found[-1]
    error = np.asarray(points.error_y.array)
    assert np.all(np.abs(found - line.y) < 3 * error + 0.1 * line.y)


def test_the_chapters_numbers_are_those_of_the_picture():
    """At the start of the sliders."""
    assert trace(buys.samples_needed(), "kernel before").y[0] == pytest.approx(1064, abs=1)
    here = [float(trace(buys.samples_needed(step_size=step), "you are here").y[0])
            for step in (16.0, 64.0, 640.0, 3000.0)]
    assert here == pytest.approx([960, 367, 24.7, 20.2], rel=0.01)


@pytest.mark.parametrize("step, draws", [(64.0, 40), (300.0, 200), (640.0, 300), (3000.0, 300)])
def test_samples_needed_are_those_of_simulations(step, draws):
    """Kernel ridge regression from so many samples has the error asked for, .2 of the label power, at its best ridge.

    Within 3 standard errors, of 5 % or less; 20 % fewer samples would not do.
    """
    place = curve_places("relu", "mixed", 4.0, step)["kernel"]
    kernel = conjugate_kernel("relu", SpikedCovariance(64, bulk=place["bulk"], spike=place["spike"]))
    needed = float(trace(buys.samples_needed(step_size=step), "you are here").y[0])
    link, rng, found = target("mixed").link, np.random.default_rng(1), {}
    for samples in (round(needed), round(0.8 * needed)):
        errors = []
        for _ in range(draws):
            x, fresh = rng.standard_normal((samples, 64)), rng.standard_normal((400, 64))
            fit = kernel_ridge(kernel(x), kernel(fresh, x), link(x[:, 0]), ridge=RIDGES[:5])
            errors.append(np.mean((fit - link(fresh[:, 0])) ** 2, axis=1))
        best = np.argmin(np.mean(errors, axis=0))
        found[samples] = np.mean(errors, axis=0)[best], np.std(errors, axis=0)[best] / math.sqrt(draws)
    (mean, error), (fewer, _) = found.values()
    assert error < 0.05 * mean and abs(mean - 0.3) < 3 * error
    assert fewer > mean + 2 * error


def test_crossing_is_where_a_power_law_says():
    samples = np.geomspace(1, 1000, 7)
    assert buys._crossing(samples, 5 / samples, 0.1) == pytest.approx(50)
    assert all(math.isnan(buys._crossing(samples, 5 / samples, level)) for level in (1e-3, 6.0))


def test_enough_is_where_less_than_a_tenth_is_left_to_save():
    needed = np.full(len(STEPS), 100.0)
    assert buys._enough(needed) == math.inf
    needed[:5] = 200.0
    assert buys._enough(needed) == STEPS[5]
    assert buys._enough(np.r_[needed[:-1], np.nan]) == math.inf


def test_lines_and_points_are_drawn_for_the_same_step():
    figure = buys.learning_curves(step_size=300.0, width_ratio=2.2)
    assert "Step size 306" in figure.layout.meta["alt"] and "width 128" in figure.layout.meta["alt"]
    assert buys.nearest(STEPS, 1e9) == STEPS[-1] and buys.nearest(WIDTH_RATIOS, 1e-9) == WIDTH_RATIOS[0]


def test_reader_stands_at_the_step_size():
    here = trace(buys.samples_needed(step_size=123.0), "you are here")
    assert here.x[0] == 123.0 and math.isfinite(here.y[0])
