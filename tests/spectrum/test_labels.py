"""What modes are called: zeros are counted in the view where a mode is a product; an avoided crossing keeps both
names."""

import numpy as np
import pytest

from fmspace_nb.spectrum.labels import Label, by_zeros
from fmspace_nb.spectrum.mercer import mercer
from oracles import plane

# functions of two variables with 0 … 3 zeros in the first one, of either of two shapes in the second
ANGLE, RADIUS = (np.arange(1, 41) - 0.5) / 40, (np.arange(1, 13) - 0.5) / 12
FIRST, SECOND = np.full(40, 1 / 40), np.full(12, 1 / 12)
ALONG = np.sqrt(2) * np.cos(np.pi * np.multiply.outer(np.arange(4), ANGLE)) / np.sqrt([[2.0], [1], [1], [1]])
ACROSS = np.sqrt(2) * np.cos(np.pi * np.multiply.outer(np.arange(4), RADIUS)) / np.sqrt([[2.0], [1], [1], [1]])


def product(zeros, radial=0):
    return np.multiply.outer(ALONG[zeros], ACROSS[radial])


def labels(modes, sector=0, parity=0):
    return by_zeros([(np.stack(modes), FIRST, SECOND)], sector, parity)


@pytest.mark.parametrize("sector, parity", [(0, 0), (0, 1), (1, 0), (1, 1), (4, 0), (5, 1)])
def test_legs_are_twice_the_zeros_of_one_half_and_one_more_if_odd_in_t(sector, parity):
    found = labels([product(0), product(2), product(1)], sector, parity)
    odd = (sector + parity) % 2                                       # odd in t: one more zero, at t = 0
    assert [label.legs for label in found] == [odd, 4 + odd, 2 + odd]
    assert all(label.degree == sector + label.legs and label.radial == 0 for label in found)
    assert all(label.parity == (-1) ** label.degree == (-1) ** parity for label in found)


def test_equally_many_legs_are_radial_overtones_in_order():
    found = labels([product(0), product(1), product(0, 1), product(1, 1), product(0, 2)])
    assert [(label.legs, label.radial) for label in found] == [(0, 0), (2, 0), (0, 1), (2, 1), (0, 2)]


def test_sign_and_size_of_a_mode_do_not_matter_and_ripples_are_no_zeros():
    ripple = 1e-5 * np.multiply.outer((-1.0) ** np.arange(40), np.ones(12))
    assert labels([product(0), product(2)]) == labels([-3 * product(0) + ripple, -product(2)])


@pytest.mark.parametrize("angle", [0.1, 0.5, np.pi / 4, 0.9, 1.4])
def test_modes_that_share_two_products_keep_the_two_names(angle):
    """Between the ends of an avoided crossing the larger part decides; both names are given, each once."""
    c, s = np.cos(angle), np.sin(angle)
    found = labels([product(3), c * product(0) + s * product(1, 1), c * product(1, 1) - s * product(0), product(2)])
    assert [label.legs for label in found[::3]] == [6, 4]
    assert sorted(label.legs for label in found[1:3]) == [0, 2]
    if abs(angle - np.pi / 4) > 0.1:
        assert [label.legs for label in found[1:3]] == ([0, 2] if angle < np.pi / 4 else [2, 0])


def test_the_view_in_which_a_mode_is_a_product_decides():
    mixed = (product(1) + product(2, 1) + product(3, 2)) / np.sqrt(3)
    views = [(mixed[None], FIRST, SECOND), (product(2)[None], FIRST, SECOND)]
    assert by_zeros(views, 0, 0) == by_zeros(views[::-1], 0, 0) == [Label(4, 4, 1)]


def test_a_label_reads_as_a_sentence():
    assert str(Label(3, 1, -1)) == "degree 3, 1 leg along w*, odd"
    assert str(Label(2, 2, 1, 1)) == "degree 2, 2 legs along w*, even, radial overtone 1"


@pytest.mark.parametrize("name, dim", [("relu", 20), ("gelu", 30), ("softplus", 200), ("erf", 100)])
def test_labels_stay_with_their_modes_as_the_spike_grows(name, dim):
    """From one spike to the next, 12% larger, an eigenvalue moves by no more than its legs explain, and its mode turns
    little.

    Where two modes pass each other they exchange names halfway; there, once, a named mode may turn as far as it likes.
    """
    t, r, mass = plane(dim, pieces=12, radii=8)
    t, r, mass = t[t > 0], r[t > 0], 2 * mass[t > 0]                 # modes of one name are alike under t → −t
    before, smaller, passed, turned = {}, 0.0, 0, 0
    for spike in dim * np.concatenate([[0.0], np.geomspace(2e-3, 4, 68)]):
        sector = mercer(name, dim=dim, spike=spike, sectors=1, modes=6).sectors[0]
        assert len(set(sector.labels)) == len(sector.labels)
        now = dict(zip(sector.labels, zip(sector.eigenvalues, sector(t, r), strict=True), strict=True))
        for label in list(now)[:4]:
            if label in before:
                turned += abs(np.sum(mass * now[label][1] * before[label][1])) < 0.9
                growth = np.log(now[label][0] / before[label][0])
                assert abs(growth) < (2 + label.legs) * np.log((1 + spike) / (1 + smaller))
        passed += [label for label in before if label in now] != [label for label in now if label in before]
        before, smaller = now, spike
    assert turned <= 4 * passed
    assert passed > 0 or name == "relu"                              # modes did pass one another on the way
