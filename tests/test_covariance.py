"""Γ: its algebra, and its A and B against real gradient steps."""

import math

import numpy as np
import pytest

from fmspace_nb import covariance as module
from fmspace_nb.covariance import (
    SpikedCovariance,
    StepMoments,
    alignment,
    predict_conditional,
    predict_covariance,
    typical_conditional,
)
from fmspace_nb.network import TwoLayerNetwork
from fmspace_nb.steps import draw_batch, gradient_step

DIM, WIDTH, SAMPLES, STEP = 150, 300, 300, 600.0


def measured(activation, target, trials=24):
    """(A, B) of real steps: variance of the weights across w*, and what w* has on top; rows are trials."""
    found = []
    for seed in range(trials):
        rng = np.random.default_rng(seed)
        network = TwoLayerNetwork.random(DIM, WIDTH, activation, rng)
        step = gradient_step(network, *draw_batch(target, DIM, SAMPLES, rng), STEP)
        second = DIM * np.mean(step.after.weights**2, axis=0)  # diagonal of Γ, w* = e₁
        found.append((second[1:].mean(), second[0] - second[1:].mean()))
    return np.array(found)


def pulls(found, predicted):
    """How many standard errors the mean of the trials lies from (A, B) of a prediction."""
    error = found.std(0, ddof=1) / math.sqrt(len(found))
    return (found.mean(0) - [predicted.bulk, predicted.spike]) / error


@pytest.fixture(scope="module", params=[("relu", "tanh"), ("tanh", "mixed"), ("gelu", "sine")], ids="-".join)
def steps(request):
    return request.param, measured(*request.param)


def test_the_full_step_s_formula_is_what_real_steps_give(steps):
    (activation, target), found = steps
    predicted = predict_covariance(activation, target, dim=DIM, width=WIDTH, samples=SAMPLES, step_size=STEP)
    # 4 standard errors of 24 trials, plus the 1/d terms that the formula leaves out (the f(x) in the residual among
    # them)
    error = found.std(0, ddof=1) / math.sqrt(len(found))
    assert abs(found[:, 0].mean() - predicted.bulk) < 4 * error[0] + 0.02 * (predicted.bulk - 1)
    assert abs(found[:, 1].mean() - predicted.spike) < 4 * error[1] + 0.02 * predicted.spike


@pytest.mark.parametrize("activation, target", [("relu", "tanh"), ("tanh", "mixed"), ("gelu", "sine")])
def test_rank_one_is_exact_for_the_model_it_belongs_to(activation, target):
    """z = w + (μ_σ η/√m) a β̂, the step's rank-one part alone: its second moment over 400 batches, within 4 standard
    errors."""
    gain, found = StepMoments.of(activation, target).gain, []
    for seed in range(400):
        rng = np.random.default_rng([seed, 5])
        x, y = draw_batch(target, DIM, SAMPLES, rng)
        shift = STEP * gain / WIDTH * (y @ x / SAMPLES)                      # E a² = 1/m over the rows
        second = 1 + DIM * shift**2
        found.append((second[1:].mean(), second[0] - second[1:].mean()))
    predicted = predict_covariance(
        activation, target, dim=DIM, width=WIDTH, samples=SAMPLES, step_size=STEP, form="rank one"
    )
    assert np.all(np.abs(pulls(np.array(found), predicted)) < 4)


def test_printed_formula_is_off_when_activation_and_target_differ():
    predicted = predict_covariance(
        "relu", "tanh", dim=DIM, width=WIDTH, samples=SAMPLES, step_size=STEP, form="printed"
    )
    assert np.all(np.abs(pulls(measured("relu", "tanh"), predicted)) > 5)


def test_conditional_and_averaged_views_share_one_trace():
    """Averaging Γ given the data over the data keeps its trace: d A_c + E B_c = d A + B, up to the 1/d of 2s."""
    for activation, target in (("relu", "tanh"), ("erf", "mixed")):
        sizes = {"width": WIDTH, "samples": SAMPLES, "step_size": STEP}
        averaged = predict_covariance(activation, target, dim=DIM, **sizes)
        rng = np.random.default_rng(0)
        given = []
        for _ in range(400):
            x, y = draw_batch(target, DIM, SAMPLES, rng)
            covariance = predict_conditional(activation, target, y @ x / SAMPLES, **sizes)
            given.append(DIM * covariance.bulk + covariance.spike)
        error = np.std(given) / math.sqrt(len(given))
        assert abs(np.mean(given) - DIM * averaged.bulk - averaged.spike) < 4 * error


def test_typical_conditional_is_the_conditional_of_typical_data():
    rng = np.random.default_rng(1)
    x, y = draw_batch("tanh", 2000, 4000, rng)
    given = predict_conditional("relu", "tanh", y @ x / 4000, width=1000, samples=4000, step_size=50)
    typical = typical_conditional("relu", "tanh", dim=2000, width=1000, samples=4000, step_size=50)
    assert typical.bulk == pytest.approx(given.bulk, rel=1e-12)
    assert typical.spike == pytest.approx(given.spike, rel=4 * math.sqrt(2 / 2000))  # ‖β̂‖² fluctuates by about √(2/d)


@pytest.mark.parametrize("dim", [200, 800])
def test_beta_hat_points_to_the_target_as_predicted(dim):
    rng = np.random.default_rng(dim)
    found = []
    for _ in range(20):
        x, y = draw_batch("tanh", dim, 2 * dim, rng)
        beta_hat = y @ x
        found.append(beta_hat[0] ** 2 / (beta_hat @ beta_hat))
    error = np.std(found, ddof=1) / math.sqrt(len(found))
    assert abs(np.mean(found) - alignment("tanh", dim=dim, samples=2 * dim)) < 4 * error + 1 / dim


def test_spike_does_not_depend_on_the_data_and_falls_with_the_width_squared():
    def spike(**sizes):
        return predict_covariance(
            "relu", "tanh", **{"dim": 4000, "width": 4000, "samples": 8000, "step_size": 100} | sizes
        ).spike

    assert spike(samples=16000) == pytest.approx(spike(), rel=1e-3)
    assert spike(width=8000) == pytest.approx(spike() / 4, rel=1e-12)
    assert spike(step_size=200) == pytest.approx(4 * spike(), rel=1e-12)


def test_stretch_is_the_square_root_of_the_matrix():
    rng = np.random.default_rng(2)
    gamma = SpikedCovariance(7, bulk=1.3, spike=4.0, direction=rng.standard_normal(7))
    root = gamma.stretch(np.eye(7))
    np.testing.assert_allclose(root @ root / 7, gamma.matrix(), atol=1e-14)
    np.testing.assert_allclose(root, root.T, atol=1e-14)


def test_inner_and_square_are_the_quadratic_form_of_the_matrix():
    rng = np.random.default_rng(3)
    x, x2 = rng.standard_normal((5, 6)), rng.standard_normal((4, 6))
    gamma = SpikedCovariance(6, bulk=0.7, spike=-0.3, direction=rng.standard_normal(6))
    np.testing.assert_allclose(gamma.inner(x, x2), x @ gamma.matrix() @ x2.T, atol=1e-14)
    np.testing.assert_allclose(gamma.square(x), np.diag(gamma.inner(x, x)), atol=1e-14)


def test_sampled_weights_have_the_covariance():
    gamma = SpikedCovariance(4, bulk=1.5, spike=6.0, direction=[1, 1, 0, 0])
    weights = gamma.sample(200_000, 4)
    found = weights.T @ weights / len(weights)
    scale = np.sqrt(np.outer(np.diag(gamma.matrix()), np.diag(gamma.matrix())) + gamma.matrix() ** 2)
    assert np.max(np.abs(found - gamma.matrix()) / scale) < 5 / math.sqrt(len(weights))


def test_no_step_changes_nothing():
    gamma = predict_covariance("relu", "tanh", dim=50, width=100, samples=200, step_size=0)
    assert (gamma.bulk, gamma.spike) == (1.0, 0.0)


@pytest.mark.parametrize("samples", [1, 4, 12])
def test_spike_is_what_the_batch_direction_has_more_along_the_target_than_across(samples):
    """E⟨β̂,w*⟩² − E⟨β̂,u⟩², 400 000 batches of so few samples that the large labels (2s) count: within 4 standard
    errors."""
    x, y = draw_batch("mixed", 2, 400_000 * samples, 3)
    beta_hat = (y[:, None] * x).reshape(-1, samples, 2).mean(axis=1)
    excess = beta_hat[:, 0] ** 2 - beta_hat[:, 1] ** 2
    error = excess.std() / math.sqrt(len(excess))
    spike = predict_covariance("relu", "mixed", dim=2, width=10, samples=samples, step_size=10.0).spike
    moments = module.StepMoments.of("relu", "mixed")
    unit = 2 * (moments.gain * 10 / 10) ** 2  # d (μ_σ η/m)²
    assert abs(excess.mean() - spike / unit) < 4 * error
    assert 2 * moments.curvature / samples > 20 * error  # without 2s it would be seen


@pytest.mark.parametrize("mutate", ["gain", "gain_square", "slope", "label_power"])
def test_two_percent_in_any_moment_moves_the_prediction(monkeypatch, mutate):
    """The comparison above has the power to see it: each moment enters A or B at first order."""
    true = predict_covariance("relu", "tanh", dim=DIM, width=WIDTH, samples=SAMPLES, step_size=STEP)
    moments = module.StepMoments.of("relu", "tanh")
    changed = module.StepMoments(**{**vars(moments), mutate: 1.02 * getattr(moments, mutate)})
    monkeypatch.setattr(module.StepMoments, "of", lambda *_: changed)
    wrong = predict_covariance("relu", "tanh", dim=DIM, width=WIDTH, samples=SAMPLES, step_size=STEP)
    shift = max(abs(wrong.spike / true.spike - 1), abs((wrong.bulk - 1) / (true.bulk - 1) - 1))
    assert 0.019 < shift < 0.045


@pytest.mark.parametrize("arguments, message", [
    ({"bulk": 0}, "bulk must be a finite number > 0, got 0"),
    ({"spike": -1}, "spike must be a finite number > -1, got -1"),
    ({"spike": float("nan")}, "spike .* got nan"),
    ({"direction": [0, 0, 0]}, "direction must be a non-zero vector"),
    ({"direction": [1, 0]}, r"direction must have shape \(3\), got \(2,\)"),
])
def test_bad_covariance_is_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=message):
        SpikedCovariance(3, **arguments)


def test_bad_prediction_is_refused_by_name():
    sizes = {"dim": 10, "width": 10, "samples": 10}
    with pytest.raises(ValueError, match="form must be one of 'full step', 'rank one', 'printed', got 'exact'"):
        predict_covariance("relu", "tanh", **sizes, step_size=1, form="exact")
    with pytest.raises(ValueError, match=r"step_size must be a finite number in \[0, 1e\+100\], got -1"):
        predict_covariance("relu", "tanh", **sizes, step_size=-1)
    with pytest.raises(TypeError, match="width must be a whole number ≥ 1, got 1.5"):
        predict_covariance("relu", "tanh", **sizes | {"width": 1.5}, step_size=1)
    for nothing in (np.zeros(5), []):
        with pytest.raises(ValueError, match="beta_hat must be a non-zero vector"):
            predict_conditional("relu", "tanh", nothing, width=5, samples=5, step_size=1)
    with pytest.raises(ValueError, match=r"step_size must be a finite number in \[0, 1e\+100\], got 1e\+200"):
        predict_covariance("relu", "tanh", **sizes, step_size=1e200)
    with pytest.raises(TypeError, match="activation must be a name or a callable"):
        predict_covariance(["relu"], "tanh", **sizes, step_size=1)
