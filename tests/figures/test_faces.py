"""Chapter 04's pictures: the clouds are real, the random functions share their numbers, the faces agree where they are
drawn."""

import math

import numpy as np
import pytest

from fmspace_nb.covariance import predict_covariance
from fmspace_nb.experiments.trials import Trial
from fmspace_nb.figures import faces
from fmspace_nb.kernel import conjugate_kernel


def traces(figure, name):
    return [t for t in figure.data if (t.name or "").startswith(name)]


def gamma(dim, step_size, activation="relu"):
    return predict_covariance(activation, "tanh", dim=dim, width=2 * dim, samples=4 * dim, step_size=step_size)


def test_weight_cloud_is_the_network_after_its_step():
    cloud = traces(faces.clouds(step_size=300.0), "after")[0]
    step = Trial("relu", "tanh", dim=200, width=400, samples=800).first_step().with_step_size(300.0)
    weights, beta_hat = step.after.weights[:len(cloud.x)], step.beta_hat.copy()
    np.testing.assert_allclose(cloud.x, math.sqrt(200) * weights[:, 0], rtol=1e-10)
    beta_hat[0] = 0
    np.testing.assert_allclose(
        cloud.y, math.sqrt(200) * weights @ beta_hat / np.linalg.norm(beta_hat), rtol=1e-8, atol=1e-10
    )


def test_note_on_the_inputs_is_their_stretch_along_the_target_against_across():
    figure = faces.clouds(step_size=1000.0)
    before, after = ([t for t in traces(figure, name) if t.xaxis == "x2"][0] for name in ("before", "after"))
    along, across = np.std(after.x) / np.std(before.x), np.std(after.y) / np.std(before.y)
    noted = next(note.text for note in figure.layout.annotations if note.text.startswith("inputs"))
    assert noted == f"inputs: × {along / across:.3g}<br>against across" and along / across < 0.9 * along


@pytest.mark.parametrize("eta", [1.0, 300.0, 1000.0])
def test_ellipse_of_two_standard_deviations_holds_its_share_of_the_real_weights(eta):
    """86.5 % of a plane Gaussian; 250 weights: a standard error of 2.2 %, and the bulk's mixture law beyond η ~ d."""
    figure = faces.clouds(step_size=eta)
    ellipse, cloud = traces(figure, "theory, given the data")[0], traces(figure, "after")[0]
    outline, dots = np.stack([ellipse.x, ellipse.y])[:, :121], np.stack([cloud.x, cloud.y])
    # a closed ellipse: mean of its outer product is half its matrix
    inverse = np.linalg.inv(outline[:, :-1] @ outline[:, :-1].T / 60)
    inside = np.mean(np.einsum("in,ij,jn->n", dots, inverse, dots) < 1)
    assert abs(inside - (1 - math.exp(-2))) < 4 * 0.022


def test_narrow_network_keeps_the_length_of_its_cloud():
    cloud = traces(faces.clouds(width_ratio=0.25), "before")[0]
    assert len(cloud.x) == len(traces(faces.clouds(), "before")[0].x) and np.isfinite(cloud.x).sum() == 50


@pytest.mark.parametrize("plane", ["through a typical input", "through the origin"])
def test_random_functions_morph_without_a_jump(plane):
    """Common random numbers: a step size 1 % larger moves the picture by about 1 %."""
    first, second = (np.asarray(faces.random_functions(step_size=s, plane=plane).data[0].z) for s in (300.0, 303.0))
    assert 0 < np.max(np.abs(second - first)) < 0.1


def test_through_the_origin_the_step_is_a_squeeze_along_the_target():
    """f₁(t, u) = f₀(√(A+B) t, √A u), up to the common scale."""
    covariance = gamma(100, 50.0)
    grid = np.stack(np.meshgrid(np.linspace(-1, 1, 6), np.linspace(-1, 1, 6)), -1)
    after = faces._functions("erf", covariance, 200, "through the origin", grid)
    squeezed = grid * np.sqrt([covariance.bulk + covariance.spike, covariance.bulk])
    before = faces._functions("erf", faces.SpikedCovariance(100), 200, "through the origin", squeezed)
    ratio = after / before
    np.testing.assert_allclose(ratio, ratio[0, 0, 0], rtol=1e-9)


@pytest.mark.parametrize("activation", ["relu", "erf", "gelu"])
def test_random_functions_have_mean_square_one_over_inputs(activation):
    covariance = gamma(60, 400.0, activation)
    x = np.random.default_rng(0).standard_normal((40_000, 60))
    diagonal = conjugate_kernel(activation, covariance).diagonal(x)
    error = diagonal.std() / 200
    # the length across w* is taken at its mean: a share of order 1/d
    assert (
        abs(faces._mean_square(activation, 60, covariance.bulk, covariance.spike) - diagonal.mean())
        < 4 * error + 0.01 * diagonal.mean()
    )


def test_typical_slices_wake_up_along_the_target_at_the_second_threshold_only():
    def bend(step_size):
        parts = traces(faces.random_functions(step_size=step_size), "after")
        return [np.nanstd(np.reshape(p.y, (4, -1)), axis=1).mean() for p in parts]

    early, first, second = bend(1.0), bend(10.0), bend(1000.0)  # η = √d is 10, η = d is 100
    assert abs(first[0] / early[0] - 1) < 0.05
    assert second[0] > 2 * early[0] and second[0] > 3 * second[1]


def test_stretched_inputs_lie_on_the_closed_form_and_sampled_weights_near_it():
    figure = faces.three_computations(step_size=1000.0, width_ratio=8.0)
    line, crosses = traces(figure, "k₁, closed")[0], traces(figure, "k₀ of")[0]
    dots = next(t for t in figure.data if "weights from" in (t.name or ""))
    at = np.isin(line.x, crosses.x)
    np.testing.assert_allclose(np.asarray(line.y)[at], crosses.y, atol=1e-12)
    assert np.all(np.abs(np.asarray(dots.y) - crosses.y) < 4.5 * np.asarray(dots.error_y.array))


def test_dimension_panel_keeps_step_size_over_dimension():
    figure = faces.network_against_kernels(step_size=128.0, width_ratio=0.5)
    left, right = traces(figure, "from k₀")
    at = list(right.x).index(128)
    near = faces.network_against_kernels(step_size=float(left.x[4]), width_ratio=0.5)  # 100, a stop of the left panel
    assert traces(near, "from k₀")[1].y[at] == pytest.approx(left.y[4], rel=1e-12)
