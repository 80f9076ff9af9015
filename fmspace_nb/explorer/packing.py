"""Many arrays of one shape in few bytes, for a page that must hold all pictures of an explorer.

An array becomes whole numbers (`quantise`), each different array is kept once (`Packed`), whole numbers become
differences to a neighbour where that makes them smaller, and equal bytes of them stand together, which is what deflate
likes. `frozen.js` undoes the steps in the opposite order. What comes back differs from the figure by at most a quarter
of a pixel, or 1.3e-4 of the value where there is no linear axis; NaN and both infinities come back as gaps.
"""

from __future__ import annotations

import zlib
from dataclasses import asdict, dataclass

import numpy as np

PIXELS = 4000       # a quarter of a pixel on an axis of a thousand
SINGLE = np.finfo(np.float32)
MANTISSA = 12       # bits kept of a float32's 23: 2^-13 = 1.2e-4 of the value
TRIAL = 64          # arrays on which the kinds of difference are tried
DIFFERENCES = ("", "a", "aa", "ar", "s", "sa", "sar")  # along the array, from row to row, from state to state


@dataclass(frozen=True)
class Code:
    """How the numbers of a slot become whole numbers of so many bytes.

    kind: "whole" (whole numbers, counted from low), "steps" (65535 steps between low and high), "short" (the upper 21
    bits of a float32), "single" (all of them), "double" (a float64). The largest whole number is the gap, for floats
    it is 0.
    """

    kind: str
    bytes: int
    low: float = 0.0
    high: float = 1.0

    @property
    def gap(self) -> int:
        return (1 << 8 * self.bytes) - 1


def choose_code(arrays: list, scale: str | None, extent: float | None) -> Code:
    """The shortest code that no eye can tell from the numbers.

    scale: "linear", "log", or None for numbers on no axis. extent: the length of the axis (decades on a log axis)
    where it is fixed; otherwise the narrowest array counts, since the axis may close in on it.
    """
    finite = [array[np.isfinite(array)].astype(float) for array in arrays]
    finite = [array for array in finite if array.size]
    if not finite:
        return Code("whole", 1)
    low, high = float(min(a.min() for a in finite)), float(max(a.max() for a in finite))
    if high - low < 2**32 - 1 and all(np.all(a == np.rint(a)) for a in finite):
        return Code("whole", next(n for n in (1, 2, 3, 4) if high - low < (1 << 8 * n) - 1), low, high)
    if scale == "log":
        positive = [a[a > 0] for a in finite if (a > 0).any()]
        spreads, unit = [np.ptp(np.log10(a)) for a in positive], 1 / np.log(10)
    else:
        spreads, unit = [np.ptp(a) for a in finite], max(abs(low), abs(high))
    tolerance = (extent or min((s for s in spreads if s > 0), default=np.inf)) / PIXELS
    if scale == "linear" and (high - low) / 131068 <= tolerance:
        return Code("steps", 2, low, high if high > low else low + 1.0)
    smallest = min((np.abs(a[a != 0]).min() for a in finite if a.any()), default=1.0)
    if max(abs(low), abs(high)) > float(SINGLE.max) or (scale != "linear" and smallest < float(SINGLE.tiny)):
        return Code("double", 8)
    if unit * 2.0 ** -(MANTISSA + 1) <= tolerance:
        return Code("short", 3)
    return Code("single", 4) if unit * 2.0**-24 <= tolerance else Code("double", 8)


def quantise(array: np.ndarray, code: Code) -> np.ndarray:
    """The array as unsigned whole numbers of code.bytes bytes, flat; the order of finite numbers is kept."""
    flat = array.astype(float).ravel()
    gaps = ~np.isfinite(flat)
    if code.kind in ("whole", "steps"):
        scale = 65534 / (code.high - code.low) if code.kind == "steps" else 1.0
        return np.where(gaps, code.gap, np.rint((np.where(gaps, code.low, flat) - code.low) * scale)).astype(np.uint64)
    if code.kind == "double":
        return np.where(gaps, np.nan, flat).view(np.uint64)
    dropped = 23 - MANTISSA if code.kind == "short" else 0
    bits = np.where(gaps, 0, flat).astype(np.float32).view(np.uint32).astype(np.int64)
    if dropped:
        bits += 1 << (dropped - 1)  # to the nearest; a carry into the exponent is what rounding up means
        bits = np.minimum(bits & 0x7FFFFFFF, 0x7F7FFFFF) | (bits & 0x80000000)
    magnitude = (bits & 0x7FFFFFFF) >> dropped
    middle = 1 << (31 - dropped)
    ordered = np.where(bits & 0x80000000, middle - magnitude, middle + magnitude)
    return np.where(gaps, 0, ordered).astype(np.uint64)  # no finite number is 0: the gap


class Packed:
    """Equal arrays once: `add` returns the number of an array's content, `segment` the bytes of all of them."""

    def __init__(self, shape: tuple, scale: str | None, extent: float | None):
        self.shape, self.scale, self.extent = tuple(shape), scale, extent
        self.arrays, self._numbers = [], {}

    def add(self, array: np.ndarray) -> int:
        """The number of the array among the different ones."""
        key = (array.dtype.char, array.tobytes())
        if key not in self._numbers:
            self._numbers[key] = len(self.arrays)
            self.arrays.append(array)
        return self._numbers[key]

    def segment(self) -> tuple[dict, bytes]:
        """(how to read them, the bytes): all arrays one after another, coded, differenced, byte by byte."""
        code = choose_code(self.arrays, self.scale, self.extent)
        numbers = np.stack([quantise(array, code) for array in self.arrays])
        def packed(how, rows):
            return _planes(difference(rows, how, code.bytes, columns), code.bytes)

        columns = self.shape[-1] if len(self.shape) > 1 else 0
        trials = [how for how in DIFFERENCES if columns or "r" not in how] if code.bytes < 8 else [""]
        best = min(trials, key=lambda how: len(zlib.compress(packed(how, numbers[:TRIAL]), 1)))
        return asdict(code) | {"differences": best, "count": len(self.arrays), "length": numbers.shape[1],
                               "columns": columns}, packed(best, numbers)


def difference(numbers: np.ndarray, how: str, size: int, columns: int = 0) -> np.ndarray:
    """Whole numbers (state, entry) as differences: "s" to the state before, "a" to the entry before, "r" to the one in
    the row above; small ones of either sign as small whole numbers."""
    modulus = 1 << (8 * size)
    signed = numbers.astype(np.int64) if size < 8 else numbers
    for step in how:
        if step == "r":
            signed = np.diff(signed.reshape(len(signed), -1, columns), axis=1, prepend=0).reshape(signed.shape)
        else:
            signed = np.diff(signed, axis=0 if step == "s" else 1, prepend=0)
    if not how:
        return numbers
    half = (signed + modulus // 2) % modulus - modulus // 2
    return np.where(half < 0, -2 * half - 1, 2 * half).astype(np.uint64)


def _planes(numbers: np.ndarray, size: int) -> bytes:
    """First all lowest bytes, then all second ones, …"""
    return np.ascontiguousarray(numbers.astype("<u8").ravel().view(np.uint8).reshape(-1, 8)[:, :size].T).tobytes()
