"""The conditional eigenframework: limits in which it is the eigenframework, and simulations where only it is right."""

import math
from functools import cache

import numpy as np
import pytest

from fmspace_nb.conditional import conditional_learning_curve
from fmspace_nb.covariance import SpikedCovariance
from fmspace_nb.experiments import data
from fmspace_nb.learning import learning_curve
from fmspace_nb.ridge import feature_ridge
from fmspace_nb.spectrum.mercer import mercer
from fmspace_nb.targets import target

SAMPLES = np.array([16, 64, 256])
PLACES = [("relu", 40, 5), ("relu", 64, 1), ("relu", 64, 20), ("relu", 100, 20),
          ("erf", 40, 20), ("erf", 64, 5), ("erf", 100, 1)]  # activation, d, B/d


@cache
def compared(activation, dim, relative_spike, predict):
    """(predicted / simulated − 1, its standard error): three targets, two ridges, SAMPLES; shape (3, 2, 3) each."""
    spectrum, ratios, errors = mercer(activation, dim=dim, spike=relative_spike * dim), [], []
    found = data.select("strong_modes", activation=activation, dim=dim, relative_spike=relative_spike)
    rows = [list(found["samples"]).index(n) for n in SAMPLES]
    for name in ("mixed", "sine", "tanh"):
        mean, error = predict(spectrum, name, samples=SAMPLES, ridge=np.array([[1e-3], [0.1]]))
        true, spread = (np.array([found[f"{name}_{r}{end}"][rows] for r in ("0.001", "0.1")]) for end in ("", "_error"))
        ratios.append(mean / true - 1)
        errors.append(np.hypot(spread, error) / true)
    return np.array(ratios), np.array(errors)


def conditional(spectrum, name, *, samples, ridge):
    """The conditional eigenframework in so many draws that its own error is that of the simulations: 512, 128, 32."""
    found = [conditional_learning_curve(spectrum, name, samples=n, ridge=ridge[:, 0], draws=8192 // n) for n in samples]
    return tuple(np.stack([pair[k] for pair in found], axis=-1) for k in (0, 1))


def rough(spectrum, name, **where):
    return learning_curve(spectrum, name, **where), 0.0


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
def test_simulated_errors_are_within_4_percent_or_two_standard_errors(place):
    """18 values a place: three targets, two ridges, three N; the standard error is that of simulation and theory."""
    ratio, error = compared(*place, conditional)
    assert np.all((np.abs(ratio) < 0.04) | (np.abs(ratio) < 2 * error))


@pytest.mark.slow
def test_over_all_places_the_mean_miss_is_below_2_percent_and_that_of_the_eigenframework_is_not():
    assert abs(np.mean([compared(*place, conditional)[0] for place in PLACES])) < 0.02
    assert np.mean(np.abs([compared(*place, rough)[0] for place in PLACES])) > 0.1


@pytest.mark.parametrize("place", PLACES)
def test_a_thousand_samples(place):
    """N = 1024, three targets, two ridges: within 4 % or two standard errors; four draws, since more hardly move it."""
    activation, dim, relative_spike = place
    found = data.select("strong_modes", activation=activation, dim=dim, relative_spike=relative_spike, samples=1024)
    spectrum, ridge = mercer(activation, dim=dim, spike=float(relative_spike * dim)), np.array([1e-3, 0.1])
    for name in ("mixed", "sine", "tanh"):
        mean, error = conditional_learning_curve(spectrum, name, samples=1024, ridge=ridge, draws=4)
        true, spread = (np.array([found[f"{name}_{r}{end}"][0] for r in ("0.001", "0.1")]) for end in ("", "_error"))
        assert np.all(np.abs(mean / true - 1) < np.maximum(0.04, 2 * np.hypot(spread, error) / true))
    if place == ("relu", 64, 20):  # tanh, at the smaller ridge
        assert learning_curve(spectrum, "tanh", samples=1024, ridge=1e-3) < 0.85 * true[0]


@pytest.mark.parametrize("name", ["relu", "erf"])
def test_without_a_spike_it_is_the_eigenframework(name):
    spectrum = mercer(name, dim=100)
    mean, error = conditional_learning_curve(spectrum, "tanh", samples=[50, 100, 200], ridge=0.1)
    expected = learning_curve(spectrum, "tanh", samples=[50, 100, 200], ridge=0.1)
    assert np.all(np.abs(mean - expected) < 3 * error + 0.02 * expected)
    assert np.all(np.abs(mean - 1.1 * expected) > 3 * error + 0.02 * expected)


@pytest.mark.parametrize("alignment", [1.0, 0.7])
def test_width_without_end_is_the_kernel(alignment):
    spectrum = mercer("relu", dim=40, spike=40.0)
    g, place = target("tanh", noise=0.2), {"samples": [20, 60], "ridge": 0.1, "draws": 6, "alignment": alignment}
    kernel, wide = (conditional_learning_curve(spectrum, g, width=width, **place)[0] for width in (None, 10**7))
    assert wide == pytest.approx(kernel, rel=1e-4)


def test_an_axis_that_is_nearly_the_target_is_the_target():
    """Off the axis by ⟨v, w*⟩² = 1 − 10⁻⁸, the zonal modes are drawn instead of averaged: the mean stays."""
    spectrum = mercer("relu", dim=60, spike=60.0)
    on, near = (conditional_learning_curve(spectrum, "mixed", samples=[30, 90], ridge=0.1, alignment=a)
                for a in (1.0, 1 - 1e-8))
    assert np.all(np.abs(on[0] - near[0]) < 3 * np.hypot(on[1], near[1]))


def test_before_the_step_every_direction_is_alike():
    spectrum = mercer("relu", dim=50)
    one, other = (conditional_learning_curve(spectrum, "tanh", samples=[40, 120], ridge=0.1, alignment=a)
                  for a in (1.0, 0.3))
    assert np.all(np.abs(one[0] - other[0]) < 3 * np.hypot(one[1], other[1]) + 0.01 * one[0])


@pytest.mark.parametrize("samples, width, overlap", [(40, 60, 1.0), (80, 160, 0.7), (150, 100, 0.8)])
def test_random_features_of_that_width_and_direction(samples, width, overlap):
    """60 draws of m features with the weights' covariance Γ, labels with noise: within 3 standard errors and 4 %."""
    dim, spike, ridge, g, found = 40, 40.0, 0.05, target("tanh", noise=0.3), []
    gamma = SpikedCovariance(dim, spike=spike)
    for seed in range(60):
        rng = np.random.default_rng([seed, samples])
        weights, x = gamma.sample(width, rng), rng.standard_normal((samples, dim))
        fresh = rng.standard_normal((1000, dim))
        direction = np.r_[math.sqrt(overlap), math.sqrt(1 - overlap), np.zeros(dim - 2)]
        y = g.link(x @ direction) + g.noise * rng.standard_normal(samples)
        features, features_fresh = (np.maximum(inputs @ weights.T, 0) / math.sqrt(width) for inputs in (x, fresh))
        predicted = feature_ridge(features, features_fresh, y, ridge=ridge)
        found.append(np.mean((predicted - g.link(fresh @ direction)) ** 2) + g.noise**2)
    mean, error = conditional_learning_curve(mercer("relu", dim=dim, spike=spike), g, samples=samples, ridge=ridge,
                                             width=width, alignment=overlap)
    spread = math.hypot(error, np.std(found, ddof=1) / math.sqrt(60))
    assert abs(np.mean(found) - mean) < 3 * spread + 0.04 * mean
    assert abs(np.mean(found) - 1.15 * mean) > 3 * spread + 0.04 * mean


@pytest.mark.slow
@pytest.mark.parametrize("spike, width, draws", [(20.0, None, 2048), (0.0, 100, 512)])
def test_ten_per_cent_of_the_noise_and_of_the_features_variance_are_noticed(spike, width, draws):
    """σ(z) = z, N = d = 100, ridge .01, where both are largest: 4000 linear regressions, whose errors are exact, within
    3 standard errors and 1/d. A tenth of the noise moves the kernel's error by 6 %, of the variance the other by 5."""
    dim, ridge, g, found = 100, 0.01, target("tanh"), []
    root = np.sqrt(np.r_[1 + spike, np.ones(dim - 1)] / dim)
    for seed in range(4000):
        rng = np.random.default_rng(seed)
        x = rng.standard_normal((dim, dim))
        weights = root[:, None] * (np.eye(dim) if width is None else rng.standard_normal((dim, width)) / width**0.5)
        features = x @ weights
        readout = features.T @ np.linalg.solve(features @ features.T + ridge * np.eye(dim), g.link(x[:, 0]))
        slope = weights @ readout
        found.append(g.second_moment - 2 * g.slope * slope[0] + slope @ slope)
    spectrum = mercer("identity", dim=dim, spike=spike)
    mean, error = conditional_learning_curve(spectrum, g, samples=dim, ridge=ridge, width=width, draws=draws)
    allowed = 3 * math.hypot(error, np.std(found, ddof=1) / math.sqrt(4000)) + mean / dim
    assert abs(np.mean(found) - mean) < allowed < 0.033 * mean


def test_endless_ridge_learns_nothing_and_many_samples_what_the_space_holds():
    spectrum, g = mercer("relu", dim=30, spike=30.0), target("tanh", noise=0.3)
    mean, _ = conditional_learning_curve(spectrum, g, samples=30, ridge=1e9, draws=4)
    assert mean == pytest.approx(g.second_moment + 0.09, rel=1e-5)
    late, _ = conditional_learning_curve(spectrum, "linear", samples=1500, ridge=1e-3, draws=2)
    assert 0 < late < 0.01


def test_a_seed_gives_the_same_curve_in_parts_or_whole():
    spectrum = mercer("relu", dim=30, spike=30.0)
    whole = conditional_learning_curve(spectrum, "tanh", samples=[[16], [32]], ridge=[0.1, 1.0], draws=5)
    part = conditional_learning_curve(spectrum, "tanh", samples=32, ridge=0.1, draws=5)
    assert whole[0].shape == (2, 2) and part[0].shape == ()
    assert [a[1, 0] for a in whole] == pytest.approx([float(a) for a in part], rel=1e-12)
    other = conditional_learning_curve(spectrum, "tanh", samples=32, ridge=0.1, draws=5, seed=1)
    assert other[0] != part[0]


@pytest.mark.parametrize("wrong, error, message", [
    ({"samples": 10.5}, ValueError, "samples must be whole numbers ≤ 4096, got 10.5"),
    ({"samples": 5000}, ValueError, "samples must be whole numbers ≤ 4096, got 5000"),
    ({"samples": 0}, ValueError, "samples must be ≥ 1 everywhere, got 0"),
    ({"ridge": 0.0}, ValueError, "ridge must be > 0 everywhere, got 0"),
    ({"draws": 1}, ValueError, "draws must be a whole number ≥ 2"),
    ({"width": 0}, ValueError, "width must be a whole number ≥ 1"),
    ({"alignment": 1.2}, ValueError, "alignment must be a finite number"),
    ({"seed": -1}, ValueError, "seed must be a whole number ≥ 0"),
    ({"spectrum": "relu"}, TypeError, "spectrum must be a MercerSpectrum"),
])
def test_wrong_arguments_are_named(wrong, error, message):
    given = {"spectrum": mercer("relu", dim=20), "target": "tanh", "samples": 10, "ridge": 0.1} | wrong
    with pytest.raises(error, match=message):
        conditional_learning_curve(given.pop("spectrum"), given.pop("target"), **given)
