"""Chapter 07's pictures: lines predicted without the experiment, points measured without the theory, and how near they are."""

import math

import numpy as np
import pytest

from fmspace_nb.covariance import predict_covariance
from fmspace_nb.experiments import data
from fmspace_nb.experiments.measurements import FIGURE1, STEPS, WIDTH_RATIOS, centre, figure1_covariance
from fmspace_nb.figures import buys
from fmspace_nb.mixing import mode_mixing


def trace(figure, name):
    return next(t for t in figure.data if (t.name or "").startswith(name))


def pairs(**parameters):
    """(measured / predicted, standard error / predicted) of the four learning curves, from 64 samples on; shape (4, 5)."""
    figure, ratios, errors = buys.learning_curves(**parameters), [], []
    for line, points in zip(figure.data[::2], figure.data[1::2]):
        predicted = np.exp(np.interp(np.log(points.x), np.log(line.x), np.log(line.y)))
        ratios.append((np.asarray(points.y) / predicted)[2:])
        errors.append((np.asarray(points.error_y.array) / predicted)[2:])
    return np.array(ratios), np.array(errors)


def test_before_the_step_prediction_and_experiment_agree():
    """25 draws (five widths, five seeds each): the mean over N and widths within 3 standard errors, which are below 3 %."""
    ratios = np.array([pairs(width_ratio=ratio)[0][:2].mean(axis=1) for ratio in WIDTH_RATIOS])  # (widths, kernel or network)
    error = ratios.std(axis=0, ddof=1) / math.sqrt(len(WIDTH_RATIOS))
    assert np.all(error < 0.033)
    assert np.all(np.abs(ratios.mean(axis=0) - 1) < 3 * error)
    assert np.all(np.abs(ratios.mean(axis=0) - 1.1) > 3 * error)  # a prediction 10 % too low would not pass


@pytest.mark.parametrize("step, allowed", [(97.9, 0.12), (306.0, 0.2)])
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
    assert np.all((np.asarray(points.y) / np.exp(np.interp(np.log(points.x), np.log(kernel.x), np.log(kernel.y))))[3:] > 1.5)


def test_no_step_teaches_relu_an_odd_function():
    floor = 1 - (math.exp(-0.5) ** 2) / ((1 - math.exp(-2)) / 2)  # E[sin z · z]² / E sin²
    for step in (10.0, 306.0, 3000.0):
        curve = trace(buys.learning_curves(step_size=step, target="sine"), "kernel after")
        assert curve.y[-1] == pytest.approx(floor, rel=0.05) and np.min(curve.y) > 0.99 * floor


def test_samples_needed_fall_once_the_step_is_of_the_order_of_the_dimension():
    figure = buys.samples_needed(width_ratio=2.0, error=0.2)
    line, points, start = trace(figure, "kernel after"), figure.data[2], trace(figure, "kernel before").y[0]
    assert line.y[0] == pytest.approx(start, rel=0.15)
    assert np.nanmin(line.y) < start / 30
    found = np.asarray(points.y)
    assert found[0] > 20 * found[-1]
    many = found > 64  # with few samples the theory promises too much
    assert np.all(np.abs(found / np.exp(np.interp(np.log(points.x), np.log(line.x), np.log(line.y))) - 1)[many] < 0.2)


def test_a_tenth_of_the_samples_is_saved_at_twice_root_d_and_nearly_all_at_ten_d():
    """The numbers of the chapter, at the start of its sliders."""
    line = trace(buys.samples_needed(), "kernel after")
    start = trace(buys.samples_needed(), "kernel before").y[0]
    twice_root, dim, ten = (float(trace(buys.samples_needed(step_size=step), "you are here").y[0]) for step in (16.0, 64.0, 640.0))
    assert round(start) == 1064 and round(line.y[-1]) == 13
    assert twice_root / start == pytest.approx(0.9, abs=0.01) and dim / start == pytest.approx(1 / 3, rel=0.05)
    assert ten / start == pytest.approx(1 / 60, rel=0.05)


def test_crossing_is_where_a_power_law_says():
    samples = np.geomspace(1, 1000, 7)
    assert buys._crossing(samples, 5 / samples, 0.1) == pytest.approx(50)
    assert math.isnan(buys._crossing(samples, 5 / samples, 1e-3)) and math.isnan(buys._crossing(samples, 5 / samples, 6.0))


def test_enough_is_where_less_than_a_tenth_is_left_to_save():
    needed = np.full(len(buys._FINE), 100.0)
    assert buys._enough(needed) == math.inf
    needed[:10] = 200.0
    assert buys._enough(needed) == buys._FINE[10]
    assert buys._enough(np.r_[needed[:-1], np.nan]) == math.inf


def test_figure_1b_of_the_paper_lies_3_to_15_percent_above_theory_at_all_35_points():
    for p in FIGURE1:
        paper = data.select("figure1_digitised", panel="1b_testMSE_vs_N_d300", curve=buys._PAPER[p])
        line = buys._figure1b_theory()[p]
        ratio = paper["value"] / np.exp(np.interp(np.log(paper["x"]), np.log(buys._N1B), np.log(line)))
        assert len(ratio) == 7 and np.all((ratio > 1.02) & (ratio < 1.15)), p


def test_figure_1b_of_the_paper_is_within_11_percent_of_our_experiment():
    for p in FIGURE1:
        place = figure1_covariance(p, 300)
        ours = data.select("figure1b", **{"spike": place["spike"]} if p else {"bulk": 1.0})
        paper = data.select("figure1_digitised", panel="1b_testMSE_vs_N_d300", curve=buys._PAPER[p])
        assert np.all(np.abs(paper["value"] / ours["kernel"] - 1) < 0.11), p
        line = np.exp(np.interp(np.log(ours["samples"]), np.log(buys._N1B), np.log(buys._figure1b_theory()[p])))
        late = ours["samples"] >= 400
        assert np.all(np.abs(ours["kernel"] / line - 1)[late] < 0.05 + 2 * ours["kernel_error"][late] / line[late])


def test_real_networks_of_figure_1b_are_where_theory_has_them():
    figure = buys.figure_1b(step_size=300.0, width_ratio=2.0)
    line = trace(figure, "one real step")
    points = figure.data[[t.name for t in figure.data].index(line.name) + 1]
    predicted = np.exp(np.interp(np.log(points.x), np.log(line.x), np.log(line.y)))
    assert np.all(np.abs(np.asarray(points.y) / predicted - 1) < 0.06 + 2 * np.asarray(points.error_y.array) / predicted)


def test_figure_1a_is_the_exact_mixing_plus_what_a_finite_sample_adds():
    """35 points, each a mean over 6 or more draws of N = d inputs: within 4 standard errors, and not without the 1/N."""
    misses, without = [], []
    for p in FIGURE1:
        for dim in (50, 100, 200, 400, 800, 1600, 3200):
            found = data.select("figure1a", dim=dim, spike=figure1_covariance(p, dim)["spike"])
            k = int(np.argmin(np.abs(buys._DIMS - dim)))
            exact = 0.0 if p is None else buys._figure1a_theory(p)[k]
            misses.append((found["alignment"][0] - exact - (1 - exact) / dim) / found["alignment_error"][0])
            without.append((found["alignment"][0] - exact) / found["alignment_error"][0])
    assert np.max(np.abs(misses)) < 4 and np.mean(np.abs(misses)) < 1.5
    assert np.mean(without) > 1


def test_a_step_of_fixed_size_loses_the_quadratic_harmonic_as_the_dimension_grows():
    line = trace(buys.figure_1a(step_size=1000.0), "your η")
    assert line.y[0] > 0.1 and line.y[-1] < 0.05


def test_a_fixed_step_adds_what_a_finite_sample_adds_to_the_other_curves():
    """With no step the overlap is 1/N, with N = d; a step that mixes a share q has q + (1 − q)/d, not q + 1/d."""
    none, large = (trace(buys.figure_1a(step_size=step), "your η") for step in (1e-3, 1e4))
    np.testing.assert_allclose(none.y, 1 / np.asarray(none.x), rtol=1e-4)
    gamma = predict_covariance("relu", centre("figure1"), dim=50, width=100, samples=200, step_size=1e4)
    share = mode_mixing("relu", dim=50, spike=gamma.spike / gamma.bulk).quadratic ** 2
    assert large.y[0] == pytest.approx(share + (1 - share) / 50, rel=1e-6) and share > 0.1


def test_published_curve_is_reproduced_within_8_percent_at_its_own_size():
    """12 networks at each point, their standard errors below 2 %; a curve 10 % higher would not pass."""
    figure = buys.published_curve()
    published, own = trace(figure, "published"), trace(figure, "real networks, d = m = 2000")
    ratio, error = np.asarray(own.y) / published.y, np.asarray(own.error_y.array) / published.y
    assert np.all(np.abs(ratio - 1) < 0.08) and np.all(error < 0.02)


def test_lines_and_points_are_drawn_for_the_same_step():
    figure = buys.learning_curves(step_size=300.0, width_ratio=2.2)
    assert "Step size 306" in figure.layout.meta["alt"] and "width 128" in figure.layout.meta["alt"]
    assert buys.nearest(STEPS, 1e9) == STEPS[-1] and buys.nearest(WIDTH_RATIOS, 1e-9) == WIDTH_RATIOS[0]


def test_reader_stands_at_the_step_size():
    here = trace(buys.samples_needed(step_size=123.0), "you are here")
    assert here.x[0] == 123.0 and math.isfinite(here.y[0])
