"""A plotly figure as the view takes it: a JSON part that stays, a small JSON patch, and the numbers as arrays.

Live and frozen explorers share this one conversion. The figure at the sliders' start is the `Skeleton`: its JSON
without numbers, and the *slots*, the places of the numeric arrays ("data.0.x", …). Every further figure becomes a
`Picture`
against that skeleton: one array a slot, and a patch {path: value} of whatever else differs from the start (a title, an
annotation, a colour; None where the start has something and this figure has not). Each picture stands for itself: it
never depends on the one before it.
"""

from __future__ import annotations

import copy
import math
import numbers
from base64 import b64decode
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np

KEPT_AS_JSON = ("colorscale", "selectedpoints")
TAKEN = object()  # stands where an array was
_JSON = (str, bool, int, type(None))


@dataclass(frozen=True)
class Picture:
    """One figure against its skeleton.

    patch: {path: JSON value or None}; paths are "data.0.name", "layout.title.text"; lists are replaced whole.
    arrays: one float32 (or float64, see `compact`) array a slot, in the order and shape of the slots, NaN for gaps.
    alt: the text that says what the picture shows (layout.meta.alt), "" where the figure gives none.
    """

    patch: dict
    arrays: list
    alt: str


class Skeleton:
    """What all figures of one explorer share: the JSON of the first and the places of its numbers.

    figure: a plotly Figure. Attributes: `.figure` ({"data": […], "layout": {…}} without the arrays), `.slots`
    ([(path, shape)]), `.first` (the Picture of the figure itself, with an empty patch).
    Raises TypeError when the figure is no plotly Figure, ValueError when it has frames.
    """

    def __init__(self, figure):
        self.figure, arrays, alt = take_apart(figure)
        self._leaves = _leaves(self.figure)
        self.slots = [(path, array.shape) for path, array in arrays.items()]
        self.first = Picture({}, list(arrays.values()), alt)

    @classmethod
    def held(cls, figure: dict, slots) -> Skeleton:
        """The skeleton that a page holds: its JSON, and [[path, shape]]; without a first picture."""
        skeleton = cls.__new__(cls)
        skeleton.figure, skeleton.slots = figure, [(path, tuple(shape)) for path, shape in slots]
        skeleton._leaves = _leaves(figure)
        return skeleton

    @property
    def whole(self) -> dict:
        """The first figure, {"data": […], "layout": {…}}, with its arrays."""
        return filled(self.figure, self.slots, self.first.arrays, {})

    def picture(self, figure) -> Picture:
        """The figure against this skeleton; ValueError when its traces, or the length of an array, differ from the
        start's."""
        tree, arrays, alt = take_apart(figure)
        if len(tree["data"]) != len(self.figure["data"]):
            raise ValueError(
                f"the figure has {len(tree['data'])} traces, at the start it had {len(self.figure['data'])}: "
                "give it the same traces at all values (an empty one holds NaN)"
            )
        slots, known = {path: array.shape for path, array in arrays.items()}, dict(self.slots)
        for path in known | slots:
            before, now = known.get(path), slots.get(path)
            if before != now:
                raise ValueError(f"{path} has {_size(now)}, at the start it had {_size(before)}: "
                                 "keep arrays as long at all values (pad with NaN)")
        now, start = _leaves(tree), self._leaves
        patch = {path: now.get(path) for path in start | now if now.get(path) != start.get(path)}
        return Picture(patch, [arrays[path] for path, _ in self.slots], alt)


def filled(figure: dict, slots, arrays, patch: dict) -> dict:
    """A skeleton's figure, {"data": […], "layout": {…}}, with a picture's arrays in its slots, [(path, shape)], and its
    patch."""
    figure = copy.deepcopy(figure)
    shaped = {path: array.reshape(shape) for (path, shape), array in zip(slots, arrays, strict=True)}
    for path, value in (patch | shaped).items():
        node, (*way, last) = figure, path.split(".")
        for key in way:
            node = node[int(key)] if isinstance(node, list) else node.setdefault(key, {})
        node[last] = value
    return figure


def take_apart(figure) -> tuple[dict, dict, str]:
    """(tree, arrays, alt) of a plotly Figure: its JSON without numeric arrays, those by path, and its text
    alternative."""
    if not callable(getattr(figure, "to_plotly_json", None)):
        raise TypeError(f"a figure function must return a plotly Figure, got {type(figure).__name__}")
    arrays: dict[str, np.ndarray] = {}
    traces, layout = getattr(figure, "stated", None) or _asked(figure)
    data = [_without_arrays(trace, f"data.{k}", arrays) for k, trace in enumerate(traces)]
    layout = _plain(layout)
    meta = layout.get("meta")
    alt = meta.pop("alt", "") if isinstance(meta, dict) else ""
    return {"data": data, "layout": layout}, arrays, alt


def _asked(figure) -> tuple[list, dict]:
    """(traces, layout) as plotly tells them, part by part: the whole would write every array in base64 first."""
    if figure.frames:
        raise ValueError("a figure in an explorer has no frames: its sliders do what an animation would")
    return [trace.to_plotly_json() for trace in figure.data], figure.layout.to_plotly_json()


def compact(array: np.ndarray) -> np.ndarray:
    """The array as float32, or as float64 where float32 would show: values that overflow, vanish or fall together."""
    finite = array[np.isfinite(array)]
    sizes, single = np.abs(finite[finite != 0]), np.finfo(np.float32)
    outside = sizes.size and (sizes.max() > single.max or sizes.min() < single.tiny)
    double = outside or sizes.size and 0 < np.ptp(finite) < 1e4 * single.eps * sizes.max()
    return np.ascontiguousarray(array, dtype=np.float64 if double else np.float32)


def _without_arrays(value, path: str, arrays: dict):
    if isinstance(value, dict) and "bdata" not in value:
        walked = {key: _without_arrays(v, f"{path}.{key}", arrays) for key, v in value.items()}
        return {key: v for key, v in walked.items() if v is not TAKEN}
    array = None if path.rpartition(".")[2] in KEPT_AS_JSON else _numeric(value)
    if array is not None and array.ndim <= 2:
        arrays[path] = compact(array)
        return TAKEN
    return _plain(value)


def _numeric(value) -> np.ndarray | None:
    """The value as a float array when it is a list of numbers (None: a gap), or rows of them of one length; None
    otherwise."""
    if isinstance(value, dict) and "bdata" in value:
        return _decoded(value).astype(float)
    if isinstance(value, np.ndarray):
        return value.astype(float) if value.dtype.kind in "fiu" else None
    if not isinstance(value, (list, tuple)) or not value:
        return None
    if all(isinstance(v, (list, tuple, np.ndarray)) for v in value):
        rows = [_numeric(v) for v in value]
        even = all(row is not None and row.shape == np.shape(value[0]) for row in rows)
        return np.stack(rows) if even else None
    if all(v is None or isinstance(v, numbers.Real) and not isinstance(v, (bool, np.bool_)) for v in value):
        return np.array([math.nan if v is None else v for v in value], dtype=float)
    return None


def decoded(figure):
    """A figure's JSON with its arrays in place of plotly's base64 form of them."""
    if isinstance(figure, dict):
        return _decoded(figure) if "bdata" in figure else {key: decoded(value) for key, value in figure.items()}
    if isinstance(figure, (list, tuple)) and any(isinstance(value, dict) for value in figure):
        return [decoded(value) for value in figure]
    return figure


def _decoded(value: dict) -> np.ndarray:
    """plotly's base64 form of an array, {"dtype", "bdata", "shape"}, as the array."""
    array = np.frombuffer(b64decode(value["bdata"]), dtype=value["dtype"])
    shape = value.get("shape")
    return array if shape is None else array.reshape([int(n) for n in str(shape).split(",")])


def _plain(value):
    """The value in JSON's own types; a number that is not finite, or a date that is none, becomes None.

    Dates are ISO texts, durations milliseconds, as plotly reads them.
    """
    if type(value) in _JSON:  # most of a figure is words
        return value
    if isinstance(value, dict):
        return _plain(_decoded(value)) if "bdata" in value else {str(key): _plain(v) for key, v in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [_plain(v) for v in value]
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else str(value)
    if isinstance(value, (np.timedelta64, timedelta)):
        return _plain(float(np.timedelta64(value) / np.timedelta64(1, "ms")))
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, (Decimal, Fraction)):
        return _plain(float(value))
    if type(value).__name__ in ("NaTType", "NAType"):  # pandas' own, which need not be here
        return None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, (str, bool, int)) else str(value)


def _leaves(value, path: str = "", found: dict | None = None) -> dict:
    """{path: value} of everything below a JSON tree that is not a dict; of its lists only the list of traces is
    entered."""
    found = {} if found is None else found
    if isinstance(value, dict) or path == "data":
        for key, v in value.items() if isinstance(value, dict) else enumerate(value):
            _leaves(v, f"{path}.{key}" if path else str(key), found)
    else:
        found[path] = value
    return found


def _size(shape: tuple | None) -> str:
    return "no numbers" if shape is None else f"{' × '.join(map(str, shape))} values"
