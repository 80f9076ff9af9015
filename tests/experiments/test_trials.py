"""Remembered trials are the trials themselves."""

import numpy as np
import pytest

from fmspace_nb.experiments.trials import Trial, sizes
from fmspace_nb.figures.step import rank_one_model
from fmspace_nb.network import TwoLayerNetwork
from fmspace_nb.steps import draw_batch, gradient_step
from fmspace_nb.weights import sample_covariance


def test_path_is_the_covariance_of_the_weights_at_every_step_size():
    trial = Trial("gelu", "sine", dim=20, width=50, samples=60, seed=1)
    path = trial.weight_path()
    for step_size in (0.0, 3.0, 700.0):
        after = trial.first_step().with_step_size(step_size).after
        expected = sample_covariance(after.weights)
        near = {"rtol": 1e-9, "atol": 1e-9 * np.max(np.abs(expected))}
        np.testing.assert_allclose(path.covariance(step_size), expected, **near)
        value, along_target, along_spike = path.top(step_size)
        values, vectors = np.linalg.eigh(expected)
        assert value == pytest.approx(values[-1], rel=1e-8)
        assert along_target == pytest.approx(vectors[0, -1] ** 2, abs=1e-7)
        assert 0 <= along_spike <= 1 + 1e-12


def test_first_step_is_one_gradient_step_of_a_drawn_network():
    rng = np.random.default_rng([1, 20, 50, 60])
    network = TwoLayerNetwork.random(20, 50, "gelu", rng)
    expected = gradient_step(network, *draw_batch("sine", 20, 60, rng), 5.0)
    found = Trial("gelu", "sine", dim=20, width=50, samples=60, seed=1).first_step().with_step_size(5.0)
    np.testing.assert_array_equal(found.after.weights, expected.after.weights)


def test_another_seed_is_another_trial():
    first, second = (trial.first_step() for trial in Trial("relu", "tanh", dim=10, width=10, samples=10).draws(2))
    assert not np.allclose(first.gradient, second.gradient)


def test_equal_trials_are_computed_once():
    one, other = (Trial("relu", "tanh", dim=10, width=20, samples=40, seed=2) for _ in range(2))
    assert one.first_step() is other.first_step()
    assert one == Trial.of_ratios("relu", "tanh", dim=10, width_ratio=2.0, sample_ratio=4.0, seed=2)


@pytest.mark.parametrize("wrong, error, message", [
    ({"dim": 0}, ValueError, "dim must be a whole number ≥ 1, got 0"),
    ({"width": 2.5}, TypeError, "width must be a whole number ≥ 1, got 2.5"),
    ({"samples": True}, TypeError, "samples must be a whole number ≥ 1, got True"),
    ({"seed": -1}, ValueError, "seed must be a whole number ≥ 0, got -1"),
    ({"activation": "rleu"}, ValueError, "activation must be .* got 'rleu'"),
    ({"target": "than"}, ValueError, "target must be .* got 'than'")])
def test_bad_trial_is_refused_by_name(wrong, error, message):
    with pytest.raises(error, match=message):
        Trial(**{"activation": "relu", "target": "tanh", "dim": 10, "width": 10, "samples": 10} | wrong)


def test_sizes_are_whole_numbers_of_at_least_one():
    assert sizes(100, 0.25, 4.0) == (25, 400) and sizes(2, 0.1, 0.1) == (1, 1)
    with pytest.raises(ValueError, match="width_ratio must be a finite number > 0, got 0"):
        sizes(10, 0, 1)


def test_gradient_parts_have_the_norms_of_the_matrices():
    """relu: the model of the gradient is −(½/√m) a β̂ᵀ, of operator norm ½‖a‖‖β̂‖/√m; the rest is what it leaves."""
    trial = Trial("relu", "tanh", dim=40, width=80, samples=160, seed=5)
    step, parts = trial.first_step(), trial.gradient_parts()
    model = -0.5 / np.sqrt(80) * np.outer(step.before.readout, step.beta_hat)
    for name, matrix in (("start", step.before.weights), ("rank one", model), ("rest", step.gradient - model)):
        assert parts[name] == pytest.approx((np.linalg.norm(matrix, 2), np.linalg.norm(matrix)), rel=1e-9)
    assert parts["rank one"][0] == pytest.approx(parts["rank one"][1], rel=1e-9)


def test_rank_one_model_is_drawn_with_the_norms_of_its_parts():
    """Both parts of the step grow like η, by their operator norms; on the right, means of two networks a dimension."""
    figure = rank_one_model(step_size=100.0, width_ratio=2.0, sample_ratio=4.0, dim=64)
    drawn = {trace.name: (np.asarray(trace.x, float), np.asarray(trace.y, float)) for trace in figure.data}
    parts = Trial("relu", "tanh", dim=64, width=128, samples=256).gradient_parts()
    for name, part in (("rank one: real step", "rank one"), ("the rest: real step", "rest")):
        eta, norms = drawn[name]
        np.testing.assert_allclose(norms, parts[part][0] * eta, rtol=1e-12)
    dims, operator = drawn["operator norm"]
    for k, dim in enumerate(dims.astype(int).tolist()):
        trial = Trial("relu", "tanh", dim=dim, width=2 * dim, samples=4 * dim)
        found = [draw.gradient_parts() for draw in trial.draws(2)]
        ratios = np.mean([np.divide(p["rest"], p["rank one"]) for p in found], axis=0)
        assert (operator[k], drawn["Frobenius norm"][1][k]) == pytest.approx(tuple(ratios), rel=1e-12)
    theory = drawn["rank one: theory"][1] / drawn["rank one: theory"][0]
    # ‖a‖‖β̂‖ of one network of 128 neurons scatters by 10 %
    assert theory == pytest.approx(np.full(2, parts["rank one"][0]), rel=0.25)
