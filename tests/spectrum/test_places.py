"""Places at which there is no spectrum, or none that can be computed, are refused by name."""

import numpy as np
import pytest

from fmspace_nb.spectrum.mercer import mercer


@pytest.mark.parametrize(
    "arguments, words",
    [
        (dict(dim=1), "dim must be"),
        (dict(dim=10, bulk=0.0), "bulk must be"),
        (dict(dim=10, bulk=np.nan), "bulk must be"),
        (dict(dim=10, spike=-1.0), "spike must be"),
        (dict(dim=10, spike=np.inf), "spike must be"),
        (dict(dim=10, spike=1e5), "spike must be"),
        (dict(dim=10, modes=0), "modes must be"),
        (dict(dim=10, sectors=0), "sectors must be"),
    ],
)
def test_bad_arguments_are_named(arguments, words):
    with pytest.raises(ValueError, match=words):
        mercer("relu", **arguments)


def test_an_activation_too_large_for_the_spike_is_refused():
    assert mercer(lambda z: np.exp(0.5 * z), dim=50, spike=1.0).error <= 1e-6
    with pytest.raises(ValueError, match="square-integrable|finite"):
        mercer(lambda z: np.exp(0.5 * z), dim=50, spike=50_000.0)
    with pytest.raises(TypeError, match="dim must be"):
        mercer("relu", dim=10.5)
    sector = mercer("relu", dim=10).sectors[1]
    with pytest.raises(ValueError, match="r must be"):
        sector(0.0, -1.0)
    with pytest.raises(ValueError, match="x must have shape"):
        sector.on_points(np.zeros((4, 9)))
    with pytest.raises(ValueError, match="across must not be parallel"):
        sector.on_points(np.zeros((4, 10)), across=np.eye(1, 10)[0])


def test_a_sigma_too_sharp_for_the_place_is_refused_before_memory_runs_out():
    with pytest.raises(ArithmeticError, match="do not fit into memory"):
        mercer(lambda z: np.tanh(40 * z), dim=5, bulk=10.0, spike=5000.0)
