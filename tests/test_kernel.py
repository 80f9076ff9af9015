"""The conjugate kernel: its three faces are one kernel."""

import math

import numpy as np
import pytest

from fmspace_nb.covariance import SpikedCovariance, predict_conditional
from fmspace_nb.kernel import conjugate_kernel
from fmspace_nb.network import TwoLayerNetwork
from fmspace_nb.steps import draw_batch, gradient_step

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
    np.testing.assert_allclose(
        kernel(x, x2), kernel.isotropic()(gamma.stretch(x), gamma.stretch(x2)), rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize("name", NAMES)
def test_closed_form_is_the_mean_over_weights(name, setting):
    gamma, x, x2 = setting
    kernel = conjugate_kernel(name, gamma)
    draws = np.array([kernel.monte_carlo(x, x2, width=4000, rng=seed) for seed in range(30)])
    error = draws.std(0, ddof=1) / math.sqrt(len(draws))
    pulls = (draws.mean(0) - kernel(x, x2)) / error
    assert np.max(np.abs(pulls)) < 5  # 96 pulls, correlated since they share their weights; 29 degrees of freedom each
    assert np.max(error) < 0.02 * np.max(np.abs(kernel(x, x2)))  # and the noise is small enough to see 10%


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


def test_kernel_of_one_real_network_is_the_spiked_one_given_its_data():
    """One real step at d = 300: far from k₀, and hardly farther from k₁ than a network drawn from the model itself."""
    dim, width, samples, step_size = 300, 2400, 1200, 3000
    rng = np.random.default_rng(1)
    network = TwoLayerNetwork.random(dim, width, "relu", rng)
    x, y = draw_batch("mixed", dim, samples, rng)
    step = gradient_step(network, x, y, step_size)
    covariance = predict_conditional("relu", "mixed", step.beta_hat, width=width, samples=samples, step_size=step_size)
    fresh = rng.standard_normal((400, dim))
    kernel = conjugate_kernel("relu", covariance)
    measured, predicted = step.after.kernel(fresh), kernel(fresh)

    def distance(gram, reference=predicted):
        return np.linalg.norm(gram - reference) / np.linalg.norm(reference)

    floor = np.mean([distance(kernel.monte_carlo(fresh, width=width, rng=seed)) for seed in range(5)])
    assert distance(measured) < 1.5 * floor
    assert distance(measured, kernel.isotropic()(fresh)) > 10 * floor
    thin = SpikedCovariance(dim, spike=covariance.spike, direction=step.beta_hat)  # A_c forgotten
    assert distance(measured, conjugate_kernel("relu", thin)(fresh)) > 1.5 * distance(measured)


def test_bad_input_is_refused_by_name(setting):
    gamma, x, _ = setting
    with pytest.raises(TypeError, match="covariance must be a SpikedCovariance"):
        conjugate_kernel("relu", np.eye(3))
    with pytest.raises(ValueError, match=r"x must have shape"):
        conjugate_kernel("relu", gamma)(x[:, :4])
    with pytest.raises(ValueError, match="activation"):
        conjugate_kernel("rule", gamma)
