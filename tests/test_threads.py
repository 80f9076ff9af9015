"""Linear algebra on one thread, and on as many as before afterwards."""

from threading import Thread

from threadpoolctl import threadpool_info, threadpool_limits

from fmspace_nb.threads import one_thread


def threads():
    """How many threads each BLAS there is would use."""
    return {pool["filepath"]: pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


def test_every_blas_is_limited_to_one_thread_and_set_free_again():
    with one_thread():                                                # by now every BLAS is loaded
        assert set(threads().values()) == {1}
    with threadpool_limits(2, user_api="blas"):
        before = threads()
        assert 2 in before.values()
        with one_thread():
            assert threads() == dict.fromkeys(before, 1)
        assert threads() == before


def test_limits_are_lifted_also_after_an_error():
    with threadpool_limits(2, user_api="blas"):
        before = threads()
        try:
            with one_thread():
                raise RuntimeError
        except RuntimeError:
            assert threads() == before and 2 in before.values()


def test_of_computations_that_overlap_the_last_to_end_sets_the_threads_free():
    with threadpool_limits(2, user_api="blas"):
        before = threads()
        first, second = one_thread(), one_thread()
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        assert set(threads().values()) == {1}
        second.__exit__(None, None, None)
        assert threads() == before and 2 in before.values()


def test_every_thread_may_limit_and_set_free_whichever_did_so_before():
    """JupyterLab draws a slider's picture on another thread than the one that runs cells."""
    seen = []

    def limited():
        with one_thread():
            seen.append(threads())

    with threadpool_limits(2, user_api="blas"):
        before = threads()
        for here in (True, False, True, False):
            if here:
                limited()
            else:
                thread = Thread(target=limited)
                thread.start()
                thread.join()
            assert threads() == before and 2 in before.values()
    assert seen == [dict.fromkeys(before, 1)] * 4
    with threadpool_limits(1, user_api="blas"):                         # nobody's own limits are in our hand
        assert set(threads().values()) == {1}
