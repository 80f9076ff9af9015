"""Chapter 00's five pictures show one network after one step; its bar says where on the journey one stands."""

import numpy as np
import pytest

from fmspace_nb.experiments.trials import SHOWN
from fmspace_nb.figures import journey, style
from fmspace_nb.kernel import conjugate_kernel
from fmspace_nb.weights import critical_step_size


def traces(figure, name):
    return [trace for trace in figure.data if trace.name == name]


def test_all_five_pictures_show_the_same_weights():
    trial, eta = journey._trial(2.0), 150.0
    after = trial.first_step().with_step_size(eta).after.weights
    cloud = traces(journey.weights(step_size=eta), "after")[0]
    np.testing.assert_allclose(cloud.x[:200], np.sqrt(journey.DIM) * after[:, 0])
    eigenvalues = np.linalg.eigvalsh(journey.DIM / trial.width * after.T @ after)
    top = traces(journey.spectrum(step_size=eta), "top eigenvalue, measured")[0]
    assert top.x[0] == pytest.approx(eigenvalues[-1])
    x = journey._places(2.0)[0]
    features = np.maximum(x @ after.T, 0) / np.sqrt(trial.width)
    own = np.linalg.norm(features - features[20], axis=1)
    unit = np.sqrt(conjugate_kernel("relu", trial.given_data(eta)).diagonal(x[20:21])[0])
    spread = traces(journey.functions(step_size=eta), "their spread: this network")[0]
    np.testing.assert_allclose(spread.y[:5], own[journey._FEW] / unit)


@pytest.mark.parametrize("step_size", [10.0, 150.0, 1000.0])
def test_functions_spread_as_theory_says_given_the_data(step_size):
    """Over 200 neurons: a spread is a root mean square over neurons, within four standard errors, 4/√(2·200) = 20 %."""
    figure = journey.functions(step_size=step_size)
    panels = (traces(figure, f"their spread: {name}") for name in ("theory", "this network"))
    for law, own in zip(*panels, strict=True):
        for x, y in zip(own.x[:5], own.y[:5], strict=True):
            if abs(x) > 0.5:
                assert y == pytest.approx(np.interp(x, law.x[:41], law.y[:41]), rel=0.2)


@pytest.mark.parametrize("step_size", [1.0, 150.0, 1000.0])
def test_the_readout_learns_as_predicted(step_size):
    """One fit for each point: its error varies by 10 % (twelve draws), so three standard errors are 30 %."""
    figure = journey.learning(step_size=step_size)
    for when in ("before", "after"):
        law, found = traces(figure, f"{when}: theory")[0], traces(figure, f"{when}: this network")[0]
        late = found.x >= 50                    # the draws that are not shown are gaps
        predicted = np.interp(found.x[late], law.x[:25], law.y[:25])
        np.testing.assert_allclose(found.y[late], predicted, rtol=0.3)


def test_the_bar_says_how_far_the_draws_reach():
    told = [journey.bar(seed=seed).layout.annotations[-1].text.split("Here it is ")[1][:-1]
            for seed in (*range(SHOWN), "all")]
    assert told[-1] == f"{min(told[:-1], key=float)} to {max(told[:-1], key=float)}"


@pytest.mark.parametrize("width_ratio", [0.5, 2.0, 8.0])
def test_the_bar_says_whether_the_weights_show_the_target_and_how_far_functions_are(width_ratio):
    """In a wide network the first threshold lies beyond d: words follow η_c and Γ, not the order of the marks."""
    trial = journey._trial(width_ratio)
    first = critical_step_size("relu", "tanh", **trial.shape)
    for eta in (1.0, 0.99 * first, 1.01 * first, 100.0, 1000.0):
        said = journey.bar(step_size=eta, width_ratio=width_ratio).layout.annotations[-1].text
        assert ("weights show w*" in said) == (eta >= first)
        gamma = trial.given_data(eta)
        assert said.endswith(style.worded(f"Here it is {gamma.spike / gamma.bulk / 100:.2g}."))
