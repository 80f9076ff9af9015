"""One thread for linear algebra on small matrices."""

from __future__ import annotations

import functools


def one_thread():
    """A context in which BLAS runs on one thread.

    Where matrices are small a second thread waits longer than it helps: 24 ms for a QR of 0.1 ms on a busy machine.
    """
    return _blas().limit(limits=1, user_api="blas")


@functools.cache
def _blas():
    import scipy.linalg  # noqa: F401  (its own copy of BLAS is limited only when it is there to be found)
    from threadpoolctl import ThreadpoolController
    return ThreadpoolController()
