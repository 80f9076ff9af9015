"""One thread for linear algebra on small matrices."""

from __future__ import annotations

import functools
import threading
from contextlib import contextmanager

_lock, _computing, _limits = threading.Lock(), 0, None


@contextmanager
def one_thread():
    """A context in which BLAS runs on one thread; of several that overlap the last to end sets it free.

    Where matrices are small a second thread waits longer than it helps: 24 ms for a QR of 0.1 ms on a busy machine.
    """
    global _computing, _limits
    with _lock:
        if not _computing:
            _limits = _blas().limit(limits=1, user_api="blas")
        _computing += 1
    try:
        yield
    finally:
        with _lock:
            _computing -= 1
            if not _computing:
                _limits.restore_original_limits()


@functools.cache
def _blas():
    import scipy.linalg  # noqa: F401  (its own copy of BLAS is limited only when it is there to be found)
    from threadpoolctl import ThreadpoolController
    return ThreadpoolController()
