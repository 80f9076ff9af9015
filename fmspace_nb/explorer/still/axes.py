"""Where a number lies along an axis, and where the axis has its ticks."""

from __future__ import annotations

import math

import numpy as np

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_ROOM = {"x": 80, "y": 40}  # pixels that plotly leaves a label


class Axis:
    """The axis `ident` ("x", "y2") of a layout; `values` are what is drawn along it, `pixels` the plot's extent.

    Attributes: `.ident`, `.given` (plotly's own words), `.domain` (its part of the plot), `.size` (of its
    letters), `.ends` (the range, log10 on a log axis).
    """

    def __init__(self, layout: dict, ident: str, values: list, pixels: float):
        self.ident, self.letter = ident, ident[0]
        self.given = layout.get(f"{ident[0]}axis{ident[1:]}", {})
        self.domain = self.given.get("domain") or [0, 1]
        self.pixels = pixels * (self.domain[1] - self.domain[0])
        self.log = self.given.get("type") == "log"
        words = [str(v) for array in values for v in array] if any(array.dtype.kind in "OU" for array in values) else []
        self.size = layout.get("font", {}).get("size", 12)
        self.words = {word: k for k, word in enumerate(dict.fromkeys(words))}
        ends = self.given.get("range")
        self.ends = [float(end) for end in ends] if ends and None not in ends and not words else self._around(values)

    def _around(self, values: list) -> list[float]:
        """The range that plotly would find, nearly: what is drawn, and a twentieth of it at either end."""
        found = [u[np.isfinite(u)] for u in map(self.units, values)]
        found = np.concatenate([u for u in found if u.size] or [np.array([0.0, 1.0])])
        low, high = float(found.min()), float(found.max())
        room = 0.05 * (high - low) or 0.5
        return [low - room, high + room][:: -1 if self.given.get("autorange") == "reversed" else 1]

    def units(self, values) -> np.ndarray:
        """Numbers in the axis's own units: logarithms on a log axis, places in the list of categories."""
        if self.words:
            return np.array([self.words.get(str(v), math.nan) for v in np.atleast_1d(values)], dtype=float)
        values = np.atleast_1d(np.asarray(values, dtype=float))
        if not self.log:
            return values
        return np.log10(values, where=values > 0, out=np.full(values.shape, math.nan))

    def at(self, values) -> np.ndarray:
        """The share of the axis, 0 to 1 from left or bottom, at which numbers lie; NaN where they cannot be drawn."""
        return self.along(self.units(values))

    def along(self, units):
        """The same for numbers in the axis's units, as plotly's annotations have them."""
        return (np.asarray(units, dtype=float) - self.ends[0]) / (self.ends[1] - self.ends[0])

    def ticks(self) -> list[tuple[float, str]]:
        """(share, text) of each tick within the range."""
        if self.given.get("tickvals") is not None:
            values = list(self.given["tickvals"])
            texts = self.given.get("ticktext")
            texts = [f"{value:g}" for value in values] if texts is None else list(texts)
            placed = zip(self.at(values), texts, strict=False)
        elif self.words:
            placed = zip(self.at(list(self.words)), self.words, strict=True)
        else:
            step = self._step()
            first, last = sorted(self.ends)
            units = np.arange(math.ceil(first / step - 1e-6), math.floor(last / step + 1e-6) + 1) * step
            placed = zip(self.along(units), [self._text(unit, step) for unit in units], strict=True)
        return [(float(at), str(text)) for at, text in placed if -1e-6 <= at <= 1 + 1e-6]

    def small(self) -> list[float]:
        """The shares of the minor ticks: 2 to 9 times each power of ten, where the figure asks for them."""
        if not (self.log and self.given.get("minor", {}).get("ticks")):
            return []
        first, last = (math.floor(end) for end in sorted(self.ends))
        shares = self.along(np.log10(np.outer(10.0 ** np.arange(first, last + 1), np.arange(2, 10))).ravel())
        return [float(at) for at in shares if 0 <= at <= 1]

    def _step(self) -> float:
        given = self.given.get("dtick")
        if isinstance(given, (int, float)) and given > 0:
            return given
        span = abs(self.ends[1] - self.ends[0])
        rough = span / (min(9, max(4, self.pixels / _ROOM[self.letter])) + 1)
        power = 10 ** math.floor(math.log10(rough))
        step = next(power * n for n in (1, 2, 5, 10) if power * n >= rough * (1 - 1e-9))
        return max(1, round(step)) if self.log else step

    def _text(self, unit: float, step: float) -> str:
        if self.log:
            power = round(unit, 6)
            if power != int(power):
                return f"{10**power:.3g}"
            return {0: "1", 1: "10"}.get(int(power), "10" + str(int(power)).translate(_RAISED))
        digits = max(0, -math.floor(math.log10(step) + 1e-9))
        text = f"{unit:.{digits}f}" if digits < 7 else f"{unit:.3g}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return (text if float(text) else "0").replace("-", "−")
