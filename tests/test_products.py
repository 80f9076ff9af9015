"""One product, by whichever library is there."""

import numpy as np
import pytest

from fmspace_nb import products


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("multiply", [products.product, products._by_scipy])
def test_both_ways_are_the_matrix_product(multiply, transposed):
    rng = np.random.default_rng(0)
    left = rng.standard_normal((5, 7)).T if transposed else rng.standard_normal((7, 5))
    right = rng.standard_normal((5, 4))
    found = multiply(left, right)
    np.testing.assert_allclose(found, np.einsum("ik,kj->ij", left, right), rtol=0, atol=1e-14)
    assert found.flags.c_contiguous
