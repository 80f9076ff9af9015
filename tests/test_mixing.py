"""Mode mixing: exact limits, the small-spike and the saturation law, and grids and samples that know nothing of sectors."""

import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import integrate, special

from fmspace_nb.activations import NAMED, activation
from fmspace_nb.covariance import SpikedCovariance
from fmspace_nb.mixing import limit_mixing, limit_spectrum, mode_mixing, saturation, small_spike_slope
from fmspace_nb.spectrum import mercer

QUICK = settings(deadline=None, derandomize=True, max_examples=15)


def cubic(z):
    return z**3


def leaky(z):
    return np.maximum(z, 0.2 * z)


@pytest.mark.parametrize("dim, bulk, spike, angle, residual, quadratic", [
    (10, 1.0, 5.0, 13.079837, None, None), (1000, 1.0, 1000.0, 20.140739, .005244, None),
    (300, 1.2, 848.0, 27.029350, None, .203551), (1000, 1.0, 1e6, 35.224286, None, None)])
def test_relu_has_the_reference_digits(dim, bulk, spike, angle, residual, quadratic):
    found = mode_mixing("relu", dim=dim, bulk=bulk, spike=spike)
    assert math.degrees(found.angle) == pytest.approx(angle, abs=1e-6)
    assert residual is None or found.residual == pytest.approx(residual, abs=5e-7)
    assert quadratic is None or found.quadratic**2 == pytest.approx(quadratic, abs=5e-7)
    assert found.radial**2 + found.quadratic**2 + found.residual == pytest.approx(1.0, abs=1e-12)
    assert math.tan(found.angle) == pytest.approx(found.quadratic / found.radial, rel=1e-12)


@pytest.mark.parametrize("name", ["relu", "gelu", "quadratic", "cosine", "erf", "sine"])
@pytest.mark.parametrize("dim", [3, 5000])
def test_nothing_mixes_before_the_step(name, dim):
    found = mode_mixing(name, dim=dim, bulk=0.7)
    assert found.angle == pytest.approx(0, abs=1e-7) and found.residual == pytest.approx(0, abs=1e-9)
    assert found.first_order == found.small_spike == found.limit == 0
    assert found.first_order_eigenvalue == pytest.approx(found.eigenvalue, rel=1e-8)


def quarter(name, bulk, spike, odd):
    """T₁ in two dimensions on a grid of equal steps in (t, s), both > 0, for functions even in s and even (odd) in t."""
    half = 0.28 * (np.arange(28) + 0.5)
    mass = 0.56 * np.exp(-half**2 / 2) / math.sqrt(2 * math.pi)
    t, s = (grid.ravel() for grid in np.meshgrid(half, half, indexing="ij"))
    weights, gamma = np.multiply.outer(mass, mass).ravel(), SpikedCovariance(2, bulk=bulk, spike=spike)
    points, sigma = np.stack([t, s], axis=1), activation(name)
    square = gamma.square(points)
    gram = sum((sign if odd else 1) * sigma.dual(square[:, None], square, gamma.inner(points, points * [sign, turn]))
               for sign in (1, -1) for turn in (1, -1)) / 4
    return np.linalg.eigh(gram * np.sqrt(np.multiply.outer(weights, weights))), t, s, np.sqrt(weights)


@pytest.mark.parametrize("name, bulk, spike", [("gelu", 1.0, 1.5), ("gelu", 0.4, 3.0),
                                               ("cosine", 0.6, 0.8), ("erf", 0.7, 1.0), ("sine", 0.5, 0.7)])
def test_a_product_grid_in_two_dimensions_gives_the_same_angle(name, bulk, spike):
    """R and Q are eigenvectors at B = 0, recognised by the polynomial they resemble; Ψ is the top one at B."""
    odd = activation(name).parity == -1
    (levels, pure), t, s, root = quarter(name, bulk, 0.0, odd)
    (values, vectors), *_ = quarter(name, bulk, spike, odd)
    legs = []
    for shape in ((t, t**3 - 3 * t * s**2) if odd else (np.ones_like(t), t**2 - s**2)):
        shape = shape * root / np.linalg.norm(shape * root)
        alike = np.abs(levels / levels[np.argmax(np.abs(shape @ pure))] - 1) < 1e-5       # waves have levels of several degrees
        mode = pure[:, alike] @ (shape @ pure[:, alike])
        legs.append(vectors[:, -1] @ mode / np.linalg.norm(mode))
    found = mode_mixing(name, dim=2, bulk=bulk, spike=spike)
    assert found.angle == pytest.approx(math.atan(legs[1] / legs[0]), abs=1e-6)
    assert found.residual == pytest.approx(1 - legs[0] ** 2 - legs[1] ** 2, abs=1e-6)
    assert found.eigenvalue == pytest.approx(values[-1], rel=1e-6)
    assert abs(mode_mixing(name, dim=2, bulk=bulk, spike=1.02 * spike).angle - found.angle) > 5e-4       # two per cent would show


@pytest.mark.parametrize("name, spike", [("relu", 0.5), ("relu", 40.0), (leaky, 3.0), ("quadratic", 6.0)])
def test_fourier_modes_on_the_circle_give_the_same_angle(name, spike):
    """Homogeneous σ in two dimensions: R is constant on the circle, Q is √2 cos 2θ, and the kernel is periodic."""
    sigma, angle = activation(name), (np.arange(400) + 0.5) * np.pi / 400                # functions even under x → −x
    x = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    gamma = SpikedCovariance(2, bulk=1.1, spike=spike)
    q, c = gamma.square(x), gamma.inner(x, x)
    gram = (sigma.dual(q[:, None], q, c) + sigma.dual(q[:, None], q, -c)) / 2
    top = np.linalg.eigh(gram)[1][:, -1]
    ratio = np.sqrt(2) * (top @ np.cos(2 * angle)) / top.sum()
    assert mode_mixing(name, dim=2, bulk=1.1, spike=spike).angle == pytest.approx(math.atan(ratio), abs=1e-6)


@pytest.mark.parametrize("name, power, spike", [("relu", 1, 9.0), ("quadratic", 2, 3.0)])
def test_sampled_weights_and_inputs_give_the_matrix(name, power, spike):
    """⟨R, T₁Q⟩ = E σ(⟨w,x⟩)σ(⟨w,x'⟩)R(x)Q(x') over independent w, x, x': 10⁶ draws, error bars of one to five per cent."""
    dim, draws, bulk = 6, 1_000_000, 1.2
    rng, sigma, sums = np.random.default_rng(0), activation(name), []
    for _ in range(10):
        w = SpikedCovariance(dim, bulk=bulk, spike=spike).sample(draws // 10, rng)
        parts = []
        for x in rng.standard_normal((2, draws // 10, dim)):
            radial = np.linalg.norm(x, axis=1) ** power
            zonal = (x[:, 0] / np.linalg.norm(x, axis=1)) ** 2 - 1 / dim
            features = sigma(np.sum(w * x, axis=1)) * radial / math.sqrt({1: dim, 2: dim * (dim + 2)}[power])
            parts.append((features, features * zonal / math.sqrt(2 * (dim - 1) / (dim**2 * (dim + 2)))))      # var τ², τ² ~ Beta
        (r, q), (r2, q2) = parts
        sums.append([[np.mean(r * r2), np.mean(r * q2 + q * r2) / 2], [0.0, np.mean(q * q2)]])
    mean, error = np.mean(sums, axis=0), np.std(sums, axis=0, ddof=1) / math.sqrt(10)
    matrix = mode_mixing(name, dim=dim, bulk=bulk, spike=spike).matrix
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-12 * matrix[0, 0])
    assert np.all(np.abs(mean - np.triu(matrix)) < 4.5 * error + 1e-15)  # 9 degrees of freedom
    assert error[0, 0] < 0.015 * matrix[0, 0] and error[0, 1] < 0.05 * matrix[0, 1]


@pytest.mark.parametrize("name", ["relu", "gelu", "softplus", "quadratic", "cosine", "erf", "tanh", cubic])
@pytest.mark.parametrize("dim, spike", [(4, 1.0), (30, 20.0), (3000, 9000.0)])
def test_the_matrix_is_a_restriction_of_the_operator(name, dim, spike):
    """Rayleigh–Ritz: each of its eigenvalues is at most the exact one of its rank."""
    found = mode_mixing(name, dim=dim, spike=spike)
    sector = mercer(name, dim=dim, spike=spike, sectors=1).sectors[0]
    parity = -1 if found.modes[0] == "linear" else 1
    exact = [value for value, label in zip(sector.eigenvalues, sector.labels) if label.parity == parity]
    assert found.eigenvalue == pytest.approx(exact[0], rel=2e-6)
    for ritz, value in zip(found.matrix_eigenvalues, exact):
        assert -1e-15 * exact[0] <= ritz <= value * (1 + 2e-6)
    assert found.matrix_eigenvalues[0] >= found.eigenvalue * (1 - found.residual) * (1 - 1e-9)
    assert found.matrix_eigenvalues.sum() == pytest.approx(np.trace(found.matrix), rel=1e-12)
    turned = np.array([math.cos(found.two_by_two), math.sin(found.two_by_two)])
    np.testing.assert_allclose(found.matrix @ turned, found.matrix_eigenvalues[0] * turned, atol=1e-12 * found.eigenvalue)


def test_a_square_has_no_modes_but_two():
    found = mode_mixing("quadratic", dim=17, bulk=0.9, spike=30.0)
    assert found.residual == pytest.approx(0, abs=1e-10)
    assert found.two_by_two == pytest.approx(found.angle, abs=1e-9)


@pytest.mark.parametrize("name", ["gelu", "softplus", "quadratic", "cosine", leaky, "erf", "tanh", "sine", cubic])
@pytest.mark.parametrize("dim", [6, 60])
def test_first_order_is_right_to_first_order(name, dim):
    """The error of angle and eigenvalue falls like (B/d)²; for odd σ B/A, not B/d, has to be small."""
    small = dim * np.array([4e-3, 2e-3, 1e-3]) / (dim if activation(name).parity == -1 else 1)
    found = [mode_mixing(name, dim=dim, bulk=1.1, spike=spike) for spike in small]
    angles = np.abs([m.angle - m.first_order for m in found])
    values = np.abs([m.eigenvalue / m.first_order_eigenvalue - 1 for m in found])
    assert np.all(np.abs(np.diff(np.log2(angles)) + 2) < 0.1)
    assert np.all(np.abs(np.diff(np.log2(values)) + 2) < 0.1)
    assert angles[-1] < 0.01 * abs(found[-1].angle)


@pytest.mark.parametrize("dim", [6, 60, 6000])
def test_first_order_of_a_jump_is_its_delta_function(dim):
    once, twice = (mode_mixing(np.sign, dim=dim, spike=spike) for spike in (0.01, 0.02))
    slope, first = 2 * once.angle - twice.angle / 2, 2 * once.first_order - twice.first_order / 2  # without their B² terms
    assert slope == pytest.approx(first, rel=2e-3)


def test_the_printed_first_order_of_relu_is_that_of_many_dimensions():
    """Theorem 5 has 1/(2π) for every d; the exact derivative differs by a share that falls like 1/d."""
    off = []
    for dim in (100, 1000, 10_000):
        printed, exact = (mode_mixing(s, dim=dim, spike=1e-3 * dim).first_order for s in ("relu", lambda z: np.maximum(z, 0)))
        off.append(printed / exact - 1)
    assert off[0] / off[1] == pytest.approx(10, rel=0.05) and off[1] / off[2] == pytest.approx(10, rel=0.05)
    found, tau = mode_mixing("relu", dim=300, bulk=1.2, spike=848.0), math.sqrt(598 / 302) / 300 * 848 / (4 * math.pi)
    top = 300 * np.exp(2 * special.gammaln(150) - 2 * special.gammaln(150.5)) / (4 * math.pi)
    assert found.first_order_eigenvalue == pytest.approx(1.2 * top + 848 / (600 * math.pi), rel=1e-12)
    assert found.first_order == pytest.approx(math.atan(tau / (found.first_order_eigenvalue - 1.2 * top / 301**2)), rel=1e-12)


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
    curvature = 1 / math.sqrt(2 * math.pi * bulk) if second is None else gaussian(second, bulk)                # relu: σ'' = δ
    law = curvature / (math.sqrt(2) * gaussian(value, bulk))
    assert small_spike_slope(name, bulk=bulk) == pytest.approx(law, rel=1e-9)
    dim, ratio = 100_000, 1e-3
    once, twice = (mode_mixing(name, dim=dim, bulk=bulk, spike=k * ratio * dim) for k in (1, 2))
    assert once.small_spike == pytest.approx(law * ratio, rel=1e-9)
    assert (4 * once.angle - twice.angle) / (2 * ratio) == pytest.approx(law, rel=3e-4)  # 10/d, and (B/d)² left by extrapolation


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
    assert small_spike_slope(lambda z: np.abs(z) ** power, bulk=1.7) == pytest.approx(power / (math.sqrt(2) * 1.7), rel=1e-9)


@pytest.mark.parametrize("dim", [2, 10, 100_000])
@pytest.mark.parametrize("name, rate", [("relu", 10), ("quadratic", 10), (cubic, 10), (lambda z: np.abs(z) ** 1.5, 10),
                                        ("erf", 10**0.5), ("softplus", None), ("gelu", None)])
def test_the_angle_saturates(name, rate, dim):
    """From B = 100 d to B = 1000 d the gap falls by a known factor: a tenth (power p), 1/√10 (a jump seen from afar)."""
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
        moments = [special.gammaln((k + 1) / 2) - special.gammaln((dim + k) / 2) for k in (power, power + 2)]  # log E|τ|^k
        zonal = (math.exp(moments[1] - moments[0]) - 1 / dim) / math.sqrt(2 * (dim - 1) / (dim**2 * (dim + 2)))
        assert math.tan(saturation(name, dim=dim)) == pytest.approx(zonal, rel=1e-9)
        assert math.tan(saturation(name, dim=100_000)) == pytest.approx(power / math.sqrt(2), rel=1e-4)
    assert math.tan(saturation("relu", dim=dim)) == pytest.approx(math.sqrt((dim - 1) * (dim + 2) / 2) / (dim + 1), rel=1e-12)


def test_a_jump_saturates():
    near, far = (mode_mixing(np.sign, dim=40, spike=40.0 * k).angle for k in (100, 1000))
    assert far + (far - near) / (10**0.5 - 1) == pytest.approx(saturation(np.sign, dim=40), abs=0.03 * abs(far - near))


def test_activations_without_a_power_do_not_saturate():
    assert saturation("cosine", dim=10) is None and mode_mixing("sine", dim=10).saturation is None
    assert saturation("softplus", dim=10**5) == pytest.approx(saturation("relu", dim=10**5), rel=1e-5)


@pytest.mark.parametrize("name", ["relu", "gelu", "softplus", "quadratic", "cosine", "erf", "sine", cubic])
@pytest.mark.parametrize("ratio", [0.05, 2.0, 50.0])
def test_the_limit_is_that_of_many_dimensions(name, ratio):
    limit = limit_mixing(name, ratio=ratio, bulk=1.3)
    exact = [mode_mixing(name, dim=dim, bulk=1.3, spike=ratio * dim) for dim in (300, 3000, 30_000)]
    assert exact[0].limit == pytest.approx(limit, abs=1e-12)
    off = np.array([m.angle for m in exact]) - limit
    assert off[0] / off[1] == pytest.approx(10, rel=0.15) and off[1] / off[2] == pytest.approx(10, rel=0.15)


SMOOTHED = {"relu": lambda a, A: a * special.ndtr(a / math.sqrt(A)) + math.sqrt(A / (2 * math.pi)) * np.exp(-a**2 / (2 * A)),
            "quadratic": lambda a, bulk: bulk + a**2, "cosine": lambda a, bulk: math.exp(-bulk / 2) * np.cos(a),
            "erf": lambda a, bulk: special.erf(a / math.sqrt(2 * (1 + bulk)))}


@pytest.mark.parametrize("name", SMOOTHED)
@pytest.mark.parametrize("ratio, bulk", [(0.3, 1.0), (1.5, 0.5)])
def test_the_limit_spectrum_exhausts_its_trace(name, ratio, bulk):
    """Σλ = E_t k_∞(t,t) = E_{g,t} Φ(gt)², Φ in closed form."""
    t = np.arange(-225, 226) * 0.04  # equal steps are a Gauss rule for such functions
    weights = 0.04 * np.exp(-t**2 / 2) / math.sqrt(2 * math.pi)
    rows = SMOOTHED[name](math.sqrt(ratio) * np.multiply.outer(t, t), bulk)
    values, functions = limit_spectrum(name, ratio=ratio, bulk=bulk, modes=40)
    assert np.all(values > 0) and np.all(np.diff(values) <= 0)
    assert values.sum() == pytest.approx(weights @ rows**2 @ weights, rel=1e-7)
    psi = functions(t)[:4]
    np.testing.assert_allclose((psi * weights) @ psi.T, np.eye(len(psi)), atol=1e-7)
    applied = (psi * weights) @ (rows * weights) @ rows                               # T_∞ = S², S by rows
    np.testing.assert_allclose(applied[:, 125:326], values[:len(psi), None] * psi[:, 125:326], atol=1e-8 * values[0])


@pytest.mark.parametrize("name", ["relu", "gelu", "erf", "cosine", "tanh"])
@pytest.mark.parametrize("ratio", [0.5, 100.0])
def test_the_limit_spectrum_is_that_of_many_dimensions(name, ratio):
    limit = limit_spectrum(name, ratio=ratio, bulk=0.8, modes=3)[0]
    off = np.array([mercer(name, dim=dim, bulk=0.8, spike=ratio * dim, sectors=1).sectors[0].eigenvalues[:3] / limit - 1
                    for dim in (10_000, 100_000)])
    assert np.all(np.abs(off[0]) < 0.03)
    assert np.all(np.abs(off[1]) < 0.105 * np.abs(off[0]) + 1e-6)                     # at least like 1/d


def test_odd_activations_mix_the_linear_mode_with_the_cubic_one():
    for name in ("erf", "tanh", "sine", "identity", cubic):
        assert mode_mixing(name, dim=12, spike=3.0).modes == ("linear", "cubic")
    assert abs(mode_mixing("identity", dim=12, spike=300.0).angle) < 1e-9                           # nothing to mix with
    assert mode_mixing("erf", dim=12, spike=3.0).angle < 0 < mode_mixing(cubic, dim=12, spike=3.0).angle
    assert mode_mixing("relu", dim=12, spike=3.0).modes == ("radial", "quadratic")


@pytest.mark.parametrize("call, kind, words", [
    (lambda: mode_mixing("relu", dim=1), ValueError, "dim must be"),
    (lambda: mode_mixing("relu", dim=2.5), TypeError, "dim must be"),
    (lambda: mode_mixing("relu", dim=9, bulk=0.0), ValueError, "bulk must be .* got 0.0"),
    (lambda: mode_mixing("relu", dim=9, spike=-1.0), ValueError, "spike must be .* got -1.0"),
    (lambda: mode_mixing("relu", dim=9, spike=9.1e3), ValueError, "spike must be .* got 9100"),
    (lambda: mode_mixing("rule", dim=9), ValueError, "activation must be one of .* got 'rule'"),
    (lambda: mode_mixing(lambda z: z**2 - 1, dim=30), ValueError, "activation must have E σ ≠ 0"),
    (lambda: saturation("relu", dim=10**6), ValueError, "dim must be"),
    (lambda: saturation("erf", dim=9, bulk=11.0), ValueError, "bulk must be"),
    (lambda: limit_mixing("relu", ratio=-1.0), ValueError, "ratio must be"),
    (lambda: limit_mixing("relu", ratio=1.0, bulk=0.0), ValueError, "bulk must be"),
    (lambda: limit_mixing("relu", ratio=0.0, bulk="1"), TypeError, "bulk must be"),
    (lambda: limit_spectrum("relu", ratio=math.nan), ValueError, "ratio must be"),
    (lambda: limit_spectrum("relu", ratio=1.0, modes=0), ValueError, "modes must be"),
    (lambda: small_spike_slope("relu", bulk=-1.0), ValueError, "bulk must be")])
def test_bad_arguments_are_named(call, kind, words):
    with pytest.raises(kind, match=words):
        call()


@given(name=st.sampled_from(sorted(NAMED) + [leaky, cubic]), dim=st.integers(20, 100_000) | st.integers(2, 19),
       bulk=st.floats(0.1, 10.0), ratio=st.just(0.0) | st.floats(1e-6, 1e3))
@QUICK
def test_every_number_is_finite_and_every_share_at_most_one(name, dim, bulk, ratio):
    found = mode_mixing(name, dim=dim, bulk=bulk, spike=ratio * dim)
    numbers = [found.angle, found.first_order, found.first_order_eigenvalue, found.two_by_two, found.small_spike, found.limit]
    assert np.all(np.isfinite(numbers)) and (found.saturation is None or math.isfinite(found.saturation))
    assert max(map(abs, (found.angle, found.first_order, found.two_by_two, found.limit))) <= math.pi / 2
    assert 0 <= found.residual <= 1 and found.radial**2 + found.quadratic**2 <= 1 + 1e-6
    top, second = found.matrix_eigenvalues
    assert -1e-12 * found.eigenvalue <= second <= top <= found.eigenvalue * (1 + 1e-6)


@given(name=st.sampled_from(sorted(NAMED) + [leaky, cubic]), bulk=st.floats(0.1, 10.0), ratio=st.just(0.0) | st.floats(1e-6, 1e3))
@QUICK
def test_the_limit_spectrum_is_positive_and_descending(name, bulk, ratio):
    values, functions = limit_spectrum(name, ratio=ratio, bulk=bulk)
    assert np.all(values >= 0) and np.all(np.diff(values) <= 0) and np.all(np.isfinite(functions(np.linspace(-4, 4, 9))))
