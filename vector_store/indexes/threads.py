"""How many threads are worth starting, and keeping those of others from taking the cores."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from threadpoolctl import OpenBLASController, ThreadpoolController


def cores() -> int:
    """Return how many cores this process may use: more threads only wait for each other."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


_lock = threading.Lock()
_inside = 0
_limited = None


@contextmanager
def products_on_one_core() -> Iterator[None]:
    """Have NumPy multiply matrices on the calling thread alone, as long as any thread is inside.

    After a product OpenBLAS's own threads wait for the next one without sleeping (its
    THREAD_TIMEOUT), and take the cores from a model that runs meanwhile. The small products of a
    question gain nothing by a second thread. Where a thread of the program limits them by itself,
    they stay as it says.
    """
    global _inside, _limited
    with _lock:
        _inside += 1
        if _inside == 1:
            _limited = _waiting_busily().limit(limits=1)
            # Else only this thread could give them back, which may leave before others.
            OpenBLASController.clear_controlling_thread()
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0 and _limited is not None:
                _limited.restore_original_limits()
                OpenBLASController.clear_controlling_thread()


@cache
def _waiting_busily() -> ThreadpoolController:
    """Return the libraries that have threads of their own; FAISS's runs on OpenMP's."""
    return ThreadpoolController().select(threading_layer="pthreads")
