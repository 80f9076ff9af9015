"""The conjugate kernel: its three faces are one kernel."""

import math

import numpy as np
import pytest

from fmspace_nb.covariance import SpikedCovariance, predict_covariance
from fmspace_nb.kernel import conjugate_kernel
from fmspace_nb.network import TwoLayerNetwork, draw_batch, gradient_step

NAMES = ("relu", "erf", "tanh", "gelu", "softplus", "quadratic", "cosine", "sine", "identity")


@pytest.fixture
def setting():
    rng = np.random.default_rng(0)
    gamma = SpikedCovariance(9, bulk=1.2, spike=5.0, direction=rng.standard_normal(9))
    return gamma, rng.standard_normal((12, 9)), rng.standard_normal((8, 9))


@pytest.mark.parametrize("name", NAMES)
def test_stretching_the_inputs_is_spiking_the_weights(name, setting):
    gamma, x, x2 = setting
    kernel = conjugate_kernel(name, gamma)
    np.testing.assert_allclose(kernel(x, x2), kernel.isotropic()(gamma.stretch(x), gamma.stretch(x2)), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_closed_form_is_the_mean_over_weights(name, setting):
    gamma, x, x2 = setting
    kernel = conjugate_kernel(name, gamma)
    draws = np.array([kernel.monte_carlo(x, x2, width=4000, rng=seed) for seed in range(30)])
    error = draws.std(0, ddof=1) / math.sqrt(len(draws))
    pulls = (draws.mean(0) - kernel(x, x2)) / error
    assert np.max(np.abs(pulls)) < 5 and 0.6 < np.std(pulls) < 1.4  # 96 pulls: as many, and as large, as noise makes


@pytest.mark.parametrize("name", NAMES)
def test_gram_matrix_is_symmetric_and_positive(name, setting):
    gamma, x, _ = setting
    gram = conjugate_kernel(name, gamma)(x)
    np.testing.assert_allclose(gram, gram.T, atol=1e-12)
    assert np.linalg.eigvalsh(gram).min() > -1e-9 * np.trace(gram)


def test_diagonal_is_the_diagonal(setting):
    gamma, x, _ = setting
    kernel = conjugate_kernel("gelu", gamma)
    np.testing.assert_allclose(kernel.diagonal(x), np.diag(kernel(x)), rtol=1e-9)


def test_two_percent_in_the_spike_shows(setting):
    gamma, x, x2 = setting
    other = SpikedCovariance(9, bulk=gamma.bulk, spike=1.02 * gamma.spike, direction=gamma.direction)
    near, far = conjugate_kernel("relu", gamma)(x, x2), conjugate_kernel("relu", other)(x, x2)
    assert np.linalg.norm(near - far) > 1e-3 * np.linalg.norm(near)


def test_kernel_of_real_networks_is_the_spiked_one():
    """Real steps at d = 300: far from k₀, and no farther from k₁ than a network drawn from the model, within its noise."""
    dim, width, samples = 300, 2400, 1200
    rng = np.random.default_rng(1)
    network = TwoLayerNetwork.random(dim, width, "relu", rng)
    x, y = draw_batch("mixed", dim, samples, rng)
    covariance = predict_covariance("relu", "mixed", dim=dim, width=width, samples=samples, step_size=5500)
    assert 0.2 < covariance.spike / dim < 0.6
    step = gradient_step(network, x, y, 5500)
    fresh = rng.standard_normal((400, dim))
    kernel = conjugate_kernel("relu", covariance)
    measured, predicted, start = step.after.kernel(fresh), kernel(fresh), kernel.isotropic()(fresh)

    def distance(gram):
        return np.linalg.norm(gram - predicted) / np.linalg.norm(predicted)

    floor = distance(kernel.monte_carlo(fresh, width=width, rng=2))
    assert distance(start) > 0.3
    # β̂ is not w*: α = 4 leaves the averaged kernel some distance above the floor (MATH.md section 3: .037 against .032 at d=800)
    assert distance(measured) < 2 * floor


def test_bad_input_is_refused_by_name(setting):
    gamma, x, _ = setting
    with pytest.raises(TypeError, match="covariance must be a SpikedCovariance"):
        conjugate_kernel("relu", np.eye(3))
    with pytest.raises(ValueError, match=r"x must have shape"):
        conjugate_kernel("relu", gamma)(x[:, :4])
    with pytest.raises(ValueError, match="activation"):
        conjugate_kernel("rule", gamma)
