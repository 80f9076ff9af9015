"""Ridge regression itself, on a kernel or on features: what the learning curves predict."""

from __future__ import annotations

import numpy as np
from scipy.linalg.lapack import dposv

from fmspace_nb import arguments
from fmspace_nb.products import product

RIDGES = tuple(10.0**k for k in range(-3, 4))  # what the paper's Figure 1b chooses the best of


def kernel_ridge(gram, cross, y, *, ridge) -> np.ndarray:
    """Predictions K_× (K + δI)⁻¹ y of kernel ridge regression, one row a ridge.

    Args:
        gram: K on the N training inputs, shape (N, N).
        cross: K between test and training inputs, shape (n, N).
        y: labels, shape (N,).
        ridge: δ > 0, a number or a sequence.

    Returns:
        shape (n,) for one ridge, (ridges, n) for several.

    Raises:
        ValueError, TypeError: shapes that do not belong together, or a ridge that is not positive.

    Source: chapter 07, the ridge regression of its points.
    """
    y = arguments.array("y", y, shape=(None,))
    gram = arguments.array("gram", gram, shape=(y.size, y.size))
    cross = arguments.array("cross", cross, shape=(None, y.size))
    solved = [cross @ _solve(gram, y, delta) for delta in _ridges(ridge)]
    return solved[0] if np.ndim(ridge) == 0 else np.array(solved)


def feature_ridge(features, features_test, y, *, ridge) -> np.ndarray:
    """Predictions of ridge regression on features Φ: `kernel_ridge` with K = ΦΦᵀ, solved in the smaller space.

    Args:
        features, features_test: Φ on training and test inputs, shapes (N, m) and (n, m).
        y, ridge: as in `kernel_ridge`.

    Returns:
        as `kernel_ridge`.

    Raises:
        ValueError, TypeError: as `kernel_ridge`.

    Source: chapter 07, the ridge regression of its points.
    """
    features = arguments.array("features", features, shape=(None, None))
    features_test = arguments.array("features_test", features_test, shape=(None, features.shape[1]))
    solved = product(features_test, readouts(features, y, ridge=ridge)).T
    return solved[0] if np.ndim(ridge) == 0 else solved


def readouts(features, y, *, ridge) -> np.ndarray:
    """The readouts of `feature_ridge` (arguments as there), shape (m, ridges): predictions are features times them."""
    features = arguments.array("features", features, shape=(None, None))
    y = arguments.array("y", y, shape=(features.shape[0],))
    if features.shape[0] <= features.shape[1]:
        gram = product(features, features.T)
        return product(features.T, np.stack([_solve(gram, y, delta) for delta in _ridges(ridge)], axis=1))
    square, moment = product(features.T, features), features.T @ y
    return np.stack([_solve(square, moment, delta) for delta in _ridges(ridge)], axis=1)


def _ridges(ridge) -> np.ndarray:
    ridge = np.atleast_1d(arguments.array("ridge", ridge))
    if ridge.ndim > 1 or not ridge.size:
        raise ValueError(f"ridge must be a number or a sequence of one or more, got shape {ridge.shape}")
    if ridge.min() <= 0:
        raise ValueError(f"ridge must be > 0 everywhere, got {ridge.min():g}")
    return ridge


def _solve(matrix, right, ridge: float) -> np.ndarray:
    """By Cholesky's factors, straight from LAPACK: the checks of scipy's cho_solve take as long where N is small."""
    shifted = matrix.copy(order="F")
    shifted[np.diag_indices(len(matrix))] += ridge
    _, solved, info = dposv(shifted, right, lower=True, overwrite_a=True)
    if info:
        raise np.linalg.LinAlgError(f"the kernel matrix plus the ridge {ridge:g} is not positive definite")
    return solved
