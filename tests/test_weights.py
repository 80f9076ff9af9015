"""Random matrix theory of the weights, against sampled matrices and its own sum rules."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtri

from fmspace_nb.covariance import SpikedCovariance, typical_conditional
from fmspace_nb.experiments.trials import Trial
from fmspace_nb.weights import (
    bulk_density,
    critical_step_size,
    marchenko_pastur,
    marchenko_pastur_atom,
    marchenko_pastur_edges,
    outlier,
    real_outlier,
    sample_covariance,
)


@pytest.mark.parametrize("ratio", [0.1, 0.5, 0.99, 2.0, 8.0])
@pytest.mark.parametrize("bulk", [1.0, 1.7])
def test_density_and_atom_have_mass_one_and_the_moments_of_the_law(ratio, bulk):
    low, high = marchenko_pastur_edges(ratio=ratio, bulk=bulk)
    centre, half = (low + high) / 2, (high - low) / 2

    def moment(power):  # x = centre + half cos θ takes the square-root edges away
        def integrand(angle):
            x = centre + half * math.cos(angle)
            return x**power * float(marchenko_pastur(x, ratio=ratio, bulk=bulk)) * half * math.sin(angle)
        return quad(integrand, 0, math.pi, epsabs=1e-11)[0]

    assert moment(0) + marchenko_pastur_atom(ratio=ratio) == pytest.approx(1, abs=1e-8)
    assert moment(1) == pytest.approx(bulk, rel=1e-8)
    assert moment(2) == pytest.approx(bulk**2 * (1 + ratio), rel=1e-8)


def test_eigenvalues_of_sampled_weights_follow_the_density():
    dim, width = 600, 1200
    values = np.linalg.eigvalsh(sample_covariance(SpikedCovariance(dim, bulk=1.4).sample(width, 0)))
    low, high = marchenko_pastur_edges(ratio=0.5, bulk=1.4)
    grid = np.linspace(low, high, 4001)
    cumulative = np.cumsum(marchenko_pastur(grid, ratio=0.5, bulk=1.4)) * (grid[1] - grid[0])
    # eigenvalues are rigid: the empirical distribution is within a few 1/d of the limit
    assert np.max(np.abs(np.searchsorted(values, grid) / dim - cumulative)) < 6 / dim


def test_bulk_density_is_marchenko_pastur_without_a_spread():
    x = np.linspace(0.12, 2.8, 200)
    np.testing.assert_allclose(
        bulk_density(x, "tanh", ratio=0.5, bulk=1.0), marchenko_pastur(x, ratio=0.5), atol=2e-3
    )


@pytest.mark.parametrize("ratio, bulk", [(0.5, 2.4), (2.0, 5.0), (4.0, 60.0)])
def test_bulk_density_is_the_law_of_rows_of_unequal_size(ratio, bulk):
    dim, rng = 600, np.random.default_rng(0)
    width = round(dim / ratio)
    rows = (
        np.sqrt(1 + (bulk - 1) * rng.standard_normal(width) ** 2)[:, None]
        * rng.standard_normal((width, dim))
        / math.sqrt(dim)
    )
    values = np.linalg.eigvalsh(sample_covariance(rows))
    grid = np.geomspace(1e-3, 1e5, 1200)
    density = bulk_density(grid, "tanh", ratio=ratio, bulk=bulk)
    cumulative = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(grid))])
    found = np.searchsorted(values[values > 1e-9], grid) / dim
    # the rows' own scales are sampled: their empirical distribution is off by about 0.6/√width (Kolmogorov), scaled
    # by the mass
    assert np.max(np.abs(found - cumulative)) < 1.6 / math.sqrt(width) * min(1, 1 / ratio)
    plain = np.concatenate([[0], np.cumsum(marchenko_pastur(grid, ratio=ratio, bulk=bulk)[1:] * np.diff(grid))])
    assert np.max(np.abs(found - plain)) > 1.6 / math.sqrt(width) * min(1, 1 / ratio)


def test_atom_is_the_share_of_zero_eigenvalues():
    values = np.linalg.eigvalsh(sample_covariance(SpikedCovariance(200).sample(50, 1)))
    assert np.sum(values < 1e-10) / 200 == marchenko_pastur_atom(ratio=4.0) == 0.75


@pytest.mark.parametrize("ratio, spike, bulk", [(0.5, 3.0, 1.0), (2.0, 4.0, 1.3), (0.125, 0.8, 1.0)])
def test_outlier_sits_where_sampled_matrices_have_it(ratio, spike, bulk):
    dim = 400
    gamma = SpikedCovariance(dim, bulk=bulk, spike=spike)
    found = []
    for seed in range(12):
        values, vectors = np.linalg.eigh(sample_covariance(gamma.sample(round(dim / ratio), seed)))
        found.append((values[-1], vectors[0, -1] ** 2))
    predicted, error = outlier(spike=spike, ratio=ratio, bulk=bulk), np.std(found, axis=0, ddof=1) / math.sqrt(12)
    assert predicted.detached
    assert np.all(
        np.abs(np.mean(found, axis=0) - predicted[:2]) < 4 * error + np.array([4 * predicted.eigenvalue, 4]) / dim
    )


def test_outlier_leaves_the_bulk_continuously():
    for ratio in (0.2, 1.0, 3.0):
        inside = outlier(spike=math.sqrt(ratio), ratio=ratio)
        outside = outlier(spike=math.sqrt(ratio) * (1 + 1e-9), ratio=ratio)
        assert (inside.detached, outside.detached) == (False, True)
        assert outside.eigenvalue == pytest.approx(inside.eigenvalue, rel=1e-12)
        assert outside.overlap == pytest.approx(0, abs=1e-8)


def test_a_strong_spike_is_seen_whole():
    found = outlier(spike=1e8, ratio=0.5)
    assert found.overlap == pytest.approx(1, abs=1e-7) and found.eigenvalue == pytest.approx(1e8, rel=1e-7)


@pytest.mark.parametrize("width", [500, 2000, 16000])
def test_outlier_detaches_at_the_critical_step_size(width):
    sizes = {"dim": 2000, "width": width, "samples": 8000}
    critical = critical_step_size("relu", "tanh", **sizes)

    def detached(step):
        return real_outlier("relu", "tanh", **sizes, step_size=step).detached

    assert (detached(critical * (1 - 1e-9)), detached(critical * (1 + 1e-9))) == (False, True)


@pytest.mark.parametrize("activation, ratio, step", [("tanh", 2.0, 198.0), ("relu", 2.0, 400.0), ("relu", 0.5, 100.0)])
def test_overlap_of_real_steps_knows_the_variance_along_the_readout(activation, ratio, step):
    """16 real steps agree with it, and lie many standard errors from the pure spiked model."""
    sizes = {"dim": 200, "width": round(200 * ratio), "samples": 800}
    found = [draw.weight_path().top(step)[2] for draw in Trial(activation, "tanh", **sizes).draws(16)]
    error = np.std(found, ddof=1) / 4
    covariance = typical_conditional(activation, "tanh", **sizes, step_size=step)
    pure = outlier(spike=covariance.spike, bulk=covariance.bulk, ratio=1 / ratio).overlap
    assert abs(np.mean(found) - real_outlier(activation, "tanh", **sizes, step_size=step).overlap) < 4 * error
    assert abs(np.mean(found) - pure) > 5 * error


def test_critical_step_size_grows_like_the_root_of_the_dimension():
    def critical(dim):
        return critical_step_size("relu", "tanh", dim=dim, width=2 * dim, samples=4 * dim)

    closed = 2**0.75 / (0.5 * math.sqrt(0.605706**2 + 0.394294 / 4))  # E tanh' and E tanh² to six digits
    assert critical(10**8) / 10**4 == pytest.approx(closed, rel=1e-3)
    off = [critical(dim) / (math.sqrt(dim) * closed) - 1 for dim in (10**4, 10**6)]
    assert off[0] / off[1] == pytest.approx(10, rel=0.05)  # what the leading order leaves out is of order 1/√d


@pytest.mark.parametrize(
    "arguments", [{"dim": 100, "width": 10**8, "samples": 400}, {"dim": 2, "width": 2_000_000, "samples": 8}]
)
def test_however_wide_the_network_some_step_shows_the_spike(arguments):
    """η_c = √d β^{3/4}/(μ_σ ‖β̂‖) at leading order in d/m, also where B at η = 1 is tiny."""
    step = critical_step_size("relu", "tanh", **arguments)
    beta = arguments["width"] / arguments["dim"]
    scale = math.sqrt(arguments["dim"]) * beta**0.75
    assert type(step) is float and 0.5 < step / scale < 20
    again = typical_conditional("relu", "tanh", **arguments, step_size=step)
    assert again.spike == pytest.approx(again.bulk * beta**-0.5, rel=0.01)


def test_a_step_on_no_labels_to_speak_of_shows_the_network_s_own_output():
    """It takes (ημ_σ²/m) a aᵀW₀ from W₀: with ever smaller labels η_c ends there, and is finite."""
    place = {"dim": 100, "width": 200, "samples": 400}
    tiny, small, plain = (
        critical_step_size("erf", lambda t, size=size: size * np.tanh(t), **place) for size in (1e-7, 1e-4, 1.0)
    )
    assert tiny == pytest.approx(small, rel=1e-4) and tiny > 10 * plain


def test_an_even_activation_never_shows_a_spike():
    assert critical_step_size("quadratic", "tanh", dim=100, width=200, samples=400) == math.inf


def test_spike_of_real_networks_appears_at_the_critical_step_size():
    dim, width, samples = 300, 600, 1200
    critical = critical_step_size("relu", "tanh", dim=dim, width=width, samples=samples)
    paths = [trial.weight_path() for trial in Trial("relu", "tanh", dim=dim, width=width, samples=samples).draws(4)]
    below = np.mean([path.top(critical / 3)[2] for path in paths])
    covariance = typical_conditional("relu", "tanh", dim=dim, width=width, samples=samples, step_size=3 * critical)
    predicted = outlier(spike=covariance.spike, ratio=0.5, bulk=covariance.bulk)
    above = [path.top(3 * critical)[2] for path in paths]
    assert below < 0.1
    assert np.mean(above) == pytest.approx(predicted.overlap, abs=4 * np.std(above, ddof=1) / 2 + 0.01)


@pytest.mark.parametrize("arguments, name", [({"spike": -1, "ratio": 1}, "spike"), ({"spike": 1, "ratio": 0}, "ratio"),
                                             ({"spike": 1, "ratio": 1, "bulk": -2}, "bulk")])
def test_bad_outlier_is_refused_by_name(arguments, name):
    with pytest.raises(ValueError, match=f"{name} must be a finite number"):
        outlier(**arguments)


def test_density_refuses_nan():
    with pytest.raises(ValueError, match="x must be finite everywhere"):
        marchenko_pastur([0.5, math.nan], ratio=1)


@pytest.mark.parametrize("target", ["tanh", "mixed"])
@pytest.mark.parametrize("sample_ratio", [1, 4])
def test_second_eigenvalues_of_real_steps_are_those_of_the_law_with_the_batch_s_shape(target, sample_ratio):
    """ReLU, β = 2, η = 3.3 d, 16 steps at d = 200: the mean within 3 standard errors of the law's first quantile."""
    dim, width = 200, 400
    sizes = {"dim": dim, "width": width, "samples": sample_ratio * dim}
    found = [trial.weight_path().eigenvalues(3.3 * dim)[-2] for trial in Trial("relu", target, **sizes).draws(16)]
    bulk = typical_conditional("relu", target, step_size=3.3 * dim, **sizes).bulk
    x = np.geomspace(0.01, 80, 900)
    mass = dim * x * np.log(x[1] / x[0]) * bulk_density(x, target, ratio=0.5, bulk=bulk, sample_ratio=sample_ratio)
    above = np.cumsum(mass[::-1])[::-1] - mass / 2
    predicted = np.exp(np.interp(-0.5, -above, np.log(x)))
    error = np.std(found, ddof=1) / 4
    assert abs(np.mean(found) - predicted) < 3 * error
    round_noise = bulk_density(x, target, ratio=0.5, bulk=bulk) * dim * x * np.log(x[1] / x[0])
    without = np.exp(np.interp(-0.5, -(np.cumsum(round_noise[::-1])[::-1] - round_noise / 2), np.log(x)))
    assert (target, sample_ratio) == ("tanh", 4) or np.mean(found) - without > 3 * error         # the shape is seen


@pytest.mark.parametrize("target", ["tanh", "sine", "cubic"])
def test_bulk_density_vanishes_far_below_a_wide_network_s_eigenvalues(target):
    density = bulk_density(np.geomspace(0.01, 0.2, 100), target, ratio=1 / 8, bulk=20.0, sample_ratio=4.0)
    assert np.all(density < 1e-4)  # of 0.1 where it is largest


@pytest.mark.parametrize("target", ["tanh", "mixed"])
def test_bulk_density_with_a_shape_has_mass_one_and_the_mean_variance(target):
    x = np.geomspace(1e-4, 100, 6000)                                       # beyond, the last level's tail counts
    density = bulk_density(x, target, ratio=0.5, bulk=1.6, sample_ratio=2.0)
    assert np.trapezoid(density, x) == pytest.approx(1.0, abs=3e-3)
    assert np.trapezoid(density * x, x) == pytest.approx(1.6, rel=5e-3)                          # tr S/d


def test_ten_per_cent_of_the_sample_ratio_are_noticed_in_the_bulk_s_law():
    """Rows N(0, I + c u² Ŵ), u and the labels at the quantiles of their laws, eight draws at d = 400: the mean of
    λ²/(1 + (λ/200)²) is within 3 standard errors and the 1/d that the law leaves out; α 10 % off moves it by more."""
    dim, width, samples, excess, rng = 400, 800, 100, 4.0, np.random.default_rng(0)
    u, z = (ndtri((np.arange(count) + 0.5) / count)[:, None] for count in (width, samples))
    scale = np.abs(np.tanh(z)) / math.sqrt(np.mean(np.tanh(z) ** 2))
    found = []
    for _ in range(8):
        noise = rng.standard_normal((width, samples)) @ (scale * rng.standard_normal((samples, dim)))
        rows = rng.standard_normal((width, dim)) + math.sqrt(excess / samples) * u * noise
        values = np.linalg.eigvalsh(rows.T @ rows / width)
        found.append(np.mean(values**2 / (1 + (values / 200) ** 2)))
    mean, error, x = np.mean(found), np.std(found, ddof=1) / math.sqrt(8), np.geomspace(1e-4, 500, 4000)
    law, off = (np.trapezoid(bulk_density(x, "tanh", ratio=0.5, bulk=1 + excess, sample_ratio=ratio)
                             * x**2 / (1 + (x / 200) ** 2), x) for ratio in (0.25, 0.275))
    allowed = 3 * error + mean / dim
    assert abs(mean - law) < allowed < abs(mean - off)
