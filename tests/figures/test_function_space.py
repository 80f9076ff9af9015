"""Chapter 01's pictures: the drawn ladder obeys the sum rule, the measured points climb it."""

import numpy as np
import pytest

from fmspace_nb.figures import function_space
from fmspace_nb.harmonics import multiplicity


def trace(figure, name):
    return next(t for t in figure.data if (t.name or "").startswith(name))


def bars(drawn):
    """(multiplicity, eigenvalue) of the bars of one trace."""
    return np.asarray(drawn.x).reshape(-1, 3)[:, 1], np.asarray(drawn.y).reshape(-1, 3)[:, 0]


def test_ladder_before_the_step_has_all_harmonics_of_each_degree():
    length, value = bars(trace(function_space.ladder(dim=100), "before"))
    shown = np.isfinite(value)
    np.testing.assert_allclose(length[shown & (length > 2)], [multiplicity(100, k) for k in (1, 2, 4)])
    count = np.where(length > 1.2, length, 1)  # a bar of one function is drawn 1.15 long, to be seen
    assert count[shown] @ value[shown] == pytest.approx(0.5, rel=0.01)  # the trace, but for degrees 6, 8, …


def test_every_level_splits_into_as_many_functions_as_it_had():
    figure = function_space.ladder(dim=100, step_size=300.0)
    after = sum(np.nansum(np.where(np.isfinite(bars(t)[1]), bars(t)[0], 0)) for t in figure.data[1:6])
    whole = sum(multiplicity(100, k) for k in (0, 1, 2, 4))
    assert after == pytest.approx(whole, rel=1e-3)  # a bar of one function is drawn 1.15 long, to be seen


def test_linear_bars_are_theorem_4():
    from fmspace_nb.covariance import predict_covariance
    figure = function_space.ladder(dim=100, step_size=200.0, width_ratio=1.0)
    gamma = predict_covariance("relu", "tanh", dim=100, width=100, samples=400, step_size=200.0)
    along = bars(trace(figure, "1 leg"))[1]
    assert np.nanmin(np.abs(along / ((gamma.bulk + gamma.spike) / 400) - 1)) < 1e-9


@pytest.mark.parametrize("step_size", [1.0, 30.0, 100.0])
def test_gram_matrix_and_wide_network_climb_the_exact_staircase(step_size):
    figure = function_space.staircase(step_size=step_size, width_ratio=16.0)
    exact, gram, network = (np.asarray(trace(figure, name).y) for name in ("T₁", "Gram", "real network"))
    # the top level stands alone: 400 inputs and 320 neurons estimate it to a few times 1/√320
    assert gram[0] == pytest.approx(exact[0], rel=0.25) and network[0] == pytest.approx(exact[0], rel=0.35)


def test_network_has_no_more_eigenvalues_than_neurons():
    figure = function_space.staircase(width_ratio=0.5)
    network = trace(figure, "real network")
    assert np.max(np.asarray(network.x)[np.isfinite(network.y)]) <= 10


def test_ratio_of_ordered_eigenvalues_stays_between_the_drawn_constants():
    figure = function_space.decay(step_size=300.0, width_ratio=1.0)
    ratio, low, high = (np.asarray(trace(figure, name).y) for name in ("λⱼ", "c =", "C ="))
    assert 0 < low[0] <= np.nanmin(ratio) and np.nanmax(ratio) <= high[0] and high[0] > 2
