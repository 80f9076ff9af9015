"""Chapter 08's pictures of other inputs: independent coordinates do as well as Gaussian ones, raw pixels do not."""

import numpy as np
import pytest

from fmspace_nb.covariance import alignment
from fmspace_nb.figures import inputs


def trace(figure, name):
    return next(t for t in figure.data if (t.name or "").startswith(name))


def error(points):
    return np.asarray(points.error_y.array)


@pytest.mark.parametrize("law", ["Gaussian", "±1 coordinates", "heavy-tailed coordinates"])
def test_independent_coordinates_are_as_good_as_gaussian_ones(law):
    figure = inputs.laws(law=law)
    line, points = figure.data[3], figure.data[4]
    above = np.asarray(points.x) > 200
    assert np.all(np.abs(points.y - np.interp(points.x, line.x, line.y))[above] < 4 * error(points)[above] + 0.05)


def test_correlated_inputs_are_not():
    figure = inputs.laws(law="correlated")
    line, points = figure.data[3], figure.data[4]
    assert line.y[-1] == pytest.approx(alignment("tanh", dim=100, samples=400), rel=0.02)
    assert points.y[-1] < line.y[-1] - 0.3 - 4 * error(points)[-1]


def test_whitened_digits_obey_the_theory_and_raw_ones_do_not():
    def ratio(pixels):
        figure = inputs.digits(pixels=pixels)
        return np.asarray(trace(figure, "4 real").y)[-3:] / np.asarray(trace(figure, "theory").y)[-3:]

    assert np.all(np.abs(ratio("whitened") - 1) < 0.15)
    assert np.all(ratio("raw") > 1.5)


def test_reader_stands_at_the_step_size():
    for figure in (inputs.laws(step_size=321.0), inputs.digits(step_size=321.0)):
        assert [t.x[0] for t in figure.data if "your step size" in (t.name or "")] == [321.0]
