"""Checks of arguments: every message names the argument, the value it got and the values it takes."""

from __future__ import annotations

import math
import numbers

import numpy as np


def integer(name: str, value, *, minimum: int = 1, maximum: float = math.inf) -> int:
    """The value as an int, once it is a whole number in [minimum, maximum]; TypeError or ValueError otherwise."""
    allowed = f"a whole number {_interval(minimum, maximum)}"
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be {allowed}, got {value!r} of type {type(value).__name__}")
    if not minimum <= value <= maximum:
        raise ValueError(f"{name} must be {allowed}, got {value!r}")
    return int(value)


def real(name: str, value, *, minimum: float = -math.inf, maximum: float = math.inf,
         above: float | None = None) -> float:
    """The value as a float, once it is finite, in [minimum, maximum] and > above; TypeError or ValueError otherwise."""
    allowed = f"a finite number {_interval(minimum, maximum)}" if above is None else f"a finite number > {above:g}"
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be {allowed}, got {value!r} of type {type(value).__name__}")
    try:
        finite = math.isfinite(value)
    except OverflowError:                     # a whole number beyond every float
        finite = False
    if not finite or not minimum <= value <= maximum or (above is not None and value <= above):
        raise ValueError(f"{name} must be {allowed}, got {value!r}")
    return float(value)


def choice(name: str, value, options):
    """The value, once it is one of the options; ValueError otherwise."""
    if not isinstance(value, (str, int, float, tuple)) or value not in options:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, options))}, got {value!r}")
    return value


def array(name: str, value, *, shape: tuple = None, minimum: float = -math.inf) -> np.ndarray:
    """The value as a finite float64 array of the shape (None: any length on that axis; ... first: any leading axes)."""
    try:
        given = np.asarray(value)
        real = given.dtype.kind in "iufO" or not given.size
        result = given.astype(np.float64) if real else None
    except (TypeError, ValueError, OverflowError):
        real = False
    if not real:
        raise TypeError(f"{name} must be an array of real numbers, got {type(value).__name__}")
    if shape is not None and not _fits(result.shape, shape):
        wanted = ", ".join("…" if n is ... else "any" if n is None else str(n) for n in shape)
        raise ValueError(f"{name} must have shape ({wanted}), got {result.shape}")
    if not np.all(np.isfinite(result)):
        raise ValueError(f"{name} must be finite everywhere, got NaN or infinity among its {result.size} values")
    if minimum > -math.inf and result.size and result.min() < minimum:
        raise ValueError(f"{name} must be ≥ {minimum:g} everywhere, got {result.min():g}")
    return result


def instance(name: str, value, kind: type):
    """The value, once it is an instance of the kind; TypeError otherwise."""
    if not isinstance(value, kind):
        raise TypeError(f"{name} must be a {kind.__name__}, got {value!r} of type {type(value).__name__}")
    return value


def generator(name: str, value) -> np.random.Generator:
    """A numpy Generator: the value itself, or one seeded by a whole number."""
    if isinstance(value, np.random.Generator):
        return value
    if isinstance(value, numbers.Integral) and not isinstance(value, bool) and value >= 0:
        return np.random.default_rng(int(value))
    raise TypeError(f"{name} must be a numpy Generator or a seed (a whole number ≥ 0), got {value!r}")


def _interval(minimum: float, maximum: float) -> str:
    if maximum < math.inf:
        return f"in [{minimum:g}, {maximum:g}]"
    return f"≥ {minimum:g}" if minimum > -math.inf else "of either sign"


def _fits(shape: tuple, wanted: tuple) -> bool:
    if wanted and wanted[0] is ...:
        wanted = wanted[1:]
        if len(shape) < len(wanted):
            return False
        shape = shape[len(shape) - len(wanted):]
    return len(shape) == len(wanted) and all(w is None or w == s for s, w in zip(shape, wanted, strict=True))
