"""Products of large matrices, where numpy's own are slow."""

from __future__ import annotations

import sys


def product(left, right):
    """The matrix product left @ right of two float64 matrices.

    In Pyodide numpy has no BLAS: a transposed left factor makes it 15 times slower than scipy's dgemm.
    """
    return _by_scipy(left, right) if sys.platform == "emscripten" else left @ right


def _by_scipy(left, right):
    from scipy.linalg.blas import dgemm
    return dgemm(1.0, right.T, left.T).T        # of transposes: BLAS counts columns first
