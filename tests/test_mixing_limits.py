"""Mode mixing at its ends: small spikes turn by a curvature, large ones saturate, many dimensions have a kernel of
their own."""

import math

import numpy as np
import pytest
from scipy import integrate, special

from fmspace_nb.activations import activation
from fmspace_nb.mixing import mode_mixing, saturation, small_spike_slope
from fmspace_nb.spectrum.mercer import mercer
from oracles import limit


def cubic(z):
    return z**3


def density(z):
    return math.exp(-z**2 / 2) / math.sqrt(2 * math.pi)


def gaussian(function, bulk):
    """E f(√bulk z)."""
    return integrate.quad(lambda z: function(math.sqrt(bulk) * z) * density(z), -12, 12, epsabs=1e-13)[0]


@pytest.mark.parametrize("bulk", [0.6, 1.0, 2.5])
@pytest.mark.parametrize("name, second, value", [
    ("relu", None, lambda z: max(z, 0)), ("gelu", lambda z: (2 - z**2) * density(z), lambda z: z * special.ndtr(z)),
    ("softplus", lambda z: special.expit(z) * special.expit(-z), lambda z: np.logaddexp(0, z)),
    ("quadratic", lambda z: 2.0, lambda z: z * z), ("cosine", lambda z: -math.cos(z), math.cos)])
def test_small_spikes_turn_by_the_mean_curvature(name, second, value, bulk):
    """φ ≈ (B/d)·E σ''/(√2 E σ), against the angle's own slope at d = 10⁵, extrapolated to B = 0."""
    curvature = 1 / math.sqrt(2 * math.pi * bulk) if second is None else gaussian(second, bulk)  # relu: σ'' = δ
    law = curvature / (math.sqrt(2) * gaussian(value, bulk))
    assert small_spike_slope(name, bulk=bulk) == pytest.approx(law, rel=1e-9)
    dim, ratio = 100_000, 1e-3
    once, twice = (mode_mixing(name, dim=dim, bulk=bulk, spike=k * ratio * dim) for k in (1, 2))
    # 10/d, and (B/d)² left by extrapolation
    assert (4 * once.angle - twice.angle) / (2 * ratio) == pytest.approx(law, rel=3e-4)


@pytest.mark.parametrize("name, third, first", [("erf", lambda z: (z**2 - 1) * density(z), density),
                                                ("sine", lambda z: -math.cos(z), math.cos),
                                                (cubic, lambda z: 6.0, lambda z: 3 * z * z)])
def test_the_linear_mode_turns_by_the_mean_third_derivative(name, third, first):
    law = math.sqrt(1.5) * gaussian(third, 0.8) / gaussian(first, 0.8)
    assert small_spike_slope(name, bulk=0.8) == pytest.approx(law, rel=1e-9)
    once, twice = (mode_mixing(name, dim=100_000, bulk=0.8, spike=k * 100.0) for k in (1, 2))
    assert (4 * once.angle - twice.angle) / 2e-3 == pytest.approx(law, rel=1e-3)
    assert once.modes == ("linear", "cubic")


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0, 3.7])
def test_homogeneous_activations_turn_by_their_power(power):
    assert small_spike_slope(lambda z: np.abs(z) ** power, bulk=1.7) == pytest.approx(
        power / (math.sqrt(2) * 1.7), rel=1e-9
    )


@pytest.mark.parametrize("dim", [2, 10, 100_000])
@pytest.mark.parametrize("name, rate", [("relu", 10), ("quadratic", 10), (cubic, 10), (lambda z: np.abs(z) ** 1.5, 10),
                                        ("erf", 10**0.5), ("softplus", None), ("gelu", None)])
def test_the_angle_saturates(name, rate, dim):
    """From B = 100 d to B = 1000 d the gap falls by a known factor: a tenth (power p), 1/√10 (a jump seen from
    afar)."""
    for bulk in (1.0,) if activation(name).homogeneity is not None else (1.0, 0.25):
        final = saturation(name, dim=dim, bulk=bulk)
        near, far = (mode_mixing(name, dim=dim, bulk=bulk, spike=k * dim) for k in (100, 1000))
        assert far.saturation == final
        gap = abs(far.angle - near.angle)
        if rate is None:
            assert abs(far.angle - final) < 0.35 * abs(near.angle - final)
        else:
            assert far.angle + (far.angle - near.angle) / (rate - 1) == pytest.approx(final, abs=0.03 * gap)


@pytest.mark.parametrize("dim", [2, 7, 1000])
def test_the_saturated_mode_is_a_power_of_the_coordinate(dim):
    """tan φ_∞ = ⟨|t|^p, Q⟩/⟨|t|^p, R⟩, by moments of t and ‖x‖ alone; p/√2 as d → ∞."""
    for name, power in (("relu", 1), ("quadratic", 2), (lambda z: np.abs(z) ** 3, 3)):
        # log E|τ|^k
        moments = [special.gammaln((k + 1) / 2) - special.gammaln((dim + k) / 2) for k in (power, power + 2)]
        zonal = (math.exp(moments[1] - moments[0]) - 1 / dim) / math.sqrt(2 * (dim - 1) / (dim**2 * (dim + 2)))
        assert math.tan(saturation(name, dim=dim)) == pytest.approx(zonal, rel=1e-9)
        assert math.tan(saturation(name, dim=100_000)) == pytest.approx(power / math.sqrt(2), rel=1e-4)
    assert math.tan(saturation("relu", dim=dim)) == pytest.approx(
        math.sqrt((dim - 1) * (dim + 2) / 2) / (dim + 1), rel=1e-12
    )


def test_a_jump_saturates():
    near, far = (mode_mixing(np.sign, dim=40, spike=40.0 * k).angle for k in (100, 1000))
    assert far + (far - near) / (10**0.5 - 1) == pytest.approx(saturation(np.sign, dim=40), abs=0.03 * abs(far - near))


def test_activations_without_a_power_do_not_saturate():
    assert saturation("cosine", dim=10) is None and mode_mixing("sine", dim=10).saturation is None
    assert saturation("softplus", dim=10**5) == pytest.approx(saturation("relu", dim=10**5), rel=1e-5)


@pytest.mark.parametrize("name", ["relu", "quadratic", "cosine", "erf"])
@pytest.mark.parametrize("ratio", [0.05, 2.0, 6.0])
def test_many_dimensions_have_a_limit_and_the_angle_nears_it_like_their_inverse(name, ratio):
    values, modes, t, weights = limit(name, ratio=ratio, bulk=1.3)
    odd = activation(name).parity == -1
    first, second = (t, (t**3 - 3 * t) / math.sqrt(6)) if odd else (np.ones_like(t), (t**2 - 1) / math.sqrt(2))
    top = next(mode for mode in modes if abs(mode @ (weights * first)) > 1e-6)
    final = math.atan((top @ (weights * second)) / (top @ (weights * first)))
    off = (
        np.array([mode_mixing(name, dim=dim, bulk=1.3, spike=ratio * dim).angle for dim in (300, 3000, 30_000)]) - final
    )
    assert off[0] / off[1] == pytest.approx(10, rel=0.15) and off[1] / off[2] == pytest.approx(10, rel=0.15)


@pytest.mark.parametrize("name", ["relu", "erf", "cosine"])
def test_many_dimensions_have_the_eigenvalues_of_the_limit(name):
    exact = limit(name, ratio=2.0, bulk=0.8)[0][:3]
    off = np.array([mercer(name, dim=dim, bulk=0.8, spike=2.0 * dim, sectors=1).sectors[0].eigenvalues[:3] / exact - 1
                    for dim in (10_000, 100_000)])
    assert np.all(np.abs(off[0]) < 0.03)
    assert np.all(np.abs(off[1]) < 0.105 * np.abs(off[0]) + 1e-6)                     # at least like 1/d


@pytest.mark.parametrize("call, kind, words", [
    (lambda: saturation("relu", dim=10**6), ValueError, "dim must be"),
    (lambda: saturation("erf", dim=9, bulk=11.0), ValueError, "bulk must be"),
    (lambda: small_spike_slope("relu", bulk=-1.0), ValueError, "bulk must be")])
def test_bad_arguments_are_named(call, kind, words):
    with pytest.raises(kind, match=words):
        call()
