"""Products of large matrices, where numpy's own are slow."""

from __future__ import annotations

import sys


def product(left, right):
    """The matrix product left @ right of float64 arrays, two matrices or what @ makes one of.

    In Pyodide numpy has no BLAS: it takes twice to three times as long as scipy's dgemm, a transposed left factor more.
    """
    scipy_is_quicker = sys.platform == "emscripten" and left.ndim == right.ndim == 2
    return _by_scipy(left, right) if scipy_is_quicker else left @ right


def _by_scipy(left, right):
    from scipy.linalg.blas import dgemm
    return dgemm(1.0, right.T, left.T).T        # of transposes: BLAS counts columns first
