"""What is no such number and no such function is refused, with the argument's name and its value."""

import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from fmspace_nb.activations import activation
from fmspace_nb.covariance import SpikedCovariance, predict_conditional, predict_covariance, typical_conditional
from fmspace_nb.learning import eigenframework
from fmspace_nb.preconditioned import predict_preconditioned
from fmspace_nb.several_directions import staircase
from fmspace_nb.spectrum.mercer import mercer
from fmspace_nb.targets import target
from fmspace_nb.weights import critical_step_size, marchenko_pastur, outlier

NUMBER = st.one_of(
    st.none(),
    st.text(max_size=3),
    st.booleans(),
    st.complex_numbers(),
    st.lists(st.integers(), min_size=1),
    st.floats(max_value=-1e-9),
    st.just(math.nan),
    st.just(math.inf),
    st.just(-math.inf),
)
CALLS = {
    "dim": lambda bad: predict_covariance("relu", "tanh", dim=bad, width=5, samples=5, step_size=1.0),
    "width": lambda bad: critical_step_size("relu", "tanh", dim=5, width=bad, samples=5),
    "samples": lambda bad: typical_conditional("relu", "tanh", dim=5, width=5, samples=bad, step_size=1.0),
    "step_size": lambda bad: predict_conditional("relu", "tanh", np.ones(5), width=5, samples=5, step_size=bad),
    "power": lambda bad: predict_preconditioned("relu", "tanh", power=bad, variances=np.ones(3), direction=np.ones(3),
                                                width=5, samples=5, step_size=1.0),
    "directions": lambda bad: staircase("relu", lambda z: z[..., 0], directions=bad, dim=9, width=9, samples=9),
    "ratio": lambda bad: marchenko_pastur(1.0, ratio=bad),
    "bulk": lambda bad: SpikedCovariance(4, bulk=bad),
    "spike": lambda bad: outlier(spike=bad, ratio=1.0),
    "noise": lambda bad: target("tanh", noise=bad),
    "modes": lambda bad: mercer("relu", dim=9, modes=bad),
    "alignment": lambda bad: eigenframework(mercer("relu", dim=9), "tanh", alignment=bad),
}


def test_means_that_lie_too_far_out_are_refused():
    """E e^{0.3√v z} is carried by z near 0.3√v: exact as long as 13 standard deviations hold it, then refused."""
    grows = activation(lambda z: np.exp(0.3 * z))
    assert grows.hermite(0, 300.0)[0] == pytest.approx(math.exp(0.045 * 300), rel=1e-9)
    with pytest.raises(ValueError, match="variance must be smaller for an activation that grows as fast as .* at 1000"):
        grows.hermite(0, 1000.0)


@given(st.sampled_from(sorted(CALLS)), NUMBER)
@settings(max_examples=150)
def test_what_is_no_such_number_is_refused_with_its_name_and_itself(name, bad):
    with pytest.raises((ValueError, TypeError)) as refusal:
        CALLS[name](bad)
    assert str(refusal.value).startswith(f"{name} must be") and repr(bad) in str(refusal.value)


@given(
    st.one_of(st.none(), st.integers(), st.text(max_size=2), st.lists(st.floats(), max_size=2), st.binary(max_size=3))
)
@settings(max_examples=40)
def test_what_is_no_function_is_refused_as_one(bad):
    for make, name in ((activation, "activation"), (target, "target")):
        with pytest.raises((ValueError, TypeError), match=f"{name} must be"):
            make(bad)


@pytest.mark.parametrize(
    "bad",
    [
        lambda z: z / 0.0,
        lambda z: np.exp(z**2),
        lambda z: z[:3],
        lambda z: 1.0,
        lambda z: 1j * z,
        lambda z: 0 * z,
        np.log,
        lambda z: np.sin(1e6 * z),
        lambda z: "no",
        lambda: 0,
        math.sin,
    ],
)
def test_unusable_functions_are_refused_by_name(bad):
    for make, name in ((activation, "activation"), (target, "target")):
        with pytest.raises((ValueError, TypeError), match=f"^{name} must"):
            make(bad)
