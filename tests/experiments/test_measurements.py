"""The tables: a slice of each measured anew gives what is stored, six digits; rounding may differ between machines."""

import numpy as np
import pytest

from fmspace_nb.covariance import SpikedCovariance
from fmspace_nb.experiments import data, sweeps
from fmspace_nb.experiments.measurements import SWEEPS, best_ridge, chosen_and_best, cross_validated_errors
from fmspace_nb.experiments.problems import DIM, STEPS, centre, curve_places, is_strong, stops
from fmspace_nb.experiments.sweeps import Sweep, fingerprint
from fmspace_nb.explorer.controls import Log
from fmspace_nb.kernel import conjugate_kernel
from fmspace_nb.ridge import RIDGES, kernel_ridge
from fmspace_nb.steps import draw_batch
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
    ("figure1b_chosen", {"bulk": 1.0, "samples": 50}, {}),
    ("strong_modes", {"activation": "relu", "dim": 40, "relative_spike": 1.0, "samples": 16}, {}),
    ("strong_curves", {"activation": "relu", "target": "mixed", "width_ratio": 2.0, "step_size": STEPS[6]}, {}),
    ("strong_figure1b", {"spike": 5 * 300**0.5}, {}),
    ("step_and_model", {"activation": "erf", "dim": 200}, {}),
    ("cui", {"dim": 200}, {}),
    ("remainders", {"dim": 50}, {}),
    ("remainders_sampled", {"dim": 100}, {}),
])
@pytest.mark.slow
def test_tables_hold_what_is_measured(name, where, fewer):
    cell = cell_of(name, **where)
    found = data.select(name, **{k: v for k, v in cell.items() if k in data.table(name) and not isinstance(v, list)})
    for k, row in enumerate(anew(name, cell, **fewer)):
        for column, value in row.items():
            expected = value if isinstance(value, str) else pytest.approx(value, rel=1e-4)
            assert found[column][k] == expected, (column, k)


def test_tables_have_every_cell_of_their_sweep():
    for name, sweep in SWEEPS.items():
        table = data.table(name)
        rows = sum(len(cell["samples"]) if isinstance(cell.get("samples"), list) and sweep.summary else 1
                   for cell in sweep.cells)
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


def test_strong_places_are_those_with_a_large_spike_and_a_known_spectrum():
    for cell in SWEEPS["strong_curves"].cells:
        places = curve_places(cell["activation"], cell["target"], cell["width_ratio"], cell["step_size"]).values()
        assert all(place["spike"] > DIM / 10 * place["bulk"] for place in places)
        assert cell["activation"] == "relu" or all(place["bulk"] <= 10 for place in places)
    assert not is_strong("relu", "mixed", 2.0, 0.0) and not is_strong("erf", "sine", 0.5, STEPS[-1])


def test_chosen_ridge_and_best_ridge_are_averaged_apart():
    found = [{"chosen": 2.0, "each": [1.0, 3.0, 2.0]}, {"chosen": 4.0, "each": [5.0, 3.0, 1.0]}]
    (row,) = chosen_and_best({}, found)
    assert row == {"chosen": 3.0, "chosen_error": 1.0, "best": 1.5, "best_error": 0.5}


def test_what_a_fit_without_a_fold_misses_follows_from_the_fit_to_everything():
    """5-fold cross-validation by refitting chooses the ridge whose error `cross_validated_errors` returns."""
    where = {"activation": "relu", "target": "figure1", "dim": 20, "bulk": 1.2, "spike": 20.0, "samples": 30}
    found = cross_validated_errors(**where, seed=4)
    rng = np.random.default_rng([4, 20, 30])
    _, (x, y) = draw_batch("figure1", 20, 600, rng), draw_batch("figure1", 20, 30, rng)
    gram, missed = conjugate_kernel("relu", SpikedCovariance(20, bulk=1.2, spike=20.0))(x), np.zeros(len(RIDGES))
    for fold in np.array_split(np.arange(30), 5):
        rest = np.setdiff1d(np.arange(30), fold)
        fits = kernel_ridge(gram[np.ix_(rest, rest)], gram[np.ix_(fold, rest)], y[rest], ridge=RIDGES)
        missed += np.sum((fits - y[fold]) ** 2, axis=1)
    assert found["chosen"] == found["each"][int(np.argmin(missed))]


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
