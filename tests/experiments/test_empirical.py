"""A real network's function space: the features after the step, their eigenvalues, and its top modes as functions."""

import math

import numpy as np
import pytest

from fmspace_nb.experiments.empirical import gram_eigenvalues
from fmspace_nb.experiments.trials import Trial

TRIAL = Trial("relu", "tanh", dim=30, width=60, samples=120, seed=3)


@pytest.fixture
def path():
    return TRIAL.feature_path(500)


def test_features_are_those_of_the_network_after_its_step(path):
    after = TRIAL.first_step().with_step_size(40.0).after
    np.testing.assert_allclose(path.features(40.0), after.features(path.inputs), atol=1e-10)


@pytest.mark.parametrize("count, width", [(20, 50), (50, 20)])
def test_both_gram_matrices_have_the_same_eigenvalues(count, width):
    features = np.random.default_rng(0).standard_normal((count, width))
    singular = np.linalg.svd(features, compute_uv=False)
    np.testing.assert_allclose(gram_eigenvalues(features), singular**2 / (count * width), rtol=1e-8)


@pytest.mark.parametrize("parity", [1, -1])
def test_top_mode_is_an_eigenfunction_of_the_symmetrised_kernel(path, parity):
    after = TRIAL.first_step().with_step_size(60.0).after
    mode = path.top_mode(60.0, parity)
    x = path.inputs
    half = (after.kernel(x) + after.kernel(-x) + parity * (after.kernel(x, -x) + after.kernel(-x, x))) / 4
    image = half @ mode.values / len(mode.values)
    np.testing.assert_allclose(image, image @ mode.values / len(image) * mode.values, atol=1e-8)
    assert np.mean(mode.values**2) == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize("parity", [1, -1])
def test_top_mode_is_a_function_with_its_parity(path, parity):
    mode = path.top_mode(60.0, parity)
    np.testing.assert_allclose(mode.function(path.inputs), mode.values, atol=1e-10)
    np.testing.assert_allclose(mode.function(-path.inputs), parity * mode.values, atol=1e-10)


def test_top_mode_of_an_untrained_network_is_radial(path):
    mode, length = path.top_mode(0.0, 1).values, np.linalg.norm(path.inputs, axis=1)
    cosine = abs(mode @ length) / np.linalg.norm(mode) / np.linalg.norm(length)
    # a mean over 60 neurons: |⟨w, x⟩| scatters by π/2 − 1 of its mean square
    assert 1 - cosine**2 < 4 * (math.pi / 2 - 1) / 60


def test_parity_is_checked(path):
    with pytest.raises(ValueError, match="parity must be one of 1, -1, got 0"):
        path.top_mode(1.0, 0)
