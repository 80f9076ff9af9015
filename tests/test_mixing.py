"""Mode mixing: reference digits, the first order, the 2×2 matrix, and grids and samples that know nothing of
sectors."""

import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import special

from fmspace_nb.activations import NAMED, activation
from fmspace_nb.covariance import SpikedCovariance
from fmspace_nb.mixing import mode_mixing
from fmspace_nb.spectrum.mercer import mercer

QUICK = settings(max_examples=15)


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
    assert found.first_order == 0
    assert found.first_order_eigenvalue == pytest.approx(found.eigenvalue, rel=1e-8)


def quarter(name, bulk, spike, odd):
    """T₁ in two dimensions on a grid of equal steps in (t, s), both > 0, for functions even in s and even (odd) in
    t."""
    half = 0.28 * (np.arange(28) + 0.5)
    mass = 0.56 * np.exp(-half**2 / 2) / math.sqrt(2 * math.pi)
    t, s = (grid.ravel() for grid in np.meshgrid(half, half, indexing="ij"))
    weights, gamma = np.multiply.outer(mass, mass).ravel(), SpikedCovariance(2, bulk=bulk, spike=spike)
    points, sigma = np.stack([t, s], axis=1), activation(name)
    square = gamma.square(points)
    gram = sum((sign if odd else 1) * sigma.dual(square[:, None], square, gamma.inner(points, points * [sign, turn]))
               for sign in (1, -1) for turn in (1, -1)) / 4
    return np.linalg.eigh(gram * np.sqrt(np.multiply.outer(weights, weights))), t, s, np.sqrt(weights)


@pytest.mark.slow
@pytest.mark.parametrize("name, bulk, spike", [("gelu", 1.0, 1.5), ("gelu", 0.4, 3.0),
                                               ("cosine", 0.6, 0.8), ("erf", 0.7, 1.0)])
def test_a_product_grid_in_two_dimensions_gives_the_same_angle(name, bulk, spike):
    """R and Q are eigenvectors at B = 0, recognised by the polynomial they resemble; Ψ is the top one at B."""
    odd = activation(name).parity == -1
    (levels, pure), t, s, root = quarter(name, bulk, 0.0, odd)
    (values, vectors), *_ = quarter(name, bulk, spike, odd)
    legs = []
    for shape in ((t, t**3 - 3 * t * s**2) if odd else (np.ones_like(t), t**2 - s**2)):
        shape = shape * root / np.linalg.norm(shape * root)
        # waves have levels of several degrees
        alike = np.abs(levels / levels[np.argmax(np.abs(shape @ pure))] - 1) < 1e-5
        mode = pure[:, alike] @ (shape @ pure[:, alike])
        legs.append(vectors[:, -1] @ mode / np.linalg.norm(mode))
    found = mode_mixing(name, dim=2, bulk=bulk, spike=spike)
    assert found.angle == pytest.approx(math.atan(legs[1] / legs[0]), abs=1e-6)
    assert found.residual == pytest.approx(1 - legs[0] ** 2 - legs[1] ** 2, abs=1e-6)
    assert found.eigenvalue == pytest.approx(values[-1], rel=1e-6)
    # two per cent would show
    assert abs(mode_mixing(name, dim=2, bulk=bulk, spike=1.02 * spike).angle - found.angle) > 5e-4


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


@pytest.mark.slow
@pytest.mark.parametrize("name, power, spike", [("relu", 1, 9.0), ("quadratic", 2, 3.0)])
def test_sampled_weights_and_inputs_give_the_angle_of_two_modes(name, power, spike):
    """⟨R, T₁Q⟩ = E σ(⟨w,x⟩)σ(⟨w,x'⟩)R(x)Q(x') over independent w, x, x': 10⁶ draws, error bars of one to five per
    cent."""
    dim, draws, bulk = 6, 1_000_000, 1.2
    rng, sigma, sums = np.random.default_rng(0), activation(name), []
    for _ in range(10):
        w = SpikedCovariance(dim, bulk=bulk, spike=spike).sample(draws // 10, rng)
        parts = []
        for x in rng.standard_normal((2, draws // 10, dim)):
            radial = np.linalg.norm(x, axis=1) ** power
            zonal = (x[:, 0] / np.linalg.norm(x, axis=1)) ** 2 - 1 / dim
            features = sigma(np.sum(w * x, axis=1)) * radial / math.sqrt({1: dim, 2: dim * (dim + 2)}[power])
            # var τ², τ² ~ Beta
            parts.append((features, features * zonal / math.sqrt(2 * (dim - 1) / (dim**2 * (dim + 2)))))
        (r, q), (r2, q2) = parts
        sums.append([[np.mean(r * r2), np.mean(r * q2 + q * r2) / 2], [0.0, np.mean(q * q2)]])
    mean, error = np.mean(sums, axis=0), np.std(sums, axis=0, ddof=1) / math.sqrt(10)
    angles = [math.atan2(2 * m[0][1], m[0][0] - m[1][1]) / 2 for m in sums]
    found = mode_mixing(name, dim=dim, bulk=bulk, spike=spike)
    # 9 degrees of freedom
    assert abs(np.mean(angles) - found.two_by_two) < 4.5 * np.std(angles, ddof=1) / math.sqrt(10)
    assert error[0, 0] < 0.015 * mean[0, 0] and error[0, 1] < 0.05 * mean[0, 1]


@pytest.mark.parametrize("name", ["relu", "gelu", "softplus", "quadratic", "cosine", "erf", "tanh", cubic])
@pytest.mark.parametrize("dim, spike", [(4, 1.0), (30, 20.0), (3000, 9000.0)])
def test_the_mixed_mode_is_the_top_one_and_two_modes_nearly_hold_it(name, dim, spike):
    """Ψ has the top eigenvalue of its parity, and two modes miss its angle by no more than they miss of Ψ."""
    found = mode_mixing(name, dim=dim, spike=spike)
    sector = mercer(name, dim=dim, spike=spike, sectors=1).sectors[0]
    parity = -1 if found.modes[0] == "linear" else 1
    exact = [value for value, label in zip(sector.eigenvalues, sector.labels, strict=True) if label.parity == parity]
    assert found.eigenvalue == pytest.approx(exact[0], rel=2e-6)
    assert abs(found.two_by_two - found.angle) <= 1.6 * math.sqrt(found.residual) + 1e-6  # what the two modes leave


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
    # without their B² terms
    slope, first = 2 * once.angle - twice.angle / 2, 2 * once.first_order - twice.first_order / 2
    assert slope == pytest.approx(first, rel=2e-3)


def test_the_printed_first_order_of_relu_is_that_of_many_dimensions():
    """Theorem 5 has 1/(2π) for every d; the exact derivative differs by a share that falls like 1/d."""
    off = []
    for dim in (100, 1000, 10_000):
        printed, exact = (
            mode_mixing("relu", dim=dim, spike=1e-3 * dim, form=form).first_order for form in ("printed", "exact")
        )
        off.append(printed / exact - 1)
    assert off[0] / off[1] == pytest.approx(10, rel=0.05) and off[1] / off[2] == pytest.approx(10, rel=0.05)
    found, tau = (
        mode_mixing("relu", dim=300, bulk=1.2, spike=848.0, form="printed"),
        math.sqrt(598 / 302) / 300 * 848 / (4 * math.pi),
    )
    top = 300 * np.exp(2 * special.gammaln(150) - 2 * special.gammaln(150.5)) / (4 * math.pi)
    assert found.first_order_eigenvalue == pytest.approx(1.2 * top + 848 / (600 * math.pi), rel=1e-12)
    assert found.first_order == pytest.approx(
        math.atan(tau / (found.first_order_eigenvalue - 1.2 * top / 301**2)), rel=1e-12
    )


def test_no_result_hangs_on_a_name():
    """relu, and a callable that is relu; a covariance, and its numbers; only B/A counts for a homogeneous σ."""
    named, called = (mode_mixing(s, dim=30, bulk=1.2, spike=20.0) for s in ("relu", lambda z: np.maximum(z, 0)))
    assert named == called
    gamma = SpikedCovariance(30, bulk=1.2, spike=20.0)
    assert mode_mixing("relu", covariance=gamma) == named
    scaled = mode_mixing("relu", dim=30, bulk=120.0, spike=2000.0)
    assert scaled.angle == pytest.approx(named.angle, rel=1e-12) and scaled.eigenvalue == pytest.approx(
        100 * named.eigenvalue, rel=1e-12
    )


def test_odd_activations_mix_the_linear_mode_with_the_cubic_one():
    for name in ("erf", "tanh", "sine", "identity", cubic):
        assert mode_mixing(name, dim=12, spike=3.0).modes == ("linear", "cubic")
    assert abs(mode_mixing("identity", dim=12, spike=300.0).angle) < 1e-9  # nothing to mix with
    assert mode_mixing("erf", dim=12, spike=3.0).angle < 0 < mode_mixing(cubic, dim=12, spike=3.0).angle
    assert mode_mixing("relu", dim=12, spike=3.0).modes == ("radial", "quadratic")


@pytest.mark.parametrize("call, kind, words", [
    (lambda: mode_mixing("relu", dim=1), ValueError, "dim must be"),
    (lambda: mode_mixing("relu", dim=2.5), TypeError, "dim must be"),
    (lambda: mode_mixing("relu", dim=9, bulk=0.0), ValueError, "bulk must be .* got 0.0"),
    (lambda: mode_mixing("relu", dim=9, spike=-1.0), ValueError, "spike must be .* got -1.0"),
    (lambda: mode_mixing("relu", dim=9, spike=9.1e3), ValueError, "spike must be .* got 9100"),
    (lambda: mode_mixing("relu"), TypeError, "dim must be"),
    (lambda: mode_mixing("relu", dim=9, covariance=SpikedCovariance(9)), ValueError, "covariance must come without"),
    (lambda: mode_mixing("gelu", dim=9, form="printed"), ValueError, "form must be 'exact'"),
    (lambda: mode_mixing("rule", dim=9), ValueError, "activation must be one of .* got 'rule'"),
    (lambda: mode_mixing(lambda z: z**2 - 1, dim=30), ValueError, "activation must have E σ ≠ 0")])
def test_bad_arguments_are_named(call, kind, words):
    with pytest.raises(kind, match=words):
        call()


@given(name=st.sampled_from(sorted(NAMED) + [leaky, cubic]), dim=st.integers(20, 100_000) | st.integers(2, 19),
       bulk=st.floats(0.1, 10.0), ratio=st.just(0.0) | st.floats(1e-6, 1e3))
@QUICK
def test_every_number_is_finite_and_every_share_at_most_one(name, dim, bulk, ratio):
    found = mode_mixing(
        name, dim=dim, bulk=bulk, spike=(min(ratio, 0.3) if name in ("cosine", "sine") else ratio) * dim
    )
    numbers = [found.angle, found.first_order, found.first_order_eigenvalue, found.two_by_two, found.eigenvalue]
    assert np.all(np.isfinite(numbers)) and (found.saturation is None or math.isfinite(found.saturation))
    assert max(map(abs, (found.angle, found.first_order, found.two_by_two))) <= math.pi / 2
    assert 0 <= found.residual <= 1 and found.radial**2 + found.quadratic**2 <= 1 + 1e-6
