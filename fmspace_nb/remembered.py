"""Results kept for whoever asks again, at most so many bytes of them: entries of arrays say nothing of the memory."""

from __future__ import annotations

import functools
import threading
from collections import OrderedDict
from types import FunctionType, MethodType

import numpy as np

ENTRY = 1000  # bytes that an answer costs besides its arrays: its question and its place


def size(value) -> int:
    """Bytes of the arrays in a value: each array once, views whole.

    In tuples, lists, dicts, the fields of objects, and in what functions hold: bound objects, arguments, closures.

    Args:
        value: anything.
    """
    found, seen, todo = 0, set(), [value]  # bytes, ids of what is counted already, what is not
    while todo:
        value = todo.pop()
        if isinstance(value, np.ndarray) and isinstance(value.base, np.ndarray):
            value = value.base
        if id(value) in seen or isinstance(value, _WITHOUT_ARRAYS):
            continue
        seen.add(id(value))
        if isinstance(value, np.ndarray):
            found += value.nbytes
        else:
            todo.extend(_parts(value))
    return found


def _parts(value):
    """What a value that is no array keeps alive."""
    if isinstance(value, (tuple, list)):
        return value
    if isinstance(value, functools.partial):
        return value.func, value.args, value.keywords
    if isinstance(value, MethodType):
        return (value.__self__,)
    if isinstance(value, FunctionType):
        return [part for cell in value.__closure__ or () for part in _held(cell)]
    return (value if isinstance(value, dict) else getattr(value, "__dict__", {})).values()


def _held(cell) -> list:
    try:
        return [cell.cell_contents]
    except ValueError:  # nothing yet
        return []


class Memory:
    """The results asked for last, of all functions that share it, within `limit` bytes; the oldest go first.

    A result that is larger than that is given and not kept. Equal arguments are one question, as for lru_cache.
    """

    def __init__(self, limit: int):
        self.limit, self.bytes = limit, 0
        self._kept: OrderedDict = OrderedDict()  # (function, arguments): (result, its bytes)
        self._lock = threading.Lock()

    def __call__(self, function):
        """The function with its results remembered here."""
        @functools.wraps(function)
        def remembered(*args, **keywords):
            key = function, args, frozenset(keywords.items())
            with self._lock:
                if key in self._kept:
                    self._kept.move_to_end(key)
                    return self._kept[key][0]
            result = function(*args, **keywords)
            self._keep(key, result)
            return result
        return remembered

    def _keep(self, key, result) -> None:
        room = size(result) + ENTRY
        with self._lock:
            if key in self._kept or room > self.limit:
                return
            self._kept[key] = result, room
            self.bytes += room
            while self.bytes > self.limit:
                self.bytes -= self._kept.popitem(last=False)[1][1]


_WITHOUT_ARRAYS = (float, int, str, bytes, type, type(None), np.generic, Memory)
networks = Memory(256 * 2**20)  # real networks and their matrices: what a kernel's memory goes to
measured = Memory(8 * 2**20)  # the few numbers read off them, which outlive them
curves = Memory(128 * 2**20)  # spectra, and what pictures draw: a chapter's grid leaves 10 to 60 MB of them
