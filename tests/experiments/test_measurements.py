"""The tables: a slice of each measured anew gives what is stored, six digits; rounding may differ between machines."""

import numpy as np
import pytest

from fmspace_nb.experiments import data, sweeps
from fmspace_nb.experiments.measurements import STEPS, SWEEPS, best_ridge, centre, stops
from fmspace_nb.experiments.sweeps import Sweep, fingerprint
from fmspace_nb.explorer.controls import Log
from fmspace_nb.learning import RIDGES
from fmspace_nb.targets import LINKS, target


def anew(name, cell, **fewer):
    """The rows of one cell of a sweep, measured now."""
    sweep, cell = SWEEPS[name], cell | fewer
    found = [sweep.measure(**cell, seed=seed) for seed in range(sweep.seeds)]
    return Sweep(sweep.measure, (cell,), sweep.seeds, sweep.summary).rows([found])


def cell_of(name, **where):
    return next(cell for cell in SWEEPS[name].cells if where.items() <= cell.items())


@pytest.mark.parametrize("name, where, fewer", [
    ("learning", {"activation": "erf", "target": "sine", "width_ratio": 1.0, "step_size": STEPS[6]}, {}),
    ("figure1a", {"dim": 100, "spike": 5 * 100**0.7}, {}),
    # fresh inputs are drawn first: few samples are the first of many
    ("figure1b", {"bulk": 1.2}, {"samples": [50, 100, 200]}),
    ("figure1b_network", {"width_ratio": 0.5}, {}),
    ("cui", {"dim": 200}, {}),
])
@pytest.mark.slow
def test_tables_hold_what_is_measured(name, where, fewer):
    cell = cell_of(name, **where)
    found = data.select(name, **{k: v for k, v in cell.items() if k in data.table(name) and k != "samples"})
    for k, row in enumerate(anew(name, cell, **fewer)):
        for column, value in row.items():
            expected = value if isinstance(value, str) else pytest.approx(value, rel=1e-4)
            assert found[column][k] == expected, (column, k)


def test_tables_have_every_cell_of_their_sweep():
    for name, sweep in SWEEPS.items():
        table = data.table(name)
        rows = sum(len(cell["samples"]) if sweep.summary else 1 for cell in sweep.cells)
        assert all(len(column) == rows for column in table.values()), name


def test_measurements_depend_on_the_mathematics_but_not_on_pages():
    names = []
    original, sweeps._source = sweeps._source, lambda name: names.append(name) or original(name)
    fingerprint.cache_clear()
    try:
        fingerprint("fmspace_nb.experiments.measurements")
    finally:
        sweeps._source = original
    assert {"fmspace_nb.network", "fmspace_nb.numerics.panels", "fmspace_nb.learning"} <= set(names)
    assert not any(name.startswith(("fmspace_nb.publish", "fmspace_nb.figures")) for name in names)


def test_stops_are_those_of_the_slider():
    for low, high, count in ((10, 3000, 11), (0.5, 8, 5), (30, 3000, 9)):
        assert stops(low, high, count) == list(Log(low, high, steps=count, start=low).values)


def test_best_ridge_is_that_of_the_smallest_mean_error():
    """Two repetitions, two sample sizes; the ridge that wins one repetition by luck does not win the mean."""
    errors = np.ones((2, 2, len(RIDGES)))
    errors[:, 0, 2], errors[0, 0, 4], errors[1, 0, 4], errors[:, 1, 5] = 0.5, 0.1, 1.1, 0.25
    rows = best_ridge({"samples": [16, 32]}, [{"kernel": errors[0].tolist()}, {"kernel": errors[1].tolist()}])
    assert rows[0] == {"samples": 16, "kernel": 0.5, "kernel_error": 0.0, "kernel_ridge": RIDGES[2]}
    assert rows[1] == {"samples": 32, "kernel": 0.25, "kernel_error": 0.0, "kernel_ridge": RIDGES[5]}


@pytest.mark.parametrize("name", LINKS)
def test_centred_targets_have_no_mean_and_keep_the_rest(name):
    before, centred = (g.hermite(6) for g in (target(name, noise=0.3), centre(target(name, noise=0.3))))
    assert centred[0] == pytest.approx(0, abs=1e-12 * np.max(np.abs(before)))
    np.testing.assert_allclose(centred[1:], before[1:], atol=1e-12 * np.max(np.abs(before)))
    assert centre(target(name, noise=0.3)).noise == 0.3
