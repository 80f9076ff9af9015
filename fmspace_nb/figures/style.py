"""Colours, axes and marks that all pictures share: one meaning, one colour (DESIGN, "Colours and reading")."""

from __future__ import annotations

import math
import re

import numpy as np
import plotly.graph_objects as go

from fmspace_nb.experiments.trials import SHOWN

# Told apart by a colour-blind reader (they differ in lightness too) and legible on white and on near-black.
BEFORE = "#6b8cae"  # before the step
AFTER = "#e8820c"  # after the step
TARGET = "#d0223f"  # the target direction w*
NEUTRAL = "#8a8f98"  # thresholds, guides, what belongs to neither
LEGS = ("#6b8cae", "#e8a13a", "#d0223f", "#9a3a8c", "#6f5bd0")  # legs along w*: 0, 1, 2, 3, 4 and more
SEQUENTIAL = ((0.0, "#e9eef3"), (0.25, "#f5d9b0"), (0.5, "#f0a94e"), (0.75, "#de5a3c"), (1.0, "#a3123a"))
DIVERGING = ((0.0, "#2f5f8f"), (0.5, "#f4f1ec"), (1.0, "#c0392b"))

HEIGHT = 430
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def line(x, y, name: str, colour: str, *, dash: str = "solid", width: float = 2.5, **more) -> dict:
    """A theory curve; shape="hvh" draws it as a staircase, "spline" bends it smoothly through few points."""
    shape = more.pop("shape", "linear")
    return {"type": "scatter", "mode": "lines", "x": np.asarray(x), "y": np.asarray(y), "name": name,
            "line": {"color": colour, "dash": dash, "width": width, "shape": shape}, **more}


def points(x, y, name: str, colour: str, *, symbol: str = "circle", size: float = 8, error=None, **more) -> dict:
    """Measurements, with their standard error where there is one."""
    marker = {"color": colour, "symbol": symbol, "size": size, "line": {"width": 1.2, "color": colour}}
    trace = {"type": "scatter", "mode": "markers", "x": np.asarray(x), "y": np.asarray(y), "name": name,
             "marker": marker, "cliponaxis": False, **more}  # a point on the frame is drawn whole
    if error is not None:
        trace["error_y"] = {"type": "data", "array": np.asarray(error), "color": colour, "thickness": 1.2, "width": 3}
    return trace


def reader(x, y, name: str = "you are here", *, colour: str = TARGET, **more) -> dict:
    """The reader's own point: the values the sliders stand at."""
    marker = {"color": colour, "symbol": "diamond", "size": 15, "line": {"width": 2, "color": "white"}}
    return {"type": "scatter", "mode": "markers", "x": np.atleast_1d(x), "y": np.atleast_1d(y), "name": name,
            "marker": marker, "cliponaxis": False, **more}


def gathered(rows, room: int = SHOWN) -> np.ndarray:
    """Rows of one trace, a draw each, one after the other with gaps between; gaps, too, for those that `room` still
    has."""
    rows = np.asarray(rows, dtype=float)
    return np.pad(rows, ((0, room - len(rows)), (0, 1)), constant_values=np.nan).ravel()


def those(trials) -> str:
    """What the measurements of these draws are called."""
    return "this network" if len(trials) == 1 else f"{len(trials)} real networks"


def faint(trials) -> dict:
    """How lines and points of these draws look: several at once let what they share stand out."""
    return {"opacity": 1.0 if len(trials) == 1 else 0.45}


def reach(values, digits: str) -> str:
    """One number of several draws in words: itself where there is one draw, else "0.2 to 0.3"."""
    low, high = format(min(values), digits), format(max(values), digits)
    return low if low == high else f"{low} to {high}"


def level_lines(x, y, z, colour: str, *, start: float, end: float, size: float, width=1.4, dash="solid") -> dict:
    """The lines on which z, shape (len(y), len(x)), equals start, start + size, … up to end."""
    contours = {"coloring": "none", "start": start, "end": end, "size": size, "showlabels": False}
    return {"type": "contour", "x": x, "y": y, "z": z, "showscale": False, "showlegend": False, "hoverinfo": "skip",
            "zmin": start, "zmax": end, "contours": contours,
            "line": {"color": colour, "width": width, "dash": dash, "smoothing": 0}}


def axis(title: str, low: float, high: float, *, log: bool = False, standoff: float = 8, **more) -> dict:
    """An axis with a fixed range, given in data units also when it is logarithmic."""
    ends = [math.log10(low), math.log10(high)] if log else [low, high]
    ticks = {"dtick": 1, "exponentformat": "power", "minor": {"ticks": "outside", "ticklen": 3}} if log else {}
    return {"title": {"text": title, "standoff": standoff}, "type": "log" if log else "linear", "range": ends,
            "autorange": False, "zeroline": False, "ticks": "outside", "ticklen": 5, **ticks, **more}


def threshold(x: float, text: str, *, log=True, colour: str = NEUTRAL, level: float = 1.0) -> tuple[dict, dict]:
    """A vertical guide at x, its label at the height `level` of the plot: (shape, annotation)."""
    shape = {"type": "line", "xref": "x", "yref": "paper", "x0": x, "x1": x, "y0": 0, "y1": 1,
             "line": {"color": colour, "width": 1.5, "dash": "dot"}, "visible": bool(np.isfinite(x))}
    at = math.log10(x) if log and np.isfinite(x) else x
    note = {"x": at if np.isfinite(x) else 0, "xref": "x", "y": level, "yref": "paper", "text": text,
            "showarrow": False, "xanchor": "left", "yanchor": "top", "font": {"size": 13, "color": colour},
            "visible": bool(np.isfinite(x))}
    return shape, note


def worded(text: str) -> str:
    """The text with numbers as a reader writes them: 2750 for 2.75e+03, 3·10⁻⁵ for 3e-05."""
    def number(found):
        mantissa, exponent = found[1], int(found[2])
        if 0 < exponent < 6:
            return f"{float(found[0]):.0f}"
        power = f"10{str(exponent).translate(_RAISED)}"
        return power if mantissa == "1" else f"{mantissa}·{power}"

    return re.sub(r"(\d(?:\.\d+)?)e([+-]\d+)", number, text)


def plain(text: str) -> str:
    """A picture's text as a screen reader says it: lowered letters after a low line, no tags."""
    return re.sub("<[^>]+>", "", text.replace("<sub>", "_"))


def note(text: str, x: float, y: float, *, colour: str | None = None, anchor: str = "left", **more) -> dict:
    """A remark at paper coordinates."""
    font = {"size": 13} if colour is None else {"size": 13, "color": colour}
    return {"x": x, "y": y, "xref": "paper", "yref": "paper", "text": text, "showarrow": False, "xanchor": anchor,
            "align": "left", "font": font, **more}


def picture(traces, *, alt: str, guides=(), notes=(), height: float = HEIGHT, legend: dict | None = None,
            drives: dict | None = None, **layout) -> go.Figure:
    """A figure of the course: traces, axes, guides from `threshold`, the text that says what it shows, and the axes on
    which a reader's hand moves a control, {"x": "step_size", "y2": …}."""
    shapes = [shape for shape, _ in guides]
    annotations = [label for _, label in guides] + list(notes)
    base = {
        "template": {}, "height": height, "shapes": shapes,
        "meta": {"alt": worded(alt)} | ({"drives": drives} if drives else {}), "dragmode": False if drives else "zoom",
        "annotations": [{**label, "text": worded(label["text"])} for label in annotations],
        "margin": {"l": 80, "r": 20, "t": 48, "b": 60}, "hovermode": "closest", "bargap": 0, "font": {"size": 14},
        "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)",
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 13}, **(legend or {})},
    }
    return Figure([_stated(trace) for trace in traces], _stated({**base, **layout}))


class Figure(go.Figure):
    """A plotly Figure of these traces and this layout, which plotly makes once it is asked for more than its JSON.

    To make one and to take it apart again costs more than most pictures take to compute, and to check each name and
    number even more: a test does that.
    """

    def __init__(self, data=None, layout=None, **more):
        if layout is None or more:                 # plotly's own copies of it
            super().__init__(data, layout, **more)
        else:
            self._stated = data, layout

    @property
    def stated(self) -> tuple[list, dict] | None:
        """(traces, layout) as they were given; None once plotly has them, who may change them."""
        return self.__dict__.get("_stated")

    def __getattr__(self, name):
        if "_stated" not in self.__dict__:
            raise AttributeError(name)
        data, layout = self.__dict__.pop("_stated")
        super().__init__(data=data, layout=layout, _validate=False)
        self._validate = self.layout._validate = True       # what a reader changes is checked
        return getattr(self, name)


def _stated(value):
    """JSON without what is None or an empty list, as plotly keeps it."""
    if isinstance(value, dict):
        return {key: _stated(v) for key, v in value.items()
                if v is not None and not (isinstance(v, (list, tuple)) and not v)}
    if isinstance(value, (list, tuple)) and any(isinstance(v, dict) for v in value):
        return [_stated(v) for v in value]
    return value


def printed(figure: go.Figure, caption: str, *, height: float = 220, **layout) -> go.Figure:
    """The picture for paper: low, with a caption, and without the reader's own point, which belongs to sliders."""
    figure.update_traces(visible=False, selector={"name": "you are here"})
    unbroken = caption.replace(" = ", "\u00a0=\u00a0")
    return figure.update_layout(height=height, margin={"l": 72, "r": 18, "t": 8, "b": 46},
                                meta={**figure.layout.meta, "caption": unbroken}, **layout)
