"""Sweeps: one measurement over a grid of parameters and seeds, on all cores or a cluster, remembered on disk.

A result depends on the parameters, the seed and the code, on nothing else: every task draws from its own generator and
runs on one thread, so any number of workers gives the same numbers, and a sweep that was stopped goes on where it was.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
import math
import os
import sys
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np

from fmspace_nb import arguments
from fmspace_nb.threads import one_thread

_DIGEST = 16  # hexadecimal digits of the code's digest: 64 bits tell any two versions apart
BACKENDS = ("loky", "threading", "sequential", "dask")


@dataclass(frozen=True)
class Sweep:
    """A measurement repeated: `measure(**cell, seed=0 … seeds − 1)` for every cell of a grid.

    measure: a function of a module (not of a notebook), giving {quantity: number or list of numbers}.
    cells: the parameters of each cell, numbers and strings.
    seeds: repetitions of each cell, ≥ 1.
    summary: (cell, repetitions) -> rows of the table, [{quantity: number}]; one row, mean and its error, when None.
    """

    measure: Callable
    cells: tuple[dict, ...]
    seeds: int
    summary: Callable | None = None

    def rows(self, results: list[list[dict]]) -> list[dict]:
        """The table: each cell's parameters (its numbers and words), then the summary of its repetitions."""
        summary, rows = self.summary or mean_and_error, []
        for cell, found in zip(self.cells, results, strict=True):
            shown = {name: value for name, value in cell.items() if not isinstance(value, list | bool)}
            rows += [{**shown, **row} for row in summary(cell, found)]
        return rows


def mean_and_error(cell: dict, repetitions: list[dict]) -> list[dict]:
    """One row {quantity: mean, quantity_error: standard error of the mean} (error 0 when there is one repetition)."""
    row = {}
    for name in repetitions[0]:
        values = np.array([repetition[name] for repetition in repetitions])
        row[name] = float(values.mean())
        row[f"{name}_error"] = float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else 0.0
    return [row]


def run(sweep: Sweep, *, workers: int = -1, backend: str = "loky", address: str | None = None,
        folder: Path | None = None, progress: str | None = None) -> list[list[dict]]:
    """The results of a sweep, one list a cell, one entry a seed: remembered ones from disk, the others computed now.

    Args:
        sweep: what to measure where.
        workers: processes; −1 for one a core.
        backend: "loky" (processes), "threading", "sequential", or "dask" (a cluster, through joblib's own backend).
        address: of the Dask scheduler, such as "tcp://10.0.0.1:8786".
        folder: where results are remembered; FMSPACE_NB_SWEEPS, or the user's cache folder.
        progress: the name to show beside a progress bar; no bar when None.

    Raises:
        ValueError, TypeError: an argument outside these domains. OSError: a folder that cannot be written.
        What the measurement raises, after everything finished until then has been remembered.
    """
    import joblib  # here and below: figures read the stored tables without what it takes to make them
    from tqdm import tqdm
    arguments.instance("sweep", sweep, Sweep)
    tasks = [(cell, seed) for cell in sweep.cells for seed in range(arguments.integer("seeds", sweep.seeds))]
    results = Results(sweep.measure, folder)
    known = [results.recall(*task) for task in tasks]
    missing = [index for index, result in enumerate(known) if result is None]
    done = len(tasks) - len(missing)
    with tqdm(total=len(tasks), initial=done, desc=progress, disable=progress is None, unit="run") as bar:
        if missing:
            with _parallel(workers, backend, address):
                computed = joblib.Parallel(return_as="generator_unordered")(
                    joblib.delayed(_evaluate)(index, sweep.measure, *tasks[index]) for index in missing)
                for index, result in computed:
                    known[index] = results.remember(*tasks[index], result)
                    bar.update()
    return [known[start:start + sweep.seeds] for start in range(0, len(known), sweep.seeds)]


@contextmanager
def _parallel(workers, backend, address):
    """joblib with that backend; what connects to a cluster is closed again."""
    import joblib
    arguments.choice("backend", backend, BACKENDS)
    if workers != -1:
        workers = arguments.integer("workers", workers)
    if backend != "dask":
        with joblib.parallel_config(backend, n_jobs=workers):
            yield
        return
    if not isinstance(address, str):
        raise ValueError("address must be a Dask scheduler's, such as 'tcp://10.0.0.1:8786', for backend 'dask', "
                         f"got {address!r}")
    try:
        import distributed                                     # joblib would only say that dask is missing
    except ImportError as error:
        raise ValueError("backend 'dask' needs the package distributed: pip install distributed") from error
    with distributed.Client(address), joblib.parallel_config("dask"):
        yield


def _evaluate(index: int, measure: Callable, cell: dict, seed: int) -> tuple[int, dict]:
    # Sums on two threads round differently than on one: results must not depend on how many workers share the cores.
    with one_thread():
        return index, measure(**cell, seed=seed)


class Results:
    """Results of one measurement on disk (joblib.Memory): found by the measurement's code, its cell and its seed.

    Several runs may share a folder: a file is written beside its place and then moved there.
    """

    def __init__(self, measure: Callable, folder: Path | None = None):
        from joblib import Memory
        from platformdirs import user_cache_path
        folder = Path(folder or os.environ.get("FMSPACE_NB_SWEEPS") or user_cache_path("fmspace_nb") / "sweeps")
        folder.mkdir(parents=True, exist_ok=True)  # joblib would only warn where it cannot write
        self._key = f"{measure.__module__}.{measure.__qualname__}", fingerprint(measure.__module__)
        # The result comes as an argument that does not enter the key: workers on other machines need not see the disk.
        self._stored = Memory(folder, verbose=0).cache(_passed_on, ignore=["result"])

    def recall(self, cell: dict, seed: int) -> dict | None:
        """The result remembered for these parameters, or None."""
        try:
            return self._stored(*self._key, cell, seed, None)
        except LookupError:
            return None

    def remember(self, cell: dict, seed: int, result: dict) -> dict:
        """Write the result down and give it back; ValueError or TypeError unless it is made of finite numbers."""
        json.dumps(result, allow_nan=False)
        return self._stored(*self._key, cell, seed, result)


def _passed_on(measure: str, code: str, cell: dict, seed: int, result: dict | None) -> dict:
    if result is None:
        raise LookupError(f"no result of {measure} at {cell}, seed {seed}")
    return result


@cache
def fingerprint(module: str) -> str:
    """A digest of a module's source, of what it imports in turn from its package and this one, and of numpy's version.

    joblib.Memory alone would look at the measuring function, not at what it calls.
    """
    roots, sources, todo = {module.partition(".")[0], "fmspace_nb"}, {}, [module]
    while todo:
        name = todo.pop()
        if name in sources or name.partition(".")[0] not in roots:
            continue
        path = _source(name)
        if path is not None:
            sources[name] = path.read_text(encoding="utf-8")
            todo += _imports(sources[name], name if path.name == "__init__.py" else name.rpartition(".")[0])
    if module not in sources:
        raise ValueError(f"measure must be a function of a module with a source file, got one of {module!r}")
    told = json.dumps([sorted(sources.items()), version("numpy"), version("scipy")])
    return hashlib.sha256(told.encode()).hexdigest()[:_DIGEST]


def _source(name: str) -> Path | None:
    try:
        loaded = sys.modules.get(name)
        found = loaded.__spec__ if loaded is not None else importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    return Path(found.origin) if found is not None and found.origin and found.origin.endswith(".py") else None


def _imports(source: str, package: str):
    """Every module that a source imports, and every name it imports that may be a module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module
            if node.level:
                base = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)
