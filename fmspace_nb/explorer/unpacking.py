"""The pictures of a frozen explorer, read back from a page: the other end of `frozen.pack`, in Python."""

from __future__ import annotations

import base64
import json
import zlib

import numpy as np

from fmspace_nb.explorer.packing import MANTISSA


class Unpacked:
    """What `frozen.pack` packed, `text`; `.states` pictures."""

    def __init__(self, text: str):
        raw = zlib.decompress(base64.b64decode(text))
        start = 4 + int.from_bytes(raw[:4], "little")
        self._header = json.loads(raw[4:start])
        self.states, slots, paths = (self._header[key] for key in ("states", "slots", "patch"))
        columns = len(slots) + len(paths) + 1
        self._table = np.frombuffer(raw, "<u2", columns * self.states, start).reshape(columns, self.states)
        start += self._table.nbytes
        self._slots = []
        for slot in slots:
            if "same" in slot:
                self._slots.append(self._slots[slot["same"]])
                continue
            size = slot["count"] * slot["length"] * slot["bytes"]
            planes = np.frombuffer(raw, "u1", size, start).reshape(slot["bytes"], slot["count"], slot["length"])
            self._slots.append(_values(_summed(planes, slot), slot))
            start += size

    def picture(self, state: int) -> tuple[list, dict, str]:
        """(arrays, patch, alt) of a picture: what of the explorer's JSON it fills in and changes, and its words."""
        row, known = self._table[:, state].tolist(), len(self._slots)
        arrays = [slot[k] for slot, k in zip(self._slots, row, strict=False)]
        values = {path: given[k] for (path, given), k in zip(self._header["patch"].items(), row[known:], strict=False)}
        return arrays, {p: v for p, v in values.items() if v != {"start": True}}, self._header["alt"][row[-1]]


def _summed(planes: np.ndarray, slot: dict) -> np.ndarray:
    """Whole numbers, (count, length), of byte planes: put together, and their differences summed up again."""
    numbers = sum(plane.astype(np.uint64) << np.uint64(8 * b) for b, plane in enumerate(planes))
    if not slot["differences"]:
        return numbers
    signed = numbers.astype(np.int64)
    signed = np.where(signed % 2, -(signed // 2) - 1, signed // 2)
    for step in reversed(slot["differences"]):
        if step == "r":
            rows = signed.reshape(len(signed), -1, slot["columns"])
            signed = np.cumsum(rows, axis=1).reshape(signed.shape)
        else:
            signed = np.cumsum(signed, axis=0 if step == "s" else 1)
    return (signed % (1 << 8 * slot["bytes"])).astype(np.uint64)


def _values(numbers: np.ndarray, slot: dict) -> np.ndarray:
    """Numbers again, NaN for gaps."""
    kind, low, high = slot["kind"], slot["low"], slot["high"]
    if kind == "double":
        return numbers.view(np.float64)
    if kind in ("whole", "steps"):
        step = (high - low) / 65534 if kind == "steps" else 1.0
        return np.where(numbers == (1 << 8 * slot["bytes"]) - 1, np.nan, low + step * numbers.astype(float))
    dropped = 23 - MANTISSA if kind == "short" else 0
    ordered, middle = numbers.astype(np.int64), 1 << (31 - dropped)
    bits = (np.abs(ordered - middle) << dropped) | np.where(ordered < middle, 1 << 31, 0)
    return np.where(numbers == 0, np.nan, bits.astype(np.uint32).view(np.float32).astype(float))
