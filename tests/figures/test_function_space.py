"""Chapter 01's pictures: the drawn ladder obeys the sum rule, the measured points climb it."""

import numpy as np
import pytest

from fmspace_nb.covariance import SpikedCovariance, predict_covariance
from fmspace_nb.experiments.trials import sizes
from fmspace_nb.figures import function_space
from fmspace_nb.kernel import conjugate_kernel
from fmspace_nb.numerics.harmonics import multiplicity
from fmspace_nb.spectrum.decay import at_ranks, weyl_ratio
from fmspace_nb.spectrum.mercer import mercer


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


def test_erf_has_no_even_degree_and_gelu_of_the_odd_ones_the_first_alone():
    def degrees(activation):
        return set(np.flatnonzero(np.isfinite(bars(trace(function_space.ladder(activation=activation), "before"))[1])))

    assert degrees("erf") == {1, 3} and degrees("gelu") == degrees("relu") == {0, 1, 2, 4}


@pytest.mark.parametrize("activation, overtones", [("relu", False), ("gelu", True)])
def test_only_an_inhomogeneous_activation_has_overtones_and_they_are_fainter(activation, overtones):
    sector = mercer(activation, dim=100, sectors=1).sectors[0]
    main, radial = (
        {
            label.degree: value
            for label, value in zip(sector.labels, sector.eigenvalues, strict=True)
            if (label.radial > 0) is over
        }
        for over in (False, True)
    )
    assert bool(radial) is overtones and all(value < 0.01 * main[degree] for degree, value in radial.items())


def ladder(dim, spike=0.0, sectors=32):
    """Eigenvalues of ReLU at 2000 ranks from 1 to 10⁶."""
    return at_ranks(mercer("relu", dim=dim, spike=spike, sectors=sectors, modes=36), RANKS)


RANKS = np.geomspace(1, 1e6, 2000)
STEPS = [(16.0, 0.5), (12.0, 1.0), (8.0, 1.0), (3.0, 0.5), (1.0, 8.0)]  # (η, β)


@pytest.mark.parametrize("step_size, width_ratio", STEPS)
def test_constants_of_theorem_2_do_not_move_when_the_last_decade_is_added(step_size, width_ratio):
    """c and C are those of ranks up to 10⁵; up to 10⁶ the ratio leaves them by 4 % at most. Another decay would leave
    them."""
    figure = function_space.decay(step_size=step_size, width_ratio=width_ratio)
    drawn, low, high = (trace(figure, name) for name in ("λⱼ", "c, ", "C, "))
    assert drawn.x[-1] == 1e6 and np.isfinite(drawn.y).all()
    assert low.y[0] / 1.04 < drawn.y.min() and drawn.y.max() < 1.04 * high.y[0]
    early = drawn.y[drawn.x <= 1e5]
    assert low.y[0] <= early.min() < 1.01 * low.y[0] and 0.99 * high.y[0] < early.max() <= high.y[0]  # they are touched


@pytest.mark.parametrize("power", [0.2, -0.2])
def test_another_decay_would_move_them(power):
    """An exponent off by 0.2, of 10/7 in all."""
    ratio, early = ladder(8, spike=4.0) / ladder(8) * RANKS**power, RANKS <= 1e5
    assert (
        ratio[~early].max() > 1.04 * ratio[early].max()
        if power > 0
        else ratio[~early].min() < ratio[early].min() / 1.04
    )


@pytest.mark.parametrize("step_size, width_ratio", STEPS)
def test_ratio_of_ordered_eigenvalues_goes_to_the_drawn_limit(step_size, width_ratio):
    """Its geometric mean over the last decade, where it still swings, within 4 %; over the first two decades it is
    elsewhere."""
    figure = function_space.decay(step_size=step_size, width_ratio=width_ratio)
    drawn, limit = trace(figure, "λⱼ"), trace(figure, "j → ∞").y[0]
    logs = np.interp(np.log(RANKS), np.log(drawn.x), np.log(drawn.y))
    first, last = (np.exp(logs[part].mean()) for part in (RANKS < 100, RANKS > 1e5))
    assert last == pytest.approx(limit, rel=0.04)
    width, samples = sizes(8, width_ratio, 4.0)
    gamma = predict_covariance("relu", "tanh", dim=8, width=width, samples=samples, step_size=step_size)
    assert limit == pytest.approx(weyl_ratio(8, bulk=gamma.bulk, spike=gamma.spike))
    assert abs(first / limit - 1) > 3 * abs(last / limit - 1) or limit < 1.01


def sampled_eigenvalues(place, count, seed, repeats):
    """Of the Gram matrix of so many inputs: the mean eigenvalue at the ranks of each mode, given the modes' repeats."""
    name, dim, spike = place
    x = np.random.default_rng(seed).standard_normal((count, dim))
    values = np.linalg.eigvalsh(conjugate_kernel(name, SpikedCovariance(dim, spike=spike))(x))[::-1] / count
    return [ranks.mean() for ranks in np.split(values[:sum(repeats)], np.cumsum(repeats)[:-1])]


@pytest.mark.slow
@pytest.mark.parametrize("place", [("relu", 10, 8.0), ("gelu", 8, 4.0), ("erf", 6, 3.0)], ids=str)
def test_eigenvalues_of_samples_are_the_exact_ones_within_their_scatter(place):
    """Within 4 standard errors of 16 samples and the bias, taken as what halving n changes: together below 20 %."""
    spectrum = mercer(place[0], dim=place[1], spike=place[2])
    exact, repeats = spectrum.eigenvalues[:5], spectrum.multiplicities[:5].astype(int)
    half, full = (np.array([sampled_eigenvalues(place, count, seed, repeats) for seed in range(16)])
                  for count in (200, 400))
    error, error_half = (found.std(axis=0, ddof=1) / 4 for found in (full, half))
    bias = np.abs(full.mean(axis=0) - half.mean(axis=0)) + error_half
    assert np.all(np.abs(full.mean(axis=0) - exact) < 4 * error + bias)
    assert np.all(error < 0.05 * exact) and np.all((4 * error + bias)[:3] < 0.2 * exact[:3])
