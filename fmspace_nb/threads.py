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
            with _in_control():
                _limits = _blas().limit(limits=1, user_api="blas")
        _computing += 1
    try:
        yield
    finally:
        with _lock:
            _computing -= 1
            if not _computing:
                with _in_control():
                    _limits.restore_original_limits()


@contextmanager
def _in_control():
    """A context in which this thread may set limits, and after which any may.

    From 3.8 on threadpoolctl ignores all threads but the first that sets one; JupyterLab draws on others than it runs
    cells.
    """
    leave = [library.clear_controlling_thread for library in _blas().lib_controllers
             if hasattr(library, "clear_controlling_thread")]
    for leaves in leave:
        leaves(force=True)
    yield
    for leaves in leave:
        leaves(force=True)


@functools.cache
def _blas():
    import scipy.linalg  # noqa: F401  (its own copy of BLAS is limited only when it is there to be found)
    from threadpoolctl import ThreadpoolController
    return ThreadpoolController()
