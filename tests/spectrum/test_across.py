"""Averages across w*: against adaptive quadrature, for smooth σ and for kinks wherever the sphere meets them."""

import numpy as np
import pytest
from scipy import integrate

from fmspace_nb.activations import activation
from fmspace_nb.numerics.harmonics import gegenbauer
from fmspace_nb.spectrum.across import Across, sharpness

A, B = np.array([0.0, 0.3, 1.0, 2.5, -1.2]), np.array([0.5, 2.0, 0.01, 3.0, 0.0])
KINKED = {"hardtanh": (lambda z: np.clip(z, -1, 1), 1.0), "shelf": (lambda z: np.maximum(z - 0.5, 0), 0.5)}


def half(sigma, parity):
    """The even or the odd half of σ."""
    return lambda z: (sigma(z) + (1 - 2 * parity) * sigma(-z)) / 2


def average(function, dim, sector, kinks):
    """E[f(ω) P_sector(ω)] by scipy, ω = sin ψ a coordinate of the sphere of R^dim."""
    reach = min(np.pi / 2, 9 / np.sqrt(dim))
    cuts = [0.0, *np.arcsin([k for k in kinks if abs(k) < np.sin(reach)])]

    def integral(f):
        return integrate.quad(lambda psi: f(np.sin(psi)) * np.cos(psi) ** (dim - 2), -reach, reach, points=cuts, epsabs=1e-13, limit=200)[0]
    return integral(lambda omega: function(omega) * gegenbauer(dim, sector, omega)) / integral(lambda omega: 1.0)


@pytest.mark.parametrize("name", ["tanh", "gelu", "softplus", "hardtanh", "shelf"])
@pytest.mark.parametrize("dim", [3, 12, 24, 25, 300])
def test_averages_across_are_those_of_adaptive_quadrature(name, dim):
    function, kink = KINKED.get(name, (name, None))
    sigma = activation(function)
    for parity in (0, 1):
        if sigma.parity == 2 * parity - 1:
            continue
        across, own = Across(sigma, parity, dim, 1.0, 1.0), half(sigma, parity)
        sample = across.sample(A, B)
        for sector in range(4):
            exact = [average(lambda omega: own(a + b * omega), dim - 1, sector, [(s * kink - a) / b for s in (1, -1)] if kink and b else [])
                     for a, b in zip(A, B)]
            np.testing.assert_allclose(across.project(sample, sector), exact, atol=1e-9)


@pytest.mark.parametrize("name", ["softplus", "shelf"])
def test_in_two_dimensions_across_are_two_points(name):
    sigma = activation(KINKED.get(name, (name, None))[0])
    for parity in (0, 1):
        across = Across(sigma, parity, 2, 1.0, 1.0)
        two = [across.half(A + s * B) for s in (1, -1)]
        np.testing.assert_allclose(across.project(across.sample(A, B), 0), (two[0] + two[1]) / 2, atol=1e-15)
        np.testing.assert_allclose(across.project(across.sample(A, B), 1), (two[0] - two[1]) / 2, atol=1e-15)


def test_halves_add_up_to_the_whole():
    z = np.linspace(-3, 3, 13)
    for name in ("gelu", "softplus", lambda z: np.maximum(z - 0.5, 0)):
        sigma = activation(name)
        even, odd = (Across(sigma, parity, 10, 1.0, 1.0).half(z) for parity in (0, 1))
        np.testing.assert_allclose(even, even[::-1], atol=1e-14)
        np.testing.assert_allclose(odd, -odd[::-1], atol=1e-14)
        np.testing.assert_allclose(even + odd, sigma(z), atol=1e-14)


def test_sharpness_is_the_scale_on_which_an_activation_bends():
    for steep in (1, 4, 16):
        assert sharpness(activation(lambda z: np.tanh(steep * z))) == pytest.approx(1 / steep, rel=0.35)       # panels halve
    assert sharpness(activation("softplus")) == pytest.approx(2, rel=0.05)
