"""A target of several directions: Γ of one step, and the staircase of step sizes, on real networks."""

import math

import numpy as np
import pytest
from test_other_steps import agree, holds

from fmspace_nb.activations import activation
from fmspace_nb.covariance import StepMoments, alignment, predict_covariance
from fmspace_nb.experiments.other_steps import LINKS, multi_index_step
from fmspace_nb.several_directions import directions_seen, multi_index_moments, predict_multi_index, staircase
from fmspace_nb.targets import target
from fmspace_nb.weights import outlier, sample_covariance

DIM = 200


def test_moments_of_a_polynomial_are_exact():
    """g = z₁ + z₁z₂ + (z₃² − 1)/2: E y² = 1 + 1 + ½, p = e₁, H by hand; Stein's lemma on a third of g² along z₁."""
    found = multi_index_moments(LINKS["a product"], 3)
    assert found.mean == pytest.approx(0, abs=1e-12) and found.label_power == pytest.approx(2.5)
    np.testing.assert_allclose(found.gradient, [1, 0, 0], atol=1e-12)
    np.testing.assert_allclose(found.hessian, [[0, 1, 0], [1, 0, 0], [0, 0, 1]], atol=1e-12)
    np.testing.assert_allclose(np.diag(found.large), [4, 2, 2], atol=1e-12)


@pytest.mark.parametrize("name", ["tanh", "sine", "mixed"])
def test_one_direction_is_the_single_index_step_with_the_second_order(name):
    """Γ of `predict_covariance`; on w* (η E σ'' E g''/m)² more, and what large labels add to the neurons' own noise."""
    shape, goal, means = {"dim": 50, "width": 80, "samples": 120}, target(name), StepMoments.of("relu", name)
    found = predict_multi_index("relu", lambda z: goal.link(z[..., 0]), directions=1, **shape, step_size=30.0)
    plain = predict_covariance("relu", name, **shape, step_size=30.0).matrix() * 50
    curve = math.sqrt(2) * goal.hermite(2)[2]
    own = (means.gain_square - means.gain**2) * 2 * means.curvature
    plain[0, 0] += (30 / 80) ** 2 * (curve**2 / (2 * math.pi) + 50 / 120 * own)
    np.testing.assert_allclose(found.covariance.gamma, plain, atol=1e-9)
    assert found.alignment == pytest.approx(alignment(name, dim=50, samples=120), rel=1e-6)


@pytest.mark.parametrize("samples", [60, 120, 10_000])
def test_one_direction_is_seen_as_the_outlier_of_a_single_index_step(samples):
    """The share of the outlier in v, times that of v in w*."""
    shape = {"directions": 1, "dim": 50, "width": 80, "samples": samples}
    for step_size in (10.0, 100.0, 1000.0):
        gamma = predict_multi_index("relu", lambda z: z[..., 0], **shape, step_size=step_size)
        bulk, along = gamma.covariance.gamma[1, 1], gamma.covariance.gamma[0, 0]
        law = outlier(spike=along - bulk, bulk=bulk, ratio=50 / 80)
        [seen] = directions_seen("relu", lambda z: z[..., 0], **shape, step_size=step_size)
        assert seen == pytest.approx(law.overlap * alignment("linear", dim=50, samples=samples), rel=1e-9, abs=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("sigma, link, beta, pairs", [
    ("relu", "three stairs", 1, ((1, 1), (2, 2))), ("gelu", "a product", 1, ((1, 0), (2, 2))),
    ("gelu", "no linear part", 1, ((0, 1), (1, 0), (2, 2)))])
def test_real_steps_have_the_predicted_covariance_on_every_direction(sigma, link, beta, pairs):
    """d = 200, α = 50, 20 networks, over their own mean of m a_j²: what Γ gains along p and in the bulk; and the
    second order by the regression of the gradient along k on a_j and a_j w_jl, whose slope is E σ'' H_kl."""
    width, samples, found, slopes = round(beta * DIM), 50 * DIM, [], []
    goal = multi_index_moments(LINKS[link], 3)
    gamma = predict_multi_index(sigma, LINKS[link], directions=3, dim=DIM, width=width, samples=samples,
                                step_size=width).covariance.gamma
    for seed in range(20):
        step = multi_index_step.__wrapped__(sigma, link, DIM, width, samples, seed)
        moved = DIM * width * np.mean(step.gradient**2, axis=0) / np.mean(step.before.readout**2)
        found.append([*(moved[:3] - moved[3:].mean()), moved[3:].mean()])
        a, w = step.before.readout[:, None], step.before.weights[:, :3]
        fitted = np.linalg.lstsq(np.hstack([a, a * w]), -math.sqrt(width) * step.gradient[:, :3])[0][1:]
        slopes.append([fitted[j, k] for k, j in pairs])
    found, added = np.array(found).T, np.diag(gamma)[:3] - gamma[-1, -1]
    bend = math.sqrt(2) * float(activation(sigma).hermite(2)[2])
    assert agree(found[3], gamma[-1, -1] - 1, 0.02)
    assert all(holds(measured, expected, 0.05) for measured, expected in zip(found, added, strict=False))
    of_pairs = zip(pairs, np.transpose(slopes), strict=True)
    assert all(agree(slope, bend * goal.hessian[pair], 0.02) for pair, slope in of_pairs)
    assert np.linalg.norm(goal.gradient) < 1e-9 or agree(found[0], added[0], 0.02)


@pytest.mark.parametrize("directions", [1, 2, 3, 4])
def test_staircase_is_where_the_outliers_of_gamma_detach(directions):
    """Just below η_k there are k − 1 eigenvalues of Γ beyond the edge 1 + √φ of its bulk, just above it k."""
    def link(z):
        return z[..., 0] + np.sum((z**2 - 1) / (2 + np.arange(directions)), axis=-1)

    shape = {"directions": directions, "dim": 300, "width": 450, "samples": 300_000}
    edge = 1 + math.sqrt(300 / 450)
    steps = staircase("relu", link, **shape)
    assert np.all(np.isfinite(steps)) and np.all(np.diff(steps) > 0)
    for k, size in enumerate(steps):
        for factor, above in ((0.999, k), (1.001, k + 1)):
            gamma = predict_multi_index("relu", link, **shape, step_size=factor * size).covariance.gamma
            assert np.sum(np.linalg.eigvalsh(gamma) > edge * gamma[-1, -1]) == above


def test_staircase_has_the_stated_scales():
    """Endless data, d = 10⁵, β = 2: √d β^{3/4}/(μ_σ‖p‖), then m β^{−1/4}/(|E σ''| h_k), h_k² those of H² across p."""
    def link(z):
        return z[..., 0] + 0.7 * z[..., 0] * z[..., 1] + (z[..., 1] ** 2 - 1) / 2 + (z[..., 2] ** 2 - 1) / 8

    dim, width = 100_000, 200_000
    steps = staircase("relu", link, directions=3, dim=dim, width=width, samples=10**13)
    hessian = np.array([[0, 0.7, 0], [0.7, 1, 0], [0, 0, 0.25]])
    across = np.sqrt(np.linalg.eigvalsh((hessian @ hessian)[1:, 1:])[::-1])
    bend = 1 / math.sqrt(2 * math.pi)
    assert steps[0] == pytest.approx(math.sqrt(dim) * 2**0.75 / 0.5, rel=1e-3)
    np.testing.assert_allclose(steps[1:], width * 2**-0.25 / (bend * across), rtol=1e-3)
    own = np.sort(np.abs(np.linalg.eigvalsh(hessian)))[::-1]
    assert abs(across[0] / own[0] - 1) > 0.05                                 # the eigenvalues of H itself will not do


def test_directions_that_a_step_cannot_see_go_out_of_reach_as_data_grow():
    """An odd σ has E σ'' = 0: of z₁ + z₁z₂ + … only p is seen, the others' thresholds grow like √n."""
    few, many = (staircase("erf", LINKS["a product"], directions=3, dim=100, width=200, samples=n)
                 for n in (10**6, 10**8))
    assert many[0] == pytest.approx(few[0], rel=1e-3)
    np.testing.assert_allclose(many[1:], 10 * few[1:], rtol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("ratio, seen", [(0.6, 1), (2.0, 2), (8.0, 3)])
def test_overlaps_of_real_weights_follow_the_staircase(ratio, seen):
    """"Three stairs" at d = 100, β = 2, α = 200, 12 networks: at η = .6 m, 2 m and 8 m one, two and three directions
    lie in the top three eigenvectors, as much as theory says to 3 standard errors and .05."""
    sizes = {"dim": 100, "width": 200, "samples": 20_000}
    expected, found = directions_seen("relu", LINKS["three stairs"], directions=3, **sizes, step_size=200 * ratio), []
    for seed in range(12):
        step = multi_index_step("relu", "three stairs", *sizes.values(), seed).with_step_size(ratio * 200)
        vectors = np.linalg.eigh(sample_covariance(step.after.weights))[1][:, -3:]
        found.append(np.sum(vectors[:3] ** 2, axis=1))
    error = np.std(found, axis=0, ddof=1) / math.sqrt(12)
    assert np.sum(expected > 1e-9) == seen
    assert np.all(np.abs(np.mean(found, axis=0) - expected) < 3 * error + 0.05)


@pytest.mark.parametrize("link, directions, error, message", [
    (3, 2, TypeError, "link must be a function"),
    (lambda z: z, 2, ValueError, "link must return one value for each z"),
    (lambda z: z[..., 0] / 0, 1, ValueError, "link must be finite everywhere"),
    (lambda z: z[..., 0], 5, ValueError, r"directions must be a whole number in \[1, 4\], got 5"),
    (lambda z: z[..., 0], 0, ValueError, r"directions must be a whole number in \[1, 4\], got 0")])
def test_what_is_no_target_of_several_directions_is_refused(link, directions, error, message):
    with pytest.raises(error, match=message):
        predict_multi_index("relu", link, directions=directions, dim=50, width=9, samples=9, step_size=1.0)
