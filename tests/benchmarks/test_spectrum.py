"""The exact leading spectrum beside what one would do without it: eigenvalues of a Gram matrix of 4000 sampled inputs.

Run with `make bench`. Times are the least of several, errors the largest relative one over the leading levels; nothing
is asserted.
"""

import itertools
import time

import numpy as np
import pytest
from sklearn.decomposition import KernelPCA
from sklearn.kernel_approximation import Nystroem

from fmspace_nb.covariance import SpikedCovariance
from fmspace_nb.kernel import conjugate_kernel
from fmspace_nb.spectrum.mercer import mercer
from fmspace_nb.spectrum.solve import solver

DIM, POINTS, SPIKE = 50, 4000, 25.0


def least(function, repeats=1):
    """(least time of a call in ms, the last result); every call gets its number as its argument."""
    times = []
    for k in range(repeats):
        start = time.perf_counter()
        found = function(k)
        times.append(1e3 * (time.perf_counter() - start))
    return min(times), found


def worst(estimates, exact):
    return np.max(np.abs(np.array(estimates) / exact - 1))


def largest(sigma, parity):
    """The solver of that half of σ at the largest of its sizes."""
    place = {"dim": DIM, "bulk": 1.0, "spike": SPIKE, "sectors": 3, "modes": 8}
    found = (solver(sigma, parity, size=size, **place) for size in itertools.count())
    return list(itertools.takewhile(lambda s: s is not None, found))[-1]


@pytest.mark.parametrize("name", ["relu", "gelu"])
def test_exact_spectrum_beside_a_gram_matrix(name, benchmark, beside):
    x = np.random.default_rng(0).standard_normal((POINTS, DIM))
    kernel = conjugate_kernel(name, SpikedCovariance(DIM, spike=SPIKE))
    ours, spectrum = least(lambda k: mercer(name, dim=DIM, spike=SPIKE * (1 + 1e-9 * (k - 19))), repeats=20)
    exact = np.array([s.eigenvalues[0] for s in spectrum.sectors] + [s.eigenvalues[1] for s in spectrum.sectors])
    halves = [largest(spectrum.activation, parity).sectors(3, 8) for parity in (0, 1)]
    finer = [np.sort(np.concatenate([half[j].values for half in halves]))[::-1] for j in range(3)]
    error = worst(exact, [values[k] for k in (0, 1) for values in finer])
    gram_time, gram = least(lambda _: kernel(x))
    print(
        f"\n{name}, d = {DIM}, B = {SPIKE:g}: exact, 3 sectors {ours:.2f} ms, error {error:.0e}; Gram matrix of "
        f"{POINTS} inputs {gram_time:.0f} ms"
    )
    beside(f"exact spectrum of {name}", ours)
    beside(f"Gram matrix of {name}, against the exact spectrum", gram_time, unit=ours)
    known = spectrum.eigenvalues[:2]  # levels of multiplicity 1 head the list: what every rival can be asked for
    indices = np.arange(POINTS, dtype=float)[:, None]
    # sklearn asks pair by pair
    looked_up = Nystroem(lambda a, b: gram[int(a[0]), int(b[0])], n_components=400, random_state=0)
    rivals = {
        "numpy.linalg.eigh": lambda _: np.linalg.eigvalsh(gram / POINTS)[::-1],
        "sklearn KernelPCA": lambda _: (
            KernelPCA(8, kernel="precomputed", eigen_solver="arpack", random_state=0).fit(gram).eigenvalues_ / POINTS
        ),
        "sklearn Nystroem": lambda _: np.linalg.svd(looked_up.fit_transform(indices), compute_uv=False) ** 2 / POINTS,
    }
    for rival, run in rivals.items():
        took, found = least(run)
        centred = "PCA" in rival and spectrum.labels[0].parity > 0               # PCA centres: a radial mode goes
        off = worst(found[:1], known[1:]) if centred else worst(found[:2], known)
        print(f"  {rival}: {took:.0f} ms, {took / ours:.0f} times ours, error {off:.1e}, {off / error:.0e} times ours")
        beside(f"{rival} of {name}, against the exact spectrum", took, unit=ours)
    benchmark(lambda: mercer(name, dim=DIM, spike=float(np.random.uniform(1, 50))))
