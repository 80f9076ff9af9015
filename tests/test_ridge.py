"""Ridge regression: two ways to solve it agree, and what is refused."""

import numpy as np
import pytest

from fmspace_nb.ridge import RIDGES, feature_ridge, kernel_ridge


def test_feature_ridge_is_kernel_ridge_on_either_side_of_the_interpolation_threshold():
    rng = np.random.default_rng(0)
    for samples, width in ((30, 80), (80, 30)):
        features, fresh = rng.standard_normal((samples, width)), rng.standard_normal((11, width))
        y = rng.standard_normal(samples)
        expected = kernel_ridge(features @ features.T, fresh @ features.T, y, ridge=RIDGES)
        assert feature_ridge(features, fresh, y, ridge=RIDGES) == pytest.approx(expected, rel=1e-6, abs=1e-9)
        assert feature_ridge(features, fresh, y, ridge=0.1) == pytest.approx(expected[2], rel=1e-9)


def test_ridge_regression_refuses_no_ridge_and_other_shapes():
    with pytest.raises(ValueError, match="ridge must be > 0 everywhere, got 0"):
        kernel_ridge(np.eye(3), np.ones((2, 3)), np.ones(3), ridge=0.0)
    for shape in ((0,), (1, 1)):
        with pytest.raises(ValueError, match="ridge must be a number or a sequence"):
            kernel_ridge(np.eye(3), np.ones((2, 3)), np.ones(3), ridge=np.ones(shape))
    with pytest.raises(ValueError, match=r"gram must have shape \(3, 3\)"):
        kernel_ridge(np.eye(4), np.ones((2, 3)), np.ones(3), ridge=1.0)
    with pytest.raises(ValueError, match=r"features_test must have shape \(any, 5\)"):
        feature_ridge(np.ones((4, 5)), np.ones((2, 3)), np.ones(4), ridge=1.0)
