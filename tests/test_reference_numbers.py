"""The exact spectrum and the mixing angle against numbers that two other programs computed, and the trace sum rule."""

import math

import numpy as np
import pytest

from fmspace_nb.mixing import mode_mixing
from fmspace_nb.spectrum import mercer

RELU = {
    (10, 1.0, 5.0): ((.26412107, .15, .010524245, .0001233693), (.025, .0045835181, 6.9682093e-5, 4.7201328e-6),
                     (.0011130358, 3.3919988e-5, 2.880812e-6, 3.9092684e-7)),
    (50, 1.2, 10.0): ((.22735067, .056, .0030024522, 1.1403415e-5), (.006, .00050263704, 2.6993605e-6, 6.3495857e-8),
                      (6.6155064e-5, 5.8162631e-7, 1.7360608e-8, 8.4098144e-10)),
}


@pytest.mark.parametrize("place", RELU, ids=str)
def test_relu_spectrum_has_the_reference_digits(place):
    dim, bulk, spike = place
    sectors = mercer("relu", dim=dim, bulk=bulk, spike=spike).sectors
    for sector, expected in zip(sectors, RELU[place], strict=True):
        np.testing.assert_allclose(sector.eigenvalues[:len(expected)], expected, rtol=2e-7)


def test_erf_spectrum_has_the_reference_digits():
    found = mercer("erf", dim=20, spike=4.0, sectors=1).sectors[0].eigenvalues[:4]
    np.testing.assert_allclose(found, (0.0631731942, 0.000232254674, 7.09065248e-6, 3.899468e-6), rtol=2e-7)


@pytest.mark.parametrize("dim, bulk, spike, degrees", [(10, 1.0, 5.0, 13.079837), (1000, 1.0, 1000.0, 20.140739),
                                                       (300, 1.2, 848.0, 27.029350), (1000, 1.0, 1e6, 35.224286)])
def test_mixing_angle_has_the_reference_digits(dim, bulk, spike, degrees):
    assert math.degrees(mode_mixing("relu", dim=dim, bulk=bulk, spike=spike).angle) == pytest.approx(degrees, abs=2e-6)


@pytest.mark.parametrize("dim", [2, 3, 10, 300, 100_000])
def test_linear_mode_is_exact_at_every_dimension(dim):
    sector = mercer("relu", dim=dim, bulk=1.3, spike=0.4 * dim, sectors=1).sectors[0]
    linear = next(value for value, label in zip(sector.eigenvalues, sector.labels) if label.degree == 1)
    assert linear == pytest.approx((1.3 + 0.4 * dim) / (4 * dim), rel=1e-9)


def test_levels_add_up_to_the_trace():
    spectrum = mercer("relu", dim=10, spike=5.0, sectors=24, modes=24)
    assert spectrum.trace == pytest.approx((1 + 5.0 / 10) / 2, rel=1e-12)
    assert 0 <= spectrum.tail < 2e-4 * spectrum.trace
