"""Spectra from samples: near the exact ones by their own scatter, which shrinks with n; exact in what holds for every sample."""

import math

import numpy as np
import pytest

from fmspace_nb.covariance import SpikedCovariance
from fmspace_nb.experiments.nystrom import nystrom
from fmspace_nb.kernel import conjugate_kernel
from fmspace_nb.spectrum.mercer import mercer

PLACES = [("relu", 10, 8.0), ("gelu", 8, 4.0), ("erf", 6, 3.0)]


def sampled(name, dim, spike, count, seed, direction=None):
    x = np.random.default_rng(seed).standard_normal((count, dim))
    return nystrom(conjugate_kernel(name, SpikedCovariance(dim, spike=spike, direction=direction)), x)


def estimates(place, count, seeds, spectrum):
    """Of each matched mode the mean eigenvalue at its ranks, one row a sample."""
    found = [sampled(*place, count, seed).match(spectrum) for seed in range(seeds)]
    return np.array([[match.estimates.mean() for match in matches] for matches in found])


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_eigenvalues_of_samples_are_the_exact_ones_within_their_scatter(place):
    """Within 4 standard errors of 16 samples and the bias, taken as what halving n changes: together below 20 %."""
    spectrum = mercer(place[0], dim=place[1], spike=place[2])
    exact = np.array([match.exact for match in sampled(*place, 400, 0).match(spectrum)])
    half, full = estimates(place, 200, 16, spectrum), estimates(place, 400, 16, spectrum)
    error, error_half = (found.std(axis=0, ddof=1) / 4 for found in (full, half))
    bias = np.abs(full.mean(axis=0) - half.mean(axis=0)) + error_half
    assert np.all(np.abs(full.mean(axis=0) - exact) < 4 * error + bias)
    assert np.all(error < 0.05 * exact) and np.all((4 * error + bias)[:3] < 0.2 * exact[:3])


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_the_scatter_falls_like_one_over_the_root_of_the_inputs(place):
    spectrum = mercer(place[0], dim=place[1], spike=place[2])
    few, many = (estimates(place, count, 24, spectrum)[:, :2].std(axis=0, ddof=1) for count in (40, 360))
    # each standard deviation of 24 is known to 15 %, their ratio to 21 %: three of these
    assert np.all(np.abs(np.log(few / many) - math.log(3)) < 0.65)


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_separated_modes_are_seen_whole_by_many_inputs(place):
    """1 − overlap falls like 1/n; a sampled subspace for every eigenspace, degenerate ones included."""
    spectrum = mercer(place[0], dim=place[1], spike=place[2])
    missed = []
    for count in (150, 900):
        found = [sampled(*place, count, seed).match(spectrum) for seed in range(4)]
        missed.append(np.mean([[1 - match.overlap for match in matches[:3]] for matches in found], axis=0))
    assert np.all(missed[1] < 0.04) and np.all(missed[1] < 0.5 * missed[0])


def test_the_direction_of_the_spike_matters():
    direction, spectrum = np.r_[np.zeros(7), 1.0], mercer("relu", dim=8, spike=6.0)
    found = sampled("relu", 8, 6.0, 600, 0, direction)
    assert found.match(spectrum, direction=direction)[1].overlap > 0.95
    assert found.match(spectrum)[1].overlap < 0.1


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_what_holds_for_every_sample(place):
    found = sampled(*place, 60, 1)
    kernel, x = found.kernel, found.points
    assert np.all(np.diff(found.eigenvalues) <= 0)
    assert found.eigenvalues.sum() == pytest.approx(kernel.diagonal(x).mean(), rel=1e-12)
    assert np.sum(found.eigenvalues**2) == pytest.approx(np.mean(kernel(x) ** 2), rel=1e-12)
    values = found.eigenfunctions(x, 6)
    np.testing.assert_allclose(values @ values.T / 60, np.eye(6), atol=1e-9)                      # mean square one on the sample
    np.testing.assert_allclose(values, math.sqrt(60) * found.vectors[:, :6].T, atol=1e-8)         # the extension agrees there
    fresh = np.random.default_rng(2).standard_normal((9, place[1]))
    applied = found.eigenfunctions(x, 6) @ kernel(x, fresh) / 60                                  # the sampled operator, anywhere
    np.testing.assert_allclose(applied, found.eigenvalues[:6, None] * found.eigenfunctions(fresh, 6), atol=1e-9)


def test_extended_eigenfunctions_are_the_exact_ones_at_fresh_inputs():
    """In mean square, over inputs the sample has not seen: what is missing falls like 1/n."""
    exact = mercer("relu", dim=6, spike=5.0).sectors[0]
    fresh = np.random.default_rng(9).standard_normal((1500, 6))
    true, missing = exact.on_points(fresh)[:2], []
    for count in (120, 480):
        found = [sampled("relu", 6, 5.0, count, seed).eigenfunctions(fresh, 2) for seed in range(6)]
        shared = [np.sum(true * values, axis=1) ** 2 / np.sum(true**2, axis=1) / np.sum(values**2, axis=1) for values in found]
        missing.append(1 - np.mean(shared, axis=0))
    assert np.all(missing[0] / missing[1] > 2) and np.all(missing[1] < 0.1)  # 4, were it 1/n and nothing else


def test_matching_stops_where_other_sectors_may_intervene_or_the_sample_ends():
    found = sampled("relu", 10, 8.0, 300, 0)
    for sectors in (1, 2, 3, 5):
        spectrum = mercer("relu", dim=10, spike=8.0, sectors=sectors)
        matches = found.match(spectrum)
        last = spectrum.sectors[-1].eigenvalues[0]
        assert matches[-1].exact == last if sectors < 5 else matches[-1].exact > last
        assert all(match.exact >= last for match in matches)
        ranks = np.concatenate([match.estimates for match in matches])
        np.testing.assert_array_equal(ranks, found.eigenvalues[:ranks.size])                      # every rank once, in order
        assert [match.exact for match in matches] == sorted((match.exact for match in matches), reverse=True)
    # the sample ends: 1 + 1 + 9 + 1 + 9 modes fit among 40 eigenvalues, the 44 harmonics of the next level do not
    short = sampled("relu", 10, 8.0, 40, 0).match(mercer("relu", dim=10, spike=8.0, sectors=5))
    assert [match.multiplicity for match in short] == [1, 1, 9, 1, 9]
    labels = [(match.sector, match.label.degree, match.label.legs) for match in short]
    assert labels == [(0, 0, 0), (0, 1, 1), (1, 1, 0), (0, 2, 2), (1, 2, 1)]


def test_the_plane_has_no_sectors_beyond_two():
    found = sampled("relu", 2, 1.0, 200, 0).match(mercer("relu", dim=2, spike=1.0, modes=3))
    assert len(found) == 6                                                                        # nothing can intervene


@pytest.mark.parametrize("call, kind, words", [
    (lambda: nystrom(np.dot, np.ones((1, 3))), ValueError, "x must hold at least two inputs, got 1"),
    (lambda: nystrom(np.dot, np.ones(3)), ValueError, "x must have shape"),
    (lambda: nystrom(np.dot, np.full((4, 3), math.nan)), ValueError, "x must be finite"),
    (lambda: nystrom("relu", np.ones((4, 3))), TypeError, "kernel must be a callable .* got 'relu'"),
    (lambda: nystrom(lambda a, b: np.ones((2, 2)), np.ones((4, 3))), ValueError, r"kernel\(x, x\) must have shape"),
    (lambda: nystrom(lambda a, b: np.triu(np.ones((4, 4))), np.ones((4, 3))), ValueError, r"kernel\(x, x\) must be symmetric"),
    (lambda: sampled("relu", 3, 0.0, 5, 0).eigenfunctions(np.ones((1, 3)), 6), ValueError, r"count .* in \[1, 5\], got 6"),
    (lambda: sampled("identity", 3, 0.0, 9, 0).eigenfunctions(np.ones((1, 3)), 4), ValueError, "count .* the rank .* 3, got 4"),
    (lambda: sampled("relu", 3, 0.0, 5, 0).match(mercer("relu", dim=4)), ValueError, "spectrum must be of dim 3, .* got 4"),
    (lambda: sampled("relu", 3, 0.0, 5, 0).match([1.0]), TypeError, "spectrum must be a MercerSpectrum")])
def test_bad_arguments_are_named(call, kind, words):
    with pytest.raises(kind, match=words):
        call()
