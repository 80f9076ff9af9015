"""How long a picture takes: every figure of every chapter when its first slider moves, and at its slowest corner.

Run with `make bench`. Numbers are printed beside their baseline, none is asserted.
"""

import itertools
import subprocess
import sys
import time

import numpy as np
import pytest

from fmspace_nb.spectrum.mercer import mercer


def milliseconds(function, repeats=7):
    """(median, slowest) time of a call, ms; every call gets the next of the repeats as its argument."""
    times = []
    for k in range(repeats):
        start = time.perf_counter()
        function(k)
        times.append(1e3 * (time.perf_counter() - start))
    return np.median(times), max(times)


def test_time_of_a_figure(declared, request, benchmark, beside):
    figure = request.node.callspec.id  # a name is one in its chapter; the seminar shows the chapters' figures again
    start = declared.values(declared.start)
    name, first = next(iter(declared.controls.items()))
    stops = list(first.values[:: max(1, len(first.values) // 8)])
    declared.figure(**start)
    warm = milliseconds(lambda k: declared.figure(**start | {name: stops[k % len(stops)]}))
    corners = [
        declared.values(c) for c in itertools.product(*({0, len(c.values) - 1} for c in declared.controls.values()))
    ]
    cold = [milliseconds(lambda _, corner=corner: declared.figure(**corner), repeats=1)[0] for corner in corners]
    again = [milliseconds(lambda _, corner=corner: declared.figure(**corner), repeats=1)[0] for corner in corners]
    print(
        f"\n{figure}: {name} moves {warm[0]:.1f} ms (slowest {warm[1]:.1f}); corners first {max(cold):.0f} "
        f"ms, again {max(again):.1f} ms"
    )
    beside(f"figure {figure}, its slider moves", warm[0])
    beside(f"figure {figure}, first at its slowest corner", max(cold))
    benchmark(declared.figure, **start)


@pytest.mark.parametrize("dim", [10, 300, 100_000])
def test_time_of_the_exact_relu_spectrum_at_a_new_spike(dim, benchmark, beside):
    mercer("relu", dim=dim, sectors=3)
    fresh = iter(np.linspace(0.1, 1.0, 100_000) * dim)
    again = milliseconds(lambda _: mercer("relu", dim=dim, spike=float(next(fresh)), sectors=3), repeats=30)[0]
    print()
    beside(f"spectrum of relu in dimension {dim} at a new spike", again)
    benchmark(lambda: mercer("relu", dim=dim, spike=float(next(fresh)), sectors=3))


def test_time_of_importing_the_package(benchmark, beside):
    def once(module):
        subprocess.run([sys.executable, "-c", f"import {module}"], check=True)

    bare = milliseconds(lambda _: once("sys"), repeats=3)[0]
    numpy_alone = milliseconds(lambda _: once("numpy"), repeats=3)[0]
    ours = milliseconds(lambda _: once("fmspace_nb"), repeats=3)[0]
    spectrum = milliseconds(lambda _: once("fmspace_nb.spectrum.mercer"), repeats=3)[0]
    print(
        f"\nimport fmspace_nb {ours - bare:.0f} ms, fmspace_nb.spectrum.mercer {spectrum - bare:.0f} ms, numpy alone "
        f"{numpy_alone - bare:.0f} ms"
    )
    beside("import fmspace_nb, against numpy's", ours, unit=numpy_alone)
    benchmark.pedantic(once, args=("fmspace_nb",), rounds=3)
