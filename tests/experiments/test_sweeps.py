"""Sweeps: the same numbers from any number of workers, taken up where they stopped, forgotten when the code changes."""

import subprocess
import sys
import textwrap

import numpy as np
import pytest

from fmspace_nb.__main__ import main
from fmspace_nb.experiments import sweeps
from fmspace_nb.experiments.measurements import SWEEPS, gram_alignment
from fmspace_nb.experiments.sweeps import Results, Sweep, fingerprint, mean_and_error, run

CELLS = tuple({"activation": "relu", "dim": dim, "bulk": 1.2, "spike": 9.0, "repeats": 2} for dim in (20, 30, 40))
SMALL = Sweep(gram_alignment, CELLS, 2)
calls = []


def counted(*, x, seed):
    calls.append((x, seed))
    if x == "broken":
        raise RuntimeError("the machine fell over")
    return {"value": x * 10 + seed, "root": float(np.sqrt(x + seed))}


@pytest.fixture(autouse=True)
def forget():
    calls.clear()


@pytest.mark.slow
def test_one_worker_two_workers_and_threads_give_the_same_numbers(tmp_path):
    results = [run(SMALL, workers=workers, backend=backend, folder=tmp_path / f"{backend}{workers}")
               for workers, backend in ((1, "sequential"), (2, "loky"), (2, "threading"))]
    assert results[0] == results[1] == results[2]
    assert len({found["alignment"] for cell in results[0] for found in cell}) == 6  # a seed is a draw of its own


@pytest.mark.slow
def test_a_dask_cluster_of_two_workers_gives_the_same_numbers(tmp_path, monkeypatch):
    from distributed import LocalCluster
    here = run(SMALL, workers=1, backend="sequential", folder=tmp_path / "here")
    monkeypatch.setenv("FMSPACE_NB_SWEEPS", str(tmp_path / "command"))
    monkeypatch.setitem(SWEEPS, "cui", SMALL)
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster:
        assert len(cluster.workers) == 2
        there = run(SMALL, backend="dask", address=cluster.scheduler_address, folder=tmp_path / "there")
        command = ["sweep", "cui", "--backend", "dask", "--address", cluster.scheduler_address, "--out", str(tmp_path)]
        assert main(command) == 0
    assert there == here
    table = np.genfromtxt(tmp_path / "cui.csv", delimiter=",", names=True, skip_header=1, dtype=None, encoding="utf-8")
    expected = [np.mean([found["alignment"] for found in cell]) for cell in here]
    assert table["alignment"] == pytest.approx(expected, rel=1e-5)


def test_what_is_known_is_not_measured_again(tmp_path):
    sweep = Sweep(counted, ({"x": 1}, {"x": 2}), 3)
    first = run(sweep, backend="sequential", folder=tmp_path)
    assert len(calls) == 6 and first[1] == [{"value": 20 + s, "root": np.sqrt(2 + s)} for s in range(3)]
    assert run(sweep, backend="sequential", folder=tmp_path) == first and len(calls) == 6
    run(Sweep(counted, ({"x": 2}, {"x": 5}), 4), backend="sequential", folder=tmp_path)
    assert sorted(calls[6:]) == [(2, 3), (5, 0), (5, 1), (5, 2), (5, 3)]


def test_a_sweep_that_fell_over_goes_on_where_it_was(tmp_path):
    with pytest.raises(RuntimeError, match="fell over"):
        run(Sweep(counted, ({"x": 1}, {"x": 2}, {"x": "broken"}), 1), backend="sequential", folder=tmp_path)
    calls.clear()
    run(Sweep(counted, ({"x": 1}, {"x": 2}, {"x": 3}), 1), backend="sequential", folder=tmp_path)
    assert calls == [(3, 0)]


def test_a_file_that_cannot_be_read_costs_that_result_only(tmp_path):
    sweep = Sweep(counted, ({"x": 1}, {"x": 2}, {"x": 3}), 1)
    expected = run(sweep, backend="sequential", folder=tmp_path)
    broken = sorted(tmp_path.rglob("output.pkl"))
    assert len(broken) == 3
    broken[0].write_bytes(broken[0].read_bytes()[:-5])
    calls.clear()
    assert run(sweep, backend="sequential", folder=tmp_path) == expected and len(calls) == 1
    assert run(sweep, backend="sequential", folder=tmp_path) == expected and len(calls) == 1


@pytest.mark.slow
def test_two_runs_at_once_share_a_folder(tmp_path):
    """Two processes sweep the same cells: both have all results, and a third run measures nothing."""
    script = textwrap.dedent(f"""
        from fmspace_nb.experiments.measurements import gram_alignment
        from fmspace_nb.experiments.sweeps import Sweep, run
        found = run(Sweep(gram_alignment, {CELLS!r}, 2), backend="sequential", folder={str(tmp_path)!r})
        assert all(result is not None for cell in found for result in cell)
    """)
    both = [subprocess.Popen([sys.executable, "-c", script]) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    known = Results(gram_alignment, tmp_path)
    assert all(known.recall(cell, seed) for cell in CELLS for seed in range(2))


def test_another_code_does_not_find_the_results(tmp_path, monkeypatch):
    Results(counted, tmp_path).remember({"x": 1}, 0, {"value": 1.0})
    assert Results(counted, tmp_path).recall({"x": 1}, 0) == {"value": 1.0}
    monkeypatch.setattr(sweeps, "fingerprint", lambda module: "another")
    assert Results(counted, tmp_path).recall({"x": 1}, 0) is None


def test_a_table_is_not_written_to_a_folder_that_is_a_file(tmp_path, capsys, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FMSPACE_NB_SWEEPS", str(tmp_path / "file"))
    monkeypatch.setitem(SWEEPS, "cui", SMALL)
    assert main(["sweep", "cui", "--backend", "sequential", "--out", str(tmp_path)]) == 1
    assert "fmspace_nb sweep:" in capsys.readouterr().err


def test_code_is_part_of_the_key(tmp_path, monkeypatch):
    package = tmp_path / "swept"
    package.mkdir()
    for name, source in {"__init__": "", "top": "from . import middle\nfrom swept.other import f", "deep": "x = 1",
                         "middle": "import swept.deep as d", "other": "def f(): pass", "apart": "y = 1"}.items():
        (package / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path))

    def told():
        fingerprint.cache_clear()
        return fingerprint("swept.top")

    before = told()
    assert told() == before
    (package / "apart.py").write_text("y = 2")
    assert told() == before  # what is not imported does not matter
    for name in ("deep", "other", "top"):
        (package / f"{name}.py").write_text((package / f"{name}.py").read_text() + "\nz = 3")
        assert told() != before, name
        before = told()
    fingerprint.cache_clear()


@pytest.mark.slow
def test_a_killed_process_leaves_what_it_had_finished(tmp_path):
    """SIGKILL in the middle: the results written until then are found by the next run."""
    script = textwrap.dedent(f"""
        import os
        from fmspace_nb.experiments import sweeps
        from fmspace_nb.experiments.measurements import gram_alignment
        evaluate, done = sweeps._evaluate, []
        def dying(*task):
            if len(done) == 4:
                os.kill(os.getpid(), 9)
            done.append(task)
            return evaluate(*task)
        sweeps._evaluate = dying
        sweeps.run(sweeps.Sweep(gram_alignment, {CELLS!r}, 2), backend="sequential", folder={str(tmp_path)!r})
    """)
    assert subprocess.run([sys.executable, "-c", script]).returncode == -9
    assert 3 <= len(list(tmp_path.rglob("output.pkl"))) <= 4
    fresh = run(SMALL, backend="sequential", folder=tmp_path / "fresh")
    assert run(SMALL, backend="sequential", folder=tmp_path) == fresh


@pytest.mark.parametrize("wrong, error, message", [
    ({"backend": "mpi"}, ValueError,
     "backend must be one of 'loky', 'threading', 'sequential', 'dask', got 'mpi'"),
    ({"backend": "dask"}, ValueError, "address must be a Dask scheduler's"),
    ({"workers": 0}, ValueError, "workers must be a whole number ≥ 1, got 0"),
    ({"workers": 1.5}, TypeError, "workers must be a whole number ≥ 1, got 1.5"),
])
def test_wrong_arguments_are_named(tmp_path, wrong, error, message):
    with pytest.raises(error, match=message):
        run(SMALL, folder=tmp_path, **wrong)


def test_a_result_that_is_not_a_number_is_refused(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        Results(counted, tmp_path).remember({"x": 1}, 0, {"value": float("nan")})


def test_command_writes_a_table_that_reads_back(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("FMSPACE_NB_SWEEPS", str(tmp_path / "memory"))
    monkeypatch.setitem(SWEEPS, "cui", SMALL)
    assert main(["sweep", "cui", "--workers", "1", "--backend", "sequential", "--out", str(tmp_path)]) == 0
    path = tmp_path / "cui.csv"
    assert capsys.readouterr().out.strip() == str(path)
    first, header, *rows = path.read_text().splitlines()
    assert first == "# made by: python -m fmspace_nb sweep cui"
    assert header == "activation,dim,bulk,spike,repeats,alignment,alignment_error" and len(rows) == 3
    assert main(["sweep", "nonsense"]) == 1
    assert "table must be one of" in capsys.readouterr().err


def test_summary_is_the_mean_and_its_standard_error():
    row, = mean_and_error({}, [{"y": v} for v in (1.0, 2.0, 6.0)])
    assert row == {"y": 3.0, "y_error": pytest.approx(np.sqrt(7 / 3))}
