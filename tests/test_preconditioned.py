"""The preconditioned step: where its spike points, Γ on the axes, and the outlier, on real networks."""

import math

import numpy as np
import pytest
from test_other_steps import agree

from fmspace_nb.covariance import alignment, predict_covariance, typical_conditional
from fmspace_nb.experiments.other_steps import (
    even_direction,
    learned_direction,
    preconditioned_step_of,
    spectrum_of,
)
from fmspace_nb.experiments.trials import Trial
from fmspace_nb.preconditioned import predict_preconditioned, preconditioned_moments, preconditioned_outlier
from fmspace_nb.targets import target
from fmspace_nb.weights import outlier, sample_covariance

DIM = 200
CASES = [("relu", "tanh", 2, 4, -1.0), ("erf", "sine", 2, 4, -0.5), ("tanh", "mixed", 1, 8, 0.0),
         ("relu", "tanh", 2, 4, "batch"), ("gelu", "sine", 1, 4, "batch")]


def theory(trial, power, decay, step_size=1.0, seed=0):
    return {"power": power, "variances": spectrum_of(trial.dim, decay), "direction": even_direction(trial.dim, seed),
            "width": trial.width, "samples": trial.samples, "step_size": step_size}


@pytest.mark.slow
@pytest.mark.parametrize("sigma, goal, beta, alpha, power", CASES, ids=lambda value: str(value))
def test_the_spike_of_real_networks_points_where_theory_says(sigma, goal, beta, alpha, power):
    """60 networks, 30 through the batch's own inverse, which varies less, spectrum ∝ k^{−0.5}: ⟨v, w*⟩²; and what Γ
    gains on the strong half of the axes, the weak half and along w*, over the networks' own mean of m a_j²."""
    here = Trial.of_ratios(sigma, goal, dim=DIM, width_ratio=beta, sample_ratio=alpha)
    expected = predict_preconditioned(sigma, goal, **theory(here, power, 0.5))
    found = []
    for draw in here.draws(30 if power == "batch" else 60):
        step, w = preconditioned_step_of(power, draw, 0.5), even_direction(DIM, draw.seed)
        gain = DIM / (here.width * np.mean(step.before.readout**2))
        axes, along = np.mean(step.gradient**2, axis=0), np.mean((step.gradient @ w) ** 2)
        parts = np.array([axes[:100].sum(), axes[100:].sum(), along])
        found.append([(learned_direction(step) @ w) ** 2, *gain * parts])
    overlap, strong, weak, along = np.array(found).T
    added = np.diag(expected.covariance.gamma) - 1
    assert agree(overlap, expected.alignment, 0.02)
    assert agree(strong, added[:100].sum(), 0.02) and agree(weak, added[100:].sum(), 0.02)
    assert agree(along, float(expected.covariance.along(even_direction(DIM, 0))) - 1, 0.02)


@pytest.mark.parametrize("power", [-0.5, "batch"])
def test_what_a_real_neuron_moves_by_on_its_own_is_the_predicted_noise(power):
    """The gradient less its part along the readout, on both halves of the axes, over 12 networks."""
    here, found = Trial.of_ratios("relu", "tanh", dim=DIM, width_ratio=2, sample_ratio=4), []
    for draw in here.draws(12):
        step = preconditioned_step_of(power, draw, 0.5)
        a = step.before.readout
        rest = step.gradient - np.outer(a, a @ step.gradient) / (a @ a)
        spread = np.sum(rest**2, axis=0) * here.width / (a @ a - np.sum(a**4) / (a @ a))
        found.append([spread[:100].sum(), spread[100:].sum()])
    where = {key: value for key, value in theory(here, power, 0.5).items() if key not in ("width", "step_size")}
    own = preconditioned_moments("relu", "tanh", **where).own
    assert agree(np.array(found)[:, 0], own[:100].sum(), 0.02)
    assert agree(np.array(found)[:, 1], own[100:].sum(), 0.02)


@pytest.mark.parametrize("power", [-2.0, -0.3, 0.0, 1.0])
def test_isotropic_inputs_are_the_plain_step(power):
    """Whatever the power: Γ of `predict_covariance`, the alignment and the outlier of the isotropic theory."""
    w = np.random.default_rng(0).standard_normal(50)
    for sigma, goal in (("relu", "mixed"), ("tanh", target("sine", noise=0.3)), ("relu", "quadratic")):
        shape = {"width": 80, "samples": 120}
        where = {"power": power, "variances": np.ones(50), "direction": w}
        found = predict_preconditioned(sigma, goal, **where, **shape, step_size=30)
        plain = predict_covariance(sigma, goal, dim=50, **shape, step_size=30, direction=w)
        np.testing.assert_allclose(found.covariance.gamma / 50, plain.matrix(), atol=1e-12)
        assert found.alignment == pytest.approx(alignment(goal, dim=50, samples=120), rel=1e-9)
        parts = preconditioned_moments(sigma, goal, **where, samples=120)
        for step_size in (1.0, 30.0, 300.0):
            given = typical_conditional(sigma, goal, dim=50, **shape, step_size=step_size)
            expected = outlier(spike=given.spike, bulk=given.bulk, ratio=50 / 80)
            real = preconditioned_outlier(parts, w, width=80, step_size=step_size)
            assert real.eigenvalue == pytest.approx(expected.eigenvalue, rel=1e-6)
            assert real.detached == expected.detached
            assert real.overlap == pytest.approx(expected.overlap * found.alignment, rel=1e-6, abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("power", [-1.5, -1.0, -0.5, 0.0, "batch"])
def test_top_eigenvector_of_real_weights_is_that_of_the_law_with_an_anisotropic_bulk(power):
    """40 networks at B four times what the edge asks for: overlap with w*, and the outlier."""
    here = Trial.of_ratios("relu", "tanh", dim=DIM, width_ratio=2, sample_ratio=4)
    where = {key: theory(here, power, 0.7)[key] for key in ("power", "variances", "direction", "samples")}
    parts = preconditioned_moments("relu", "tanh", **where)
    step_size = math.sqrt(8 / (parts.length2 * DIM)) * here.width
    expected, found = preconditioned_outlier(parts, where["direction"], width=here.width, step_size=step_size), []
    for draw in here.draws(40):
        after = preconditioned_step_of(power, draw, 0.7).with_step_size(step_size).after.weights
        values, vectors = np.linalg.eigh(sample_covariance(after))
        found.append((values[-1], (vectors[:, -1] @ even_direction(DIM, draw.seed)) ** 2))
    value, overlap = np.array(found).T
    assert expected.detached and agree(value, expected.eigenvalue, 0.02) and agree(overlap, expected.overlap, 0.02)


def test_powers_turn_the_spike_back_and_noise_makes_the_best_one_move_with_the_data():
    """Endless data: p = −1 is perfect. Few data: the best p is larger, and the plain step may be the best of all."""
    variances, w = spectrum_of(100, 0.7), even_direction(100, 0)

    def overlap(power, samples):
        return predict_preconditioned("relu", "tanh", power=power, variances=variances, direction=w, width=1,
                                      samples=samples, step_size=1.0).alignment

    assert overlap(-1.0, 10**8) == pytest.approx(1, abs=1e-4)
    powers = np.linspace(-2, 1, 61)
    best = [powers[np.argmax([overlap(p, samples) for p in powers])] for samples in (20, 100, 400, 3000, 10**6)]
    assert np.all(np.diff(best) <= 0) and best[0] > -0.7 and best[-1] == pytest.approx(-1.0)


@pytest.mark.parametrize("goal", ["tanh", "mixed", "sine"])
def test_the_batch_s_own_inverse_pays_from_the_stated_ratio_on(goal):
    """Isotropic inputs: better than the plain step iff n − d − 1 > (E y²/μ_g² − 1) d, that is α > E y²/μ_g²."""
    known, dim = target(goal), 10_000
    critical = known.second_moment / known.hermite(1)[1] ** 2
    for ratio, better in ((0.99, False), (1.01, True)):
        samples = round(critical * ratio * dim)
        where = {"variances": np.ones(dim), "direction": np.eye(1, dim)[0], "width": 1, "samples": samples}
        parts = [preconditioned_moments("relu", known, power=power, variances=np.ones(dim), samples=samples,
                                        direction=where["direction"]) for power in ("batch", 0.0)]
        own, plain = (float(part.mean[0]) ** 2 / part.length2 for part in parts)
        assert (own > plain) is better


def test_least_squares_on_a_linear_target_is_exact_at_any_size():
    """y = ⟨w*, x⟩ + noise, 4000 batches of 14 inputs in 10 dimensions: E‖β̂_OLS‖² = 1 + σ² Σ 1/λ_k/(n − d − 1)."""
    variances, w, noise, rng = np.linspace(0.5, 1.5, 10), np.ones(10) / math.sqrt(10), 0.7, np.random.default_rng(1)
    parts = preconditioned_moments("identity", target("linear", noise=noise), power="batch", variances=variances,
                                   direction=w, samples=18)
    found = []
    for _ in range(4000):
        x = rng.standard_normal((18, 10)) * np.sqrt(variances)
        fit = np.linalg.lstsq(x, x @ w + noise * rng.standard_normal(18))[0]
        found.append(fit @ fit)
    assert agree(found, parts.length2, 0.0)


@pytest.mark.parametrize("more, message", [
    ({"power": "inverse"}, "power must be one of 'batch', got 'inverse'"),
    ({"power": 25.0}, r"power must be a finite number in \[-20, 20\], got 25"),
    ({"power": "batch", "samples": 11}, "samples must be a whole number ≥ 12, got 11"),
    ({"variances": np.r_[1.0, np.zeros(9)]}, "variances must be one or more numbers > 0"),
    ({"direction": np.zeros(10)}, "direction must be a non-zero vector"),
    ({"width": 0}, "width must be a whole number ≥ 1, got 0")])
def test_what_lies_outside_the_domain_is_refused(more, message):
    usual = {"power": -1.0, "variances": np.ones(10), "direction": np.ones(10), "width": 5, "samples": 20}
    with pytest.raises(ValueError, match=message):
        predict_preconditioned("relu", "tanh", **{**usual, **more}, step_size=1.0)
