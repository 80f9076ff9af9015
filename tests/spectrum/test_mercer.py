"""The exact spectrum: reference digits, sum rules, limits, and samples that know nothing of quadrature."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import special

from fmspace_nb.activations import NAMED, activation
from fmspace_nb.covariance import SpikedCovariance
from fmspace_nb.kernel import conjugate_kernel
from fmspace_nb.numerics.harmonics import multiplicity
from fmspace_nb.spectrum.mercer import mercer
from oracles import waves

SMOOTH = ["erf", "tanh", "gelu", "softplus", "cosine", "sine"]
# they oscillate too fast along w* for the polynomials at a large spike, and are refused there
WAVES = ("cosine", "sine")
QUICK = settings(max_examples=10)


@pytest.mark.parametrize("dim, bulk, spike, table", [
    (10, 1, 5, [[.26412107, .15, .010524245, .0001233693], [.025, .0045835181, 6.9682093e-5, 4.7201328e-6],
                [.0011130358, 3.3919988e-5, 2.880812e-6, 3.9092684e-7]]),
    (50, 1.2, 10, [[.22735067, .056, .0030024522, 1.1403415e-5], [.006, .00050263704, 2.6993605e-6, 6.3495857e-8],
                   [6.6155064e-5, 5.8162631e-7, 1.7360608e-8, 8.4098144e-10]]),
    (300, 1.2, 848, [[.81555552, .70766667, .019151774, .00032377188], [.001, .00033912618, 5.4163823e-6, 3.5602970e-7],
                     [1.1725751e-6, 7.2850698e-8, 7.0942240e-9, 8.7975387e-10]])])
def test_reference_table_to_its_printed_digits(dim, bulk, spike, table):
    spectrum = mercer("relu", dim=dim, bulk=bulk, spike=spike, modes=4)
    for sector, printed in zip(spectrum.sectors, table, strict=True):
        for value, reference in zip(sector.eigenvalues, printed, strict=True):
            assert value == pytest.approx(reference, rel=6e-8 if reference < 1e-2 else 2e-8)


def test_reference_values_at_a_large_spike_and_for_erf():
    assert mercer("relu", dim=1000, spike=1e6).sectors[0].eigenvalues[[0, 2]] == pytest.approx(
        [250.01218142, 0.0033950675], rel=1e-8
    )
    assert mercer("erf", dim=20, spike=4).sectors[0].eigenvalues[:4] == pytest.approx(
        [0.0631731942, 0.000232254674, 7.09065248e-6, 3.899468e-6], rel=2e-6)


@pytest.mark.parametrize("name", ["relu", "erf", "gelu", "quadratic", "sine"])
@pytest.mark.parametrize("dim", [3, 12, 400])
def test_levels_appear_once_in_every_sector_before_the_step(name, dim):
    sectors = mercer(name, dim=dim, bulk=1.4, sectors=4, modes=6).sectors
    values = {(s.degree, label): value for s in sectors for label, value in zip(s.labels, s.eigenvalues, strict=True)}
    shared = 0
    for (degree, label), value in values.items():
        other = values.get((degree + 1, label._replace(legs=label.legs - 1)))
        if other is not None and name != "sine":  # sine's levels are degenerate among themselves as well
            assert value == pytest.approx(other, rel=1e-5)
            shared += 1
    top = [s.eigenvalues[0] for s in sectors if len(s.eigenvalues)]
    assert shared >= (2 if name == "quadratic" else 3) or name == "sine" and top[0] == pytest.approx(top[1], rel=1e-9)


@pytest.mark.parametrize(
    "name, power, coefficient",
    [
        ("gelu", 2, None),
        ("softplus", 2, None),
        ("quadratic", 2, 2.0),
        ("cosine", 2, -np.exp(-0.5)),
        ("erf", 3, None),
        ("tanh", 1, None),
    ],
)
def test_levels_at_large_dimension_are_squared_hermite_coefficients(name, power, coefficient):
    dim = 100_000
    monic = activation(name).hermite(power)[power] * np.sqrt(special.factorial(power))       # E σ He_k
    assert coefficient is None or monic == pytest.approx(coefficient)
    sector = mercer(name, dim=dim).sectors[0]
    value = max(
        v
        for v, label in zip(sector.eigenvalues, sector.labels, strict=True)
        if label.degree == power and label.radial == 0
    )
    assert value * dim**power == pytest.approx(monic**2, rel=20 / dim)


@pytest.mark.parametrize(
    "name, spike, modes, share",
    [
        ("relu", 0, 40, 2e-5),
        ("relu", 6, 40, 2e-5),
        ("erf", 2, 12, 3e-5),
        ("gelu", 2, 12, 3e-5),
        ("softplus", 6, 12, 3e-5),
        ("cosine", 3, 40, 1e-6),
        ("sine", 3, 40, 1e-6),
    ],
)
def test_trace_is_the_sum_over_all_modes_in_two_dimensions(name, spike, modes, share):
    spectrum = mercer(name, dim=2, bulk=0.8, spike=spike, modes=modes)
    assert 0 <= spectrum.tail + 1e-12 < share * spectrum.trace


@pytest.mark.parametrize("dim", [3, 4])
def test_trace_is_the_sum_over_all_sectors(dim):
    spectrum = mercer("relu", dim=dim, bulk=1.1, spike=2.0, sectors=24, modes=16)
    assert spectrum.trace == pytest.approx((1.1 + 2.0 / dim) / 2, rel=1e-12)
    assert 0 < spectrum.tail < 2e-4 * spectrum.trace


@pytest.mark.parametrize("name", ["relu", "gelu", "erf", "cosine", "tanh"])
def test_trace_is_the_mean_of_the_kernel_on_the_diagonal(name):
    x = np.random.default_rng(0).standard_normal((50_000, 6))
    diagonal = conjugate_kernel(name, SpikedCovariance(6, bulk=1.5, spike=9.0)).diagonal(x)
    assert abs(mercer(name, dim=6, bulk=1.5, spike=9.0).trace - diagonal.mean()) < 4.5 * diagonal.std() / np.sqrt(
        len(x)
    )


@pytest.mark.parametrize("name", ["relu", "gelu", "tanh"])
def test_random_features_see_the_same_sum_of_squares(name):
    """E k(x,x')² = Σ multiplicity·λ², without any closed form: kernels of two independent networks, multiplied at
    pairs of inputs."""
    dim, inputs, width, gamma = 8, 400, 1000, SpikedCovariance(8, bulk=0.8, spike=3.0)
    rng, sigma, means = np.random.default_rng(3), activation(name), []
    for _ in range(60):
        x = rng.standard_normal((inputs, dim))
        features = [sigma(x @ gamma.sample(width, rng).T) for _ in range(2)]
        product = np.prod([f @ f.T / width for f in features], axis=0)
        means.append((product.sum() - np.trace(product)) / (inputs * (inputs - 1)))
    spectrum = mercer(name, dim=dim, bulk=0.8, spike=3.0)
    exact = spectrum.multiplicities @ spectrum.eigenvalues**2
    missing = spectrum.tail * spectrum.eigenvalues.min()  # what modes beyond the computed ones could add at most
    error = np.std(means) / np.sqrt(len(means))
    assert abs(np.mean(means) - exact) < 4.5 * error + missing
    assert error < 0.02 * exact                                      # an error bar that would see ten per cent


@pytest.mark.parametrize("parity, name", [(0, "cosine"), (1, "sine")])
@pytest.mark.parametrize(
    "dim, bulk, spike", [(2, 1.0, 0.5), (5, 0.7, 4.0), (20, 1.0, 30.0), (400, 1.5, 100.0), (100_000, 1.0, 5e4)]
)
def test_waves_have_the_eigenvalues_of_mehler_s_formula(parity, name, dim, bulk, spike):
    for sector in mercer(name, dim=dim, bulk=bulk, spike=spike, modes=4).sectors:
        exact = waves(parity, dim=dim, bulk=bulk, spike=spike, sector=sector.degree, modes=4)[:len(sector.eigenvalues)]
        np.testing.assert_allclose(sector.eigenvalues, exact, rtol=1e-6)


@pytest.mark.parametrize("name, dim, spike", [("relu", 20, 100.0), ("gelu", 50, 40.0), ("erf", 10, 3.0)])
def test_as_many_modes_and_sectors_as_were_asked_for(name, dim, spike):
    """64 modes, fewer where the rest drown in rounding, and 64 sectors; more of them do not change the first."""
    many, few = (
        mercer(name, dim=dim, spike=spike, **size) for size in (dict(sectors=1, modes=64), dict(sectors=1, modes=8))
    )
    assert 20 <= len(many.sectors[0].eigenvalues) <= 64
    np.testing.assert_allclose(many.sectors[0].eigenvalues[:8], few.sectors[0].eigenvalues, rtol=1e-6)
    tall = mercer(name, dim=dim, spike=spike, sectors=64 if name == "relu" else 12, modes=4)
    np.testing.assert_allclose(tall.sectors[0].eigenvalues, few.sectors[0].eigenvalues[:4], rtol=1e-6)
    first = np.array([sector.eigenvalues[0] for sector in tall.sectors])
    assert len(first) == len(tall.sectors) and np.all(first[2:] < first[:-2])            # a level higher: smaller


@pytest.mark.parametrize("name", ["relu", "gelu", "softplus"])
def test_a_leg_along_the_target_amplifies_by_one_plus_the_spike(name):
    """λ(B)/λ(0) → (1 + B/A)^legs, with an error that falls like 1/d."""
    errors = []
    for dim in (1000, 10_000, 100_000):
        before, after = (mercer(name, dim=dim, bulk=1.25, spike=b, modes=4) for b in (0.0, 2.5))
        errors.append(
            [
                after.sectors[j].eigenvalues[i] / before.sectors[j].eigenvalues[i0] / 3.0**legs - 1
                for j, degree, legs in ((0, 1, 1), (1, 1, 0), (0, 2, 2), (1, 2, 1), (2, 2, 0))
                for i, i0 in [
                    [
                        next(
                            i
                            for i, label in enumerate(s.sectors[j].labels)
                            if label[:2] == (degree, legs) and label.radial == 0
                        )
                        for s in (after, before)
                    ]
                ]
            ]
        )
    errors = np.abs(errors)
    assert errors.max(axis=1)[2] < 1e-3
    assert np.all(errors[2] < errors[0] / 30 + 1e-9)


def test_after_the_step_an_eigenvalue_can_be_smaller_than_before():
    """T₁ is not monotone in B at finite dimension: a mode without a leg along w* shrinks a little."""
    before, after = (mercer("relu", dim=20, spike=b).sectors[2].eigenvalues[0] for b in (0.0, 5.0))
    assert 0.8 * before < after < before


@given(name=st.sampled_from(sorted(NAMED)), dim=st.integers(20, 100_000), bulk=st.floats(0.1, 4.0),
       ratio=st.one_of(st.just(0.0), st.floats(1e-6, 30.0)))
@QUICK
def test_spectra_are_positive_ordered_and_within_the_trace(name, dim, bulk, ratio):
    ratio = min(ratio, 1.0) if name in WAVES else ratio
    spectrum = mercer(name, dim=dim, bulk=bulk, spike=ratio * dim)
    values = spectrum.eigenvalues
    assert np.all(values > 0) and np.all(np.diff(values) <= 0) and spectrum.error <= 1e-6
    assert values @ spectrum.multiplicities <= spectrum.trace * (1 + 1e-7)
    for sector in spectrum.sectors:
        assert sector.multiplicity == multiplicity(dim - 1, sector.degree)
        assert all(label.degree == sector.degree + label.legs and label.legs >= 0 for label in sector.labels)
        assert all(label.parity == (-1) ** label.degree for label in sector.labels)


@given(
    name=st.sampled_from(["relu", "erf", "gelu", "softplus", "quadratic", "sine"]),
    dim=st.integers(2, 19),
    bulk=st.floats(0.2, 2.0),
    ratio=st.one_of(st.just(0.0), st.floats(1e-6, 30.0)),
)
@settings(QUICK, max_examples=6)
def test_few_dimensions_are_no_exception(name, dim, bulk, ratio):
    spectrum = mercer(name, dim=dim, bulk=bulk, spike=(min(ratio, 1.0) if name in WAVES else ratio) * dim)
    assert np.all(spectrum.eigenvalues > 0) and spectrum.error <= 1e-6
    assert spectrum.eigenvalues @ spectrum.multiplicities <= spectrum.trace * (1 + 1e-7)


def test_what_a_caller_does_to_a_spectrum_does_not_reach_the_next():
    mercer("relu", dim=5).sectors.pop()
    assert len(mercer("relu", dim=5).sectors) == 3
    with pytest.raises(ValueError, match="read-only"):
        mercer("relu", dim=5).sectors[0].eigenvalues[0] = 1.0
