"""Controls of an explorer: a parameter's name in the field's words, and the finite list of stops it can take.

A control is finite so that the live notebook and the frozen page can show the very same values: the page keeps some of
the live stops (`thinned`), it never has others.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass

from fmspace_nb.arguments import choice, integer, real

# One table of names: parameter -> (words, symbol). A control of another name is labelled by its own words.
NAMES = {
    "step_size": ("step size", "η"),
    "width_ratio": ("width / dimension", "β = m/d"),
    "sample_ratio": ("samples / dimension", "α = n/d"),
    "dim": ("dimension", "d"),
    "width": ("width", "m"),
    "samples": ("samples", "n"),
    "bulk": ("bulk", "A"),
    "spike": ("spike", "B"),
    "activation": ("activation", "σ"),
    "target": ("target", "g"),
    "noise": ("label noise", "ς"),
    "ridge": ("ridge", "λ"),
    "degree": ("degree", "ℓ"),
    "mode": ("mode", "k"),
    "seed": ("draw", ""),
    "steps": ("gradient steps", "T"),
}

# Renard's preferred numbers: the stops of a logarithmic slider between powers of ten, 12 % apart, all two or three
# digits.
PREFERRED = (1.0, 1.12, 1.25, 1.4, 1.6, 1.8, 2.0, 2.24, 2.5, 2.8, 3.15, 3.55, 4.0, 4.5, 5.0, 5.6, 6.3, 7.1, 8.0, 9.0)
SEEDS, ALL = 1000, "all"  # how many draws there are, and the stop at which a picture shows several of them
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Control:
    """What every control has: its stops (ascending for numbers), the index of its start, how it is named and spaced.

    scale: "log", "linear", "choice" or "draw". frozen: the number of stops an exported page keeps (None: ExplorerSpec
    decides).
    """

    values: tuple
    start: int
    label: str | None = None
    unit: str = ""
    frozen: int | None = None
    scale: str = "linear"

    @property
    def default(self):
        """The value at the start."""
        return self.values[self.start]

    def nearest(self, name: str, value):
        """The stop nearest to the value (by ratio on a log slider); TypeError or ValueError when it is out of range."""
        if self.scale == "choice":
            return self.values[self.values.index(choice(name, value, self.values))]
        if self.scale == "draw" and isinstance(value, str):
            return choice(name, value, (ALL,))
        if self.scale == "draw":
            return integer(name, value, minimum=0, maximum=self.values[-2])
        value = real(name, value, minimum=self.values[0], maximum=self.values[-1])
        after = min(max(bisect_left(self.values, value), 1), len(self.values) - 1)
        low, high = self.values[after - 1], self.values[after]
        middle = math.sqrt(low * high) if self.scale == "log" else (low + high) / 2
        return low if value <= middle else high

    def thinned(self, stops: int) -> Control:
        """The control with so many of its stops (three at least): both ends, the start, and others evenly between."""
        last = len(self.values) - 1
        if stops > last or self.scale == "choice":
            return self
        if self.scale == "draw":
            return self._first_draws(stops)
        stops = max(stops, 3)
        if stops > last:
            return self
        kept = {round(k * last / (stops - 1)) for k in range(stops)}
        if self.start not in kept:
            kept.remove(min(kept - {0, last}, key=lambda k: abs(k - self.start)))
            kept.add(self.start)
        kept = sorted(kept)
        values = tuple(self.values[k] for k in kept)
        return Control(values, kept.index(self.start), self.label, self.unit, self.frozen, self.scale)

    def _first_draws(self, stops: int) -> Control:
        """The lowest seeds and ALL, the start among them; the start alone where that is the only stop."""
        seeds = self.values[:stops - 1]
        if self.default not in (*seeds, ALL):
            seeds = (*seeds[:-1], self.default)
        values = (*seeds, ALL) if stops > 1 else (self.default,)
        return Control(values, values.index(self.default), self.label, self.unit, self.frozen, self.scale)

    def json(self, parameter: str) -> dict:
        """The control as the view takes it."""
        words, symbol = (
            NAMES.get(parameter, (parameter.replace("_", " "), "")) if self.label is None else (self.label, "")
        )
        return {"parameter": parameter, "words": words, "symbol": symbol, "unit": self.unit, "scale": self.scale,
                "values": list(self.values), "texts": [readout(v) for v in self.values], "start": self.start}


class Log(Control):
    """A slider whose stops have even ratios.

    Log(low, high, *, start, steps=None, integer=False, label=None, unit="", frozen=None). Without steps the stops are
    the preferred numbers 1, 1.12, 1.25, 1.4, … between low and high; with them, so many even ratios rounded to three
    digits. Both ends and the start are always stops. integer=True keeps whole numbers only (a dimension, a width).
    Raises TypeError or ValueError unless 0 < low < high and low ≤ start ≤ high.
    """

    def __init__(self, low, high, *, start, steps=None, integer=False, label=None, unit="", frozen=None):
        low, high, start = _range(low, high, start, above=0.0)
        if steps is None:
            decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
            inner = [float(f"{p}e{k}") for k in decades for p in PREFERRED]
        else:
            steps = _steps(steps)
            ends = math.log10(low), math.log10(high)
            inner = [
                float(f"{10 ** (ends[0] + (ends[1] - ends[0]) * k / (steps - 1)):.3g}") for k in range(1, steps - 1)
            ]
        _fill(self, inner, low, high, start, integer, label, unit, frozen, "log")


class Linear(Control):
    """A slider whose stops are evenly spaced.

    Linear(low, high, *, start, steps=41, integer=False, label=None, unit="", frozen=None): steps is the number of
    stops; both ends and the start are always among them, and integer=True rounds them to whole numbers. Raises
    TypeError or ValueError unless low < high and low ≤ start ≤ high.
    """

    def __init__(self, low, high, *, start, steps=41, integer=False, label=None, unit="", frozen=None):
        low, high, start = _range(low, high, start)
        steps = _steps(steps)
        digits = 8 - math.floor(math.log10(high - low))
        inner = [round(low + (high - low) * k / (steps - 1), digits) + 0.0 for k in range(1, steps - 1)]
        _fill(self, inner, low, high, start, integer, label, unit, frozen, "linear")


class Choice(Control):
    """A list to choose from: Choice("relu", "erf", start="relu", label=None). The start is the first option unless
    given.

    Options are strings or numbers, at least one and all different; an exported page keeps all of them.
    """

    def __init__(self, *options, start=None, label=None):
        for option in options:
            if not isinstance(option, (str, int, float)) or isinstance(option, bool):
                raise TypeError(
                    f"options of a Choice must be strings or numbers, got {option!r} of type {type(option).__name__}"
                )
        if not options or len(set(options)) < len(options):
            raise ValueError(f"options of a Choice must be one or more different ones, got {options!r}")
        first = options[0] if start is None else choice("start", start, options)
        super().__init__(options, options.index(first), label, frozen=len(options), scale="choice")


class Draws(Control):
    """A button that draws another network, and one that shows five at once, faintly: Draws(frozen=5).

    Its stops are the seeds 0 … 999, and "all". An exported page keeps so many seeds, and "all" beside more than one.
    Raises TypeError or ValueError unless frozen is a whole number from 1 to 999.
    """

    def __init__(self, *, frozen=5):
        frozen = integer("frozen", frozen, maximum=SEEDS - 1)
        super().__init__((*range(SEEDS), ALL), 0, frozen=frozen + (frozen > 1), scale="draw")


def readout(value) -> str:
    """The value as shown beside its slider: 1 250, 0.25, 2.5×10⁻⁴; text stays itself."""
    if isinstance(value, str):
        return value
    if value == 0 or 1e-3 <= abs(value) < 1e6:
        text = f"{value:,.6g}".replace(",", "\u202f")
    else:
        mantissa, exponent = f"{value:.2e}".split("e")
        text = f"{float(mantissa):g}×10{str(int(exponent)).translate(SUPERSCRIPT)}"
    return text.replace("-", "−")


def _range(low, high, start, *, above=None):
    low, high = real("low", low, above=above), real("high", high)
    if not 0 < high - low < math.inf:
        raise ValueError(f"high must be a finite number > {low:g} (low), got {high:g}")
    return low, high, real("start", start, minimum=low, maximum=high)


def _steps(steps):
    return integer("steps", steps, minimum=2, maximum=1001)


def _fill(control, inner, low, high, start, whole, label, unit, frozen, scale):
    """Set the fields of a slider. The start takes the place of the stop nearest to it; whole numbers on request."""
    inner = {v for v in inner if low < v < high}
    if inner and start not in inner | {low, high}:
        inner.remove(min(inner, key=lambda v: abs(v - start)))
    stops = inner | {low, start, high}
    if whole:
        for name, value in (("low", low), ("high", high), ("start", start)):
            if value != int(value):
                raise ValueError(f"{name} must be a whole number on an integer slider, got {value:g}")
        stops = {int(round(v)) for v in stops}
    stops = tuple(sorted(stops))
    if frozen is not None:
        frozen = integer("frozen", frozen, minimum=3)
    Control.__init__(control, stops, stops.index(start), label, unit, frozen, scale)
