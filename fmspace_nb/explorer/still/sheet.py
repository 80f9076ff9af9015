"""A figure's still picture: its panels, axes, words and legend around the marks."""

from __future__ import annotations

import html

import numpy as np

from fmspace_nb.explorer.still.axes import Axis
from fmspace_nb.explorer.still.frame import colorbar, frame, guide, place, remark
from fmspace_nb.explorer.still.letters import legend
from fmspace_nb.explorer.still.marks import drawn
from fmspace_nb.explorer.still.solid import solid

WIDTH = 848         # pixels of a figure in a page on a desk: where sizes matter, they are taken for this one
PALETTE = ("#636efa", "#EF553B", "#00cc96", "#ab63fa", "#FFA15A", "#19d3f3", "#FF6692", "#B6E880", "#FF97FF", "#FECB52")
FLAT = ("scatter", "scattergl", "bar", "heatmap", "contour")
HEIGHT = 420


def sheet(figure: dict, alt: str) -> str:
    """The still picture of a plotly figure, {"data": […], "layout": {…}}, as HTML that fills its box.

    Lines, markers, bars, heatmaps, level lines, surfaces, with their axes, remarks and legend, in the colours of the
    page (the classes of view.css). What it cannot draw it leaves out; "" where nothing is left.
    """
    layout, data = figure["layout"], [t for t in figure["data"] if t.get("visible", True) is True]
    colours = {id(t): _colour(t, PALETTE[k % len(PALETTE)]) for k, t in enumerate(figure["data"])}
    height, title = layout.get("height") or HEIGHT, f"<title>{html.escape(alt)}</title>"
    if any(t.get("type") in ("mesh3d", "surface") for t in data):
        seen = solid(data, layout.get("scene", {}))
        image = f'<image width="100%" height="100%" href="{seen}"/>'
        return f'<div class="fm-sheet"><svg role="img">{title}{image}</svg></div>'
    flat = [t for t in data if t.get("type", "scatter") in FLAT and t.get("z" if "z" in t else "y") is not None]
    if not flat:
        return ""
    margin = {"l": 80, "r": 80, "t": 100, "b": 80} | layout.get("margin", {})
    bar = next((t for t in flat if "z" in t and t.get("showscale", True) and t.get("type") == "heatmap"), None)
    margin["r"] += 70 if bar and bar.get("colorbar", {}).get("orientation") != "h" else 0
    size = WIDTH - margin["l"] - margin["r"], height - margin["t"] - margin["b"]
    panels = {}
    for trace in flat:
        panels.setdefault((trace.get("xaxis") or "x", trace.get("yaxis") or "y"), []).append(trace)
    names = dict.fromkeys(ident for pair in panels for ident in pair)
    axes = {ident: Axis(layout, ident, _along(flat, ident), size[ident[0] == "y"]) for ident in names}
    inside = []
    for x, y in panels:         # the ticks of an axis that panels share are the first one's
        inside.append(frame(axes[x], axes[y], first=[ident for ident in (x, y) if names.pop(ident, 0) is None]))
    inside += [_panel(traces, axes[x], axes[y], colours, layout) for (x, y), traces in panels.items()]
    inside += [guide(shape, axes) for shape in layout.get("shapes") or () if shape.get("visible", True)]
    inside += [remark(note, axes) for note in layout.get("annotations") or () if note.get("visible", True)]
    inside += [colorbar(bar)] if bar else []
    named = [(t, colours[id(t)]) for t in flat if t.get("name") and t.get("showlegend", "z" not in t)]
    shown = layout.get("showlegend", len(flat) > 1)
    keys = legend(named, layout.get("legend", {}), margin, height) if shown and named else ""
    top = 0 if "min-height" in keys else margin["t"]
    sides = " ".join(f"{side:g}px" for side in (top, margin["r"], margin["b"], margin["l"]))
    return (f'<div class="fm-sheet" style="padding:{sides}">{_title(layout)}{keys}'
            f'<svg role="img"{_box(layout, axes, size)}>{title}{"".join(inside)}</svg></div>')


def _colour(trace: dict, usual: str) -> str:
    return next((c for c in (trace.get(k, {}).get("color") for k in ("line", "marker")) if isinstance(c, str)), usual)


def _along(traces, ident: str) -> list[np.ndarray]:
    """What is drawn along an axis."""
    letter, found = ident[0], []
    for trace in traces:
        if (trace.get(f"{letter}axis") or letter) == ident:
            count = np.shape(trace["z"])[letter == "x"] if "z" in trace else len(trace["y"])
            found.append(np.asarray(trace[letter] if trace.get(letter) is not None else np.arange(count)))
            found += [np.zeros(1)] if trace.get("type") == "bar" and letter == "y" else []
    return [v if v.dtype.kind in "OU" else v.astype(float) for v in found]


def _box(layout, axes, size) -> str:
    """The frame that keeps its shape where the two axes of a plot are tied to one scale."""
    if len(axes) != 2 or not any(axis.given.get("scaleanchor") in axes for axis in axes.values()):
        return ""
    (across, up) = (abs(axis.ends[1] - axis.ends[0]) for axis in axes.values())
    scale = min(size[0] / across, size[1] / up)
    return f' viewBox="0 0 {scale * across:.0f} {scale * up:.0f}"'


def _panel(traces, x, y, colours, layout) -> str:
    """The marks of a panel, heatmaps first, bars before lines."""
    order = {"heatmap": 0, "contour": 1, "bar": 2}
    stacks: dict[str, np.ndarray] = {}
    parts = []
    for trace in sorted(traces, key=lambda t: order.get(t.get("type", "scatter"), 3)):
        piled = trace.get("type") == "bar" and layout.get("barmode") == "stack"
        group = "bars" if piled else trace.get("stackgroup", "")
        base = stacks.get(group) if group else None
        parts.append(drawn(trace, x, y, colours[id(trace)], base))
        if group:
            stacks[group] = np.nan_to_num(np.asarray(trace["y"], dtype=float)) + (0 if base is None else base)
    return f"<svg {place(x, y)}>{''.join(parts)}</svg>"


def _title(layout: dict) -> str:
    given = layout.get("title", {})
    words = given if isinstance(given, str) else given.get("text", "")
    return f'<b class="fm-named">{html.escape(words or "", quote=False)}</b>' if words else ""
