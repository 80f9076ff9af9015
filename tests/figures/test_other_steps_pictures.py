"""Chapter 09's pictures: what is drawn is what formulas give and what real networks have."""

import math

import numpy as np
import pytest

from fmspace_nb.experiments.other_steps import LINKS, placed, step_of
from fmspace_nb.experiments.trials import Trial
from fmspace_nb.figures import directions, other_steps
from fmspace_nb.several_directions import staircase
from fmspace_nb.weights import sample_covariance


def traces(figure, name):
    return [trace for trace in figure.data if trace.name == name]


def test_two_bells_are_the_two_points_and_the_plain_one_is_as_wide():
    """Both laws drawn have mass one and variance one (of √d⟨w, v⟩/√(A_c + B_c)): the spikes are matched."""
    for place in ("spread", "one coordinate"):
        figure = other_steps.sign_and_plain(step_size=0.03, place=place)
        for name, tolerance in (("sign: theory", 0.01), ("plain: theory", 0.1)):
            law = traces(figure, name)[0]
            x, y = np.asarray(law.x), np.asarray(law.y)
            assert np.trapezoid(y, x) == pytest.approx(1, abs=0.02)
            assert np.trapezoid(y * x**2, x) == pytest.approx(1, abs=tolerance)
        for name in ("sign step", "plain step"):
            bars = traces(figure, name)[0]
            width = bars.x[1] - bars.x[0]
            assert np.sum(np.asarray(bars.y) * np.asarray(bars.x) ** 2) * width == pytest.approx(1, abs=0.15)


def test_overlaps_after_sign_steps_are_those_of_the_networks_and_follow_the_line():
    figure = other_steps.sign_and_plain()
    drawn = traces(figure, "4 networks, sign")[0]
    trial = Trial.of_ratios("relu", "tanh", dim=100, width_ratio=2, sample_ratio=4)
    found = []
    for draw in trial.draws(4):
        after = step_of("sign", draw).with_step_size(float(drawn.x[-1])).after.weights
        top = np.linalg.eigh(sample_covariance(after))[1][:, -1]
        found.append((top @ placed("spread", 100, draw.seed)) ** 2)
    assert drawn.y[-1] == pytest.approx(np.mean(found))
    for name, axis in (("4 networks, sign", 4), ("4 networks, plain", 5)):
        points, line = traces(figure, name)[0], figure.data[axis]
        expected = np.interp(np.log(points.x), np.log(line.x), line.y)
        assert np.all(np.abs(points.y - expected) < 4 * np.asarray(points.error_y.array) + 0.06)


def test_on_one_coordinate_the_sign_step_loses_the_target_and_the_plain_step_does_not():
    figure = other_steps.sign_and_plain(place="one coordinate")
    assert figure.data[4].y[-1] < 0.05 and traces(figure, "4 networks, sign")[0].y[-1] < 0.05
    assert figure.data[5].y[-1] > 0.7 and traces(figure, "4 networks, plain")[0].y[-1] > 0.7


@pytest.mark.parametrize("width_ratio, share", [(0.5, 0.5), (2.0, 1.0)])
def test_spectra_of_muon_s_picture_have_one_mass_and_lie_on_their_law(width_ratio, share):
    figure = other_steps.muon_and_plain(step_size=2.0, width_ratio=width_ratio)
    step = math.log10(figure.data[0].x[1] / figure.data[0].x[0])
    for bars in traces(figure, "a real network"):
        assert np.sum(bars.y) * step == pytest.approx(share, abs=0.01)
    bars, law = traces(figure, "a real network")[1], traces(figure, "theory")[1]
    expected = np.interp(np.log(bars.x), np.log(law.x), np.nan_to_num(np.asarray(law.y, dtype=float)))
    assert np.sum(np.abs(np.asarray(bars.y) - expected)) * step < 0.15 * share


def test_only_the_gradient_step_has_an_outlier():
    """The largest eigenvalue: on its line after the gradient step, at the end of the law after Muon's."""
    figure = other_steps.muon_and_plain(step_size=2.0)
    plain, muon = (float(trace.x[0]) for trace in traces(figure, "top eigenvalue, measured"))
    law = traces(figure, "theory")[1]
    end = np.asarray(law.x)[np.isfinite(np.asarray(law.y, dtype=float))][-1]
    assert plain == pytest.approx(float(traces(figure, "the outlier: theory")[0].x[0]), rel=0.3)   # one network
    assert muon == pytest.approx(end, rel=0.1) and plain > 20 * muon


@pytest.mark.parametrize("sample_ratio", [2.0, 16.0])
def test_directions_of_preconditioned_steps_follow_their_line(sample_ratio):
    figure = directions.preconditioner(step_size=300.0, sample_ratio=sample_ratio, width_ratio=4.0)
    line, points, weights, drawn = (figure.data[k] for k in (3, 4, 5, 6))
    for theory, found in ((line, points), (weights, drawn)):
        expected = np.interp(found.x, theory.x, theory.y)
        assert np.all(np.abs(found.y - expected) < 5 * np.asarray(found.error_y.array) + 0.05)
    own, real = figure.data[7], figure.data[8]
    assert abs(own.y[0] - real.y[0]) < 0.06


@pytest.mark.parametrize("power", [-2.0, -1.0, 0.0, 1.0])
def test_shares_of_the_axes_are_drawn_as_predicted(power):
    figure = directions.preconditioner(power=power)
    line, points = figure.data[1], figure.data[2]
    assert line.y[-1] == pytest.approx(1) and np.all(np.diff(line.y) >= 0)
    assert np.max(np.abs(np.interp(points.x, line.x, line.y) - points.y)) < 0.08


def test_stairs_are_where_the_gain_crosses_what_is_needed():
    figure = directions.several()
    needed = figure.data[0]
    thresholds = staircase("relu", LINKS["three stairs"], directions=3, dim=50, width=100, samples=10_000)
    for k, threshold in enumerate(thresholds):
        gained = figure.data[1 + 4 * k]
        above = np.asarray(gained.x)[np.asarray(gained.y) > np.asarray(needed.y)]
        assert above[0] == pytest.approx(threshold, rel=0.12)


def test_what_gamma_gains_in_real_networks_lies_on_the_lines():
    for link in LINKS:
        figure = directions.several(link=link)
        for k in range(3):
            line, points = figure.data[1 + 4 * k], figure.data[2 + 4 * k]
            y = np.asarray(points.y, dtype=float)
            expected = np.exp(np.interp(np.log(points.x), np.log(line.x), np.log(line.y)))
            seen = np.isfinite(y) & (expected > 1e-6)
            assert np.all(np.abs(np.log(y[seen] / expected[seen])) < 0.6)
