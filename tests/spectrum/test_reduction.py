"""From σ and Γ to blocks: each by the route that is accurate there, refined to the tolerance, or refused."""

import numpy as np
import pytest

from fmspace_nb.activations import NAMED, activation
from fmspace_nb.spectrum.mercer import mercer
from fmspace_nb.spectrum.reduction import Reduction
from fmspace_nb.spectrum.waves import WaveRoute


@pytest.mark.parametrize("name, dim, spike", [("tanh", 5, 150.0), ("tanh", 18, 540.0), ("gelu", 30, 900.0), ("erf", 2, 2.0),
                                              ("softplus", 100, 100.0), ("tanh", 1000, 5.0), ("relu", 3, 9.0), ("relu", 40, 900.0)])
def test_four_eigenvalues_of_a_sector_are_right_to_a_millionth(name, dim, spike):
    """Against twice the resolution that was thought enough."""
    spectrum = mercer(name, dim=dim, spike=spike)
    finer = [route for parity in (0, 1) if (route := Reduction(activation(name), dim, 1.0, spike).route(parity, 2.2))]
    for sector in spectrum.sectors:
        exact = np.sort(np.concatenate([route.sector(sector.degree, 6)[0] for route in finer]))[::-1]
        np.testing.assert_allclose(sector.eigenvalues[:4], exact[:4], rtol=1e-6)


@pytest.mark.parametrize("name, dim, spike", [("gelu", 1000, 5.0), ("tanh", 400, 0.0), ("relu", 10, 5.0), ("relu", 1000, 0.0),
                                              ("tanh", 10, 5.0)])
def test_as_many_modes_and_sectors_as_were_asked_for(name, dim, spike):
    """Also beyond eight and three; the first of them are the ones a smaller question finds."""
    few = mercer(name, dim=dim, spike=spike)
    modes, sectors = mercer(name, dim=dim, spike=spike, modes=24), mercer(name, dim=dim, spike=spike, sectors=14, modes=4)
    assert [len(s.eigenvalues) for s in modes.sectors] == [24] * 3 and [len(s.eigenvalues) for s in sectors.sectors] == [4] * 14
    for j in range(3):
        np.testing.assert_allclose(modes.sectors[j].eigenvalues[:4], few.sectors[j].eigenvalues[:4], rtol=2e-6)
        np.testing.assert_allclose(sectors.sectors[j].eigenvalues, few.sectors[j].eigenvalues[:4], rtol=2e-6)
    for sector in sectors.sectors:
        assert [label.degree - label.legs for label in sector.labels] == [sector.degree] * 4


def test_a_sector_that_drowns_in_rounding_is_empty():
    spectrum = mercer("tanh", dim=1000, spike=3000.0, sectors=20)
    assert len(spectrum.sectors[-1].eigenvalues) == len(spectrum.sectors[-1].labels) == 0
    assert spectrum.sectors[-1](np.zeros(3), np.ones(3)).shape == (0, 3) and spectrum.error < 1e-6 and spectrum.tail > 0


@pytest.mark.parametrize("dim, ratio", [(2, 3.0), (3, 1000.0), (20, 0.05), (5000, 1000.0)])
def test_a_polynomial_of_the_reader_s_has_finite_rank(dim, ratio):
    """z² + 1 has 1, t², r² in sector 0, one mode in each of sectors 1 and 2; rounding adds none."""
    spectrum = mercer(lambda z: z**2 + 1, dim=dim, spike=ratio * dim)
    assert [len(sector.eigenvalues) for sector in spectrum.sectors] == [3, 1, 1][:2 if dim == 2 else 3]
    assert abs(spectrum.tail) < 1e-6 * spectrum.trace


def test_a_callable_equal_to_a_named_activation_has_its_spectrum():
    for name, function in (("relu", lambda z: np.maximum(z, 0)), ("tanh", np.tanh), ("sine", np.sin)):
        named, own = mercer(name, dim=30, spike=15.0), mercer(function, dim=30, spike=15.0)
        for a, b in zip(named.sectors, own.sectors):
            np.testing.assert_allclose(a.eigenvalues[:4], b.eigenvalues[:4], rtol=1e-6)


@pytest.mark.parametrize("even, odd", [(1.0, 0.0), (0.0, 1.0), (1.0, -0.5)])
@pytest.mark.parametrize("dim, spike", [(12, 5.0), (40, 20.0), (400, 2.0), (1000, 500.0)])
def test_a_faster_wave_is_a_wave_at_a_larger_covariance(even, odd, dim, spike):
    """σ(2z) at Γ is σ(z) at 4Γ, there in closed form; of a sum, even and odd modes are each half's own.

    The first four of a sector to the promised 1e-6, and none farther off than ten times its estimated error.
    """
    spectrum = mercer(lambda z: even * np.cos(2 * z) + odd * np.sin(2 * z), dim=dim, bulk=0.8, spike=spike)
    halves = [(size**2, WaveRoute(parity, dim=dim, bulk=3.2, spike=4 * spike)) for parity, size in enumerate((even, odd)) if size]
    for sector in spectrum.sectors:
        closed = np.sort(np.concatenate([power * wave.sector(sector.degree, 4)[0] for power, wave in halves]))[::-1]
        off = np.abs(sector.eigenvalues[:4] - closed[:4])
        assert np.all(off < 1e-6 * closed[:4]) and np.all(off < 10 * sector.errors[:4] + 1e-10 * closed[:4])
    product = ((1 + 12.8 / dim) ** (dim - 1) * (1 + (12.8 + 16 * spike) / dim)) ** -0.5               # E cos(2⟨w,x⟩·2)
    assert spectrum.trace == pytest.approx((even**2 * (1 + product) + odd**2 * (1 - product)) / 2, rel=1e-8)


def test_a_half_that_vanishes_has_no_route():
    for name, sigma in NAMED.items():
        place = Reduction(sigma, 30, 1.0, 10.0)
        assert [place.route(parity, 1.0) is None for parity in (0, 1)] == [sigma.parity == -1, sigma.parity == 1], name


def test_what_no_grid_resolves_is_refused_and_not_guessed():
    with pytest.raises(ArithmeticError, match="at dim 1000, bulk 1, spike 3000: the first eigenvalues are known to a relative .* only"):
        mercer(lambda z: np.sin(9 * z), dim=1000, spike=3000.0)
