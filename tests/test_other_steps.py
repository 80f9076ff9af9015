"""The sign step and Muon's: what is exact about them, and what real networks have that take them."""

import math

import numpy as np
import pytest

from fmspace_nb.covariance import SpikedCovariance, alignment
from fmspace_nb.experiments.empirical import FeaturePath
from fmspace_nb.experiments.other_steps import common_part, common_share, placed, step_of
from fmspace_nb.experiments.trials import Trial
from fmspace_nb.network import TwoLayerNetwork
from fmspace_nb.other_steps import muon_density, predict_muon_step, predict_sign_step, sign_step_angle
from fmspace_nb.steps import draw_batch, gradient_step, muon_step, preconditioned_step, sign_step
from fmspace_nb.weights import marchenko_pastur, outlier, sample_covariance

CASES = [("relu", "tanh", 2, 4), ("erf", "sine", 4, 2), ("tanh", "mixed", 1, 8)]
IDS = ["-".join(map(str, case)) for case in CASES]
DIM = 200


def trial(sigma, goal, beta, alpha, dim=DIM) -> Trial:
    return Trial.of_ratios(sigma, goal, dim=dim, width_ratio=beta, sample_ratio=alpha)


def holds(found, predicted, allowed) -> bool:
    """Whether the mean lies within 3 standard errors of the prediction, and `allowed`, a share of it, for the terms of
    order 1/d that it leaves out."""
    found = np.asarray(found)
    error = found.std(ddof=1) / math.sqrt(found.size)
    return abs(found.mean() - predicted) < 3 * error + allowed * abs(predicted)


def agree(found, predicted, allowed=0.015) -> bool:
    """Whether the prediction holds, and would not if it were 10 % larger or smaller."""
    return holds(found, predicted, allowed) and not any(holds(found, predicted * k, allowed) for k in (0.9, 1.1))


@pytest.fixture(scope="module")
def batch():
    network = TwoLayerNetwork.random(30, 50, "relu", 1)
    return network, *draw_batch("tanh", 30, 120, 2)


def test_every_step_is_what_its_rule_makes_of_the_one_gradient(batch):
    gradient = gradient_step(*batch, 0.0).gradient
    second = batch[1].T @ batch[1] / len(batch[1])
    root = np.linalg.svd(gradient, full_matrices=False)
    for step, expected in (
        (sign_step(*batch, 0.3), np.sign(gradient)),
        (muon_step(*batch, 0.3), root[0] @ root[2]),
        (preconditioned_step(*batch, 0.3), gradient @ np.linalg.inv(second)),
        (preconditioned_step(*batch, 0.3, preconditioner=second), gradient @ second),
        (preconditioned_step(*batch, 0.3, preconditioner=np.arange(30.0)), gradient * np.arange(30.0)),
        (preconditioned_step(*batch, 0.3, preconditioner=np.eye(30)), gradient),
    ):
        np.testing.assert_allclose(step.gradient, expected, atol=1e-10)
        np.testing.assert_allclose(step.after.weights, batch[0].weights - 0.3 * expected, atol=1e-10)
        np.testing.assert_array_equal(step.with_step_size(0.0).after.weights, batch[0].weights)


def test_a_sign_step_is_the_first_step_of_adam(batch):
    """Adam from zero moments, bias corrected, with a tiny ε."""
    gradient = gradient_step(*batch, 0.0).gradient
    first, second = 0.1 * gradient / (1 - 0.9), 0.001 * gradient**2 / (1 - 0.999)
    np.testing.assert_allclose(sign_step(*batch, 0.0).gradient, first / (np.sqrt(second) + 1e-30), rtol=1e-12)


def test_a_batch_that_does_not_span_the_space_has_no_inverse(batch):
    network, x, y = batch
    with pytest.raises(ValueError, match="x must span all 30 dimensions for preconditioner='batch', got 20 inputs"):
        preconditioned_step(network, x[:20], y[:20], 1.0)


@pytest.mark.parametrize("bad, message", [
    ("inverse", "preconditioner must be one of 'batch', got 'inverse'"),
    (np.ones(7), r"preconditioner must have shape \(30\), got \(7,\)"),
    (np.triu(np.ones((30, 30))), "preconditioner must be symmetric"),
    (np.full(30, np.nan), "preconditioner must be finite everywhere")])
def test_what_is_no_preconditioner_is_refused(batch, bad, message):
    with pytest.raises(ValueError, match=message):
        preconditioned_step(*batch, 1.0, preconditioner=bad)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_share_alignment_and_outlier_of_a_sign_step_are_those_of_real_networks(case):
    """25 networks at d = 200, w* drawn anew for each: P, ⟨v, w*⟩² and the top eigenvalue at η = d^{−1/2}."""
    here = trial(*case)
    expected = predict_sign_step(case[0], case[1], **here.shape, step_size=DIM**-0.5)
    found = []
    for draw in here.draws(25):
        step, w = step_of("sign", draw), placed("spread", DIM, draw.seed)
        share, common = common_share(step), common_part(step)
        after = step.with_step_size(DIM**-0.5).after.weights
        top = np.linalg.eigvalsh(sample_covariance(after))[-1]
        found.append((share, (common @ w) ** 2 / (DIM * share), top))
    share, overlap, top = np.array(found).T
    predicted = outlier(spike=expected.covariance.spike, bulk=expected.covariance.bulk, ratio=1 / case[2])
    assert agree(share, expected.covariance.spike / DIM)
    assert agree(overlap, expected.alignment)
    assert agree(top, predicted.eigenvalue)


@pytest.mark.parametrize("place", ["one coordinate", "flat", "half"])
def test_alignment_of_a_sign_step_follows_where_the_target_lies(place):
    """20 networks: w* = e₁; w* with ±1 coordinates; w* on half of the coordinates."""
    w = {"one coordinate": np.eye(1, DIM)[0], "flat": np.ones(DIM), "half": np.repeat([1.0, 0.0], DIM // 2)}[place]
    w = w / np.linalg.norm(w)
    expected = predict_sign_step("relu", "tanh", dim=DIM, width=400, samples=800, step_size=1.0, direction=w)
    shares, overlaps = [], []
    for seed in range(20):
        rng = np.random.default_rng([seed, 4])
        network = TwoLayerNetwork.random(DIM, 400, "relu", rng)
        step = sign_step(network, *draw_batch("tanh", DIM, 800, rng, w), 0.0)
        shares.append(common_share(step))
        overlaps.append((common_part(step) @ w) ** 2 / (DIM * shares[-1]))
    assert agree(shares, expected.covariance.spike / DIM**2)
    assert agree(overlaps, expected.alignment)


def test_average_over_directions_is_the_closed_form():
    """The formula by coordinates, at 40 000 Gaussian coordinates, against that for a spread w*."""
    for sigma, goal, beta, alpha in CASES:
        shape = {"dim": 40_000, "width": 40_000 * beta, "samples": 40_000 * alpha, "step_size": 1e-3}
        spread = predict_sign_step(sigma, goal, **shape)
        drawn = predict_sign_step(sigma, goal, **shape, direction=placed("spread", 40_000, 0))
        assert drawn.covariance.spike == pytest.approx(spread.covariance.spike, rel=5e-3)
        assert drawn.alignment == pytest.approx(spread.alignment, rel=5e-3)


def test_a_sign_step_moves_every_weight_by_the_step_size():
    """So A + B/d = 1 + η²d, and its alignment lies between 2/π of the plain step's and all of it."""
    for alpha in (0.1, 1, 10, 1e4):
        shape = {"dim": 100, "samples": round(100 * alpha)}
        found = predict_sign_step("relu", "tanh", **shape, width=1, step_size=0.3)
        gamma, plain = found.covariance, alignment("tanh", **shape)
        assert gamma.bulk + gamma.spike / 100 == pytest.approx(1 + 0.3**2 * 100, rel=1e-12)
        assert 2 / math.pi * plain <= found.alignment <= plain
    assert gamma.bulk == pytest.approx(1, abs=0.2) and found.alignment == pytest.approx(2 / math.pi, rel=0.01)  # P → 1


def test_little_data_leave_the_alignment_and_much_data_the_corner():
    """α → 0: with μ_σ² ≪ Var σ' the signs are linear and nothing is lost; α → ∞: sign(w*) has 2/π with w*."""
    small = predict_sign_step(lambda z: z + 30 * (z**2 - 1), "tanh", dim=100, width=1, samples=5, step_size=1.0)
    assert small.alignment == pytest.approx(alignment("tanh", dim=100, samples=5), rel=1e-3)
    endless = predict_sign_step("identity", "linear", dim=100, width=1, samples=10**9, step_size=1.0)
    assert endless.covariance.bulk == pytest.approx(1) and endless.alignment == pytest.approx(2 / math.pi)


def test_weights_along_v_are_two_points_and_a_gaussian():
    """Their kurtosis at b = B/A: (b² + 6b + 3)/(1 + b)², far from a Gaussian's 3; 12 networks."""
    here, found = trial("relu", "tanh", 4, 4), []
    for draw in here.draws(12):
        step = step_of("sign", draw)
        v = common_part(step) / np.linalg.norm(common_part(step))
        along = step.with_step_size(0.01).after.weights @ v
        found.append(np.mean(along**4) / np.mean(along**2) ** 2)
    gamma = predict_sign_step("relu", "tanh", **here.shape, step_size=0.01).covariance
    b = gamma.spike / gamma.bulk
    expected = (b**2 + 6 * b + 3) / (1 + b) ** 2
    assert expected < 2.5 and holds(found, expected, 0.02)


@pytest.mark.slow
@pytest.mark.parametrize("sigma, step_size", [("relu", 0.07), ("relu", 0.15), ("softplus", 0.1)])
def test_mixing_angle_after_a_sign_step_is_the_closed_one(sigma, step_size):
    """12 networks at d = 100, m = 8 d: the even mode on 1500 fresh inputs, on R and Q along v; b ~ 1/3 – 2."""
    here, found = trial(sigma, "tanh", 8, 8, dim=100), []
    expected = sign_step_angle(sigma, predict_sign_step(sigma, "tanh", **here.shape, step_size=step_size).covariance)
    for draw in here.draws(12):
        step = step_of("sign", draw)
        x = np.random.default_rng(draw.seed).standard_normal((1500, 100))
        mode = FeaturePath.of(step, x).top_mode(step_size, 1).values
        t = x @ common_part(step) / np.linalg.norm(common_part(step))
        radial, quadratic = np.linalg.lstsq(np.stack([np.ones(1500), (t**2 - 1) / math.sqrt(2)], 1), mode)[0]
        found.append(math.atan(quadratic / radial))
    assert agree(found, expected, 0.03)


def test_angle_of_relu_is_closed_and_ends_where_the_two_points_do():
    for bulk, spike in ((1.0, 0.0), (1.3, 40.0), (1.0, 1e9)):
        share = spike / 100
        angle = sign_step_angle("relu", SpikedCovariance(100, bulk=bulk, spike=spike))
        assert math.tan(angle) == pytest.approx(share / (bulk + share) / math.sqrt(2), rel=1e-12)
    with pytest.raises(ValueError, match="activation must have a mean"):
        sign_step_angle("erf", SpikedCovariance(100, spike=40.0))


def test_muon_s_step_has_no_spike_unless_the_network_is_narrow():
    """OᵀO = I for m ≥ d; for m < d it has d/m along v and 1 on average: 12 networks, β = ½ and ¼."""
    wide = step_of("muon", trial("relu", "tanh", 2, 4)).gradient
    np.testing.assert_allclose(wide.T @ wide, np.eye(DIM), atol=1e-12)
    assert predict_muon_step("relu", "tanh", dim=DIM, width=DIM, samples=800, step_size=3.0).covariance.spike == 0
    for sigma, goal, beta, alpha in (("relu", "tanh", 0.5, 4), ("tanh", "mixed", 0.25, 2), ("gelu", "sine", 0.5, 1)):
        here, found = trial(sigma, goal, beta, alpha), []
        for draw in here.draws(8):
            step = step_of("muon", draw)
            v = step.beta_hat / np.linalg.norm(step.beta_hat)
            found.append(DIM / here.width * np.sum((step.gradient @ v) ** 2))
            assert DIM / here.width * np.sum(step.gradient**2) / DIM == pytest.approx(1)
        gamma = predict_muon_step(sigma, goal, **here.shape, step_size=1.0).covariance
        assert gamma.bulk + gamma.spike - 1 == pytest.approx(1 / beta)
        assert gamma.bulk + gamma.spike / DIM == pytest.approx(2)
        assert agree(found, 1 / beta, 0.03)


@pytest.mark.parametrize("ratio", [0.3, 1.0, 2.5])
def test_muon_s_law_is_marchenko_and_pastur_s_without_a_step(ratio):
    x = np.geomspace(0.01, 9, 300)
    plain = marchenko_pastur(x, ratio=ratio)
    np.testing.assert_allclose(muon_density(x, ratio=ratio, step_size=0.0), plain, atol=2e-5)


@pytest.mark.parametrize("ratio", [0.3, 1.0, 2.5])
@pytest.mark.parametrize("step_size", [0.5, 3.0])
def test_muon_s_law_has_the_mass_and_the_moments_of_a_gaussian_plus_an_isometry(ratio, step_size):
    """E λ = 1 + η² min(1, γ), E λ² by the four Wick pairings of tr (WᵀW)²."""
    x = np.linspace(1e-3, math.sqrt(12 + 12 * step_size**2), 40_001) ** 2                # dense where it may diverge
    density, share = muon_density(x, ratio=ratio, step_size=step_size), min(1.0, 1 / ratio)
    theta = step_size**2 * ratio
    assert np.trapezoid(density, x) == pytest.approx(share, abs=3e-3)
    assert np.trapezoid(density * x, x) == pytest.approx(1 + theta * share, rel=3e-3)
    second = 1 + ratio + 2 * theta * share * (1 + ratio) + theta**2 * share
    assert np.trapezoid(density * x**2, x) == pytest.approx(second, rel=3e-3)


@pytest.mark.parametrize("sigma, goal, beta, alpha, step_size", [
    ("relu", "tanh", 2, 4, 1.0), ("tanh", "mixed", 1, 4, 2.0), ("relu", "mixed", 0.5, 2, 1.5)])
def test_eigenvalues_after_muon_s_step_follow_the_law(sigma, goal, beta, alpha, step_size):
    """Two networks: the distribution functions differ by less than 2 %; with a step 10 % off by more than 3 %."""
    here, x = trial(sigma, goal, beta, alpha), np.linspace(1e-3, 60, 60_001)
    found = []
    for draw in here.draws(2):
        after = step_of("muon", draw).with_step_size(step_size).after.weights
        found += list(np.linalg.eigvalsh(sample_covariance(after)))
    counted = np.searchsorted(np.sort(found), x) / len(found)

    def distance(size):
        law = max(0.0, 1 - beta) + np.cumsum(muon_density(x, ratio=1 / beta, step_size=size)) * (x[1] - x[0])
        return np.max(np.abs(counted - law))

    assert distance(step_size) < 0.02
    assert min(distance(1.1 * step_size), distance(0.9 * step_size)) > 0.03
