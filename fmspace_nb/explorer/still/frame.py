"""What stands around the marks: grid, ticks, titles, guides, remarks, and the scale of colours."""

from __future__ import annotations

import html

import numpy as np

from fmspace_nb.explorer.still.letters import annotation, text
from fmspace_nb.explorer.still.raster import ends_of, scale
from fmspace_nb.explorer.still.strokes import UNIT, stretched, stroke


def place(x, y) -> str:
    """Where a panel stands in the plot."""
    (left, right), (low, high) = x.domain, y.domain
    return (f'x="{100 * left:g}%" y="{100 * (1 - high):g}%" width="{100 * (right - left):g}%" '
            f'height="{100 * (high - low):g}%"')


def frame(x, y, first: list[str]) -> str:
    """The grid of a panel, and the ticks and titles of those of its axes ("x2", "y") that it is the `first` to have."""
    parts = [_grid(x, y)]
    parts += [_ticks(axis, flat) for axis, flat in ((x, True), (y, False)) if axis.ident in first]
    return f"<svg {place(x, y)}>{''.join(parts)}</svg>"


def _grid(x, y) -> str:
    shown = [axis for axis in (x, y) if axis.given.get("visible") is not False and axis.given.get("showgrid", True)]
    lines = [f"M{UNIT * at:.0f} 0V{UNIT}" if axis is x else f"M0 {UNIT * (1 - at):.0f}H{UNIT}"
             for axis in shown for at, _ in axis.ticks()]
    return stretched(f'<path class="g" d="{"".join(lines)}"/>') if lines else ""


def _ticks(axis, flat: bool) -> str:
    """The ticks, their words, and the title of an axis."""
    given, ticks, marks, words = axis.given, axis.ticks(), [], []
    if given.get("visible") is False:
        return ""
    length = given.get("ticklen", 5) if given.get("ticks") == "outside" else 0
    for reach, shares in ((length, [at for at, _ in ticks]), (given.get("minor", {}).get("ticklen", 3), axis.small())):
        marks += [f'<svg x="{100 * at:.2f}%" y="100%"><path d="M0 0v{reach}"/></svg>' if flat else
                  f'<svg y="{100 - 100 * at:.2f}%"><path d="M0 0h-{reach}"/></svg>' for at in shares if reach]
    shown = given.get("showticklabels", True)
    size = given.get("tickfont", {}).get("size", axis.size)
    size *= 1.25 if axis.log and given.get("tickvals") is None and flat else 1        # as plotly does with powers
    wide = 0.55 * size * max((len(label) for _, label in ticks), default=0) if shown else 0
    angle = given.get("tickangle") or (30 if wide * len(ticks) > axis.pixels else 0)
    turned = {"turned": angle, "anchor": "end" if angle < 0 else "start"} if angle and flat else {}
    for at, label in ticks if shown else ():
        words.append(text(label, f"{100 * at:.2f}%", "100%", dy=length + 3 + size, size=size, **turned) if flat else
                     text(label, "0", f"{100 - 100 * at:.2f}%", anchor="end", dx=-length - 3, dy=size / 3, size=size))
    title = given.get("title", {})
    if title := title if isinstance(title, str) else title.get("text", ""):
        large = round(1.2 * axis.size)
        words.append(text(title, "50%", "100%", dy=length + 2.6 * size + 2, size=large, ink=True) if flat else
                     text(title, "0", "50%", dy=-(length + wide + 16), size=large, turned=-90, ink=True))
    return f'<g class="t">{"".join(marks)}</g>{"".join(words)}'


def guide(shape: dict, axes: dict) -> str:
    """A line or a rectangle across the plot."""
    (x0, y0), (x1, y1) = ((_share(shape, f"x{k}", axes), 1 - _share(shape, f"y{k}", axes)) for k in "01")
    if not np.isfinite([x0, y0, x1, y1]).all():
        return ""
    corners = ([x0, x1], [y0, y1]) if shape.get("type") == "line" else ([x0, x1, x1, x0, x0], [y0, y0, y1, y1, y0])
    points = "L".join(f"{UNIT * a:.0f} {UNIT * b:.0f}" for a, b in zip(*corners, strict=True))
    fill = html.escape(shape.get("fillcolor", "none"))
    return stretched(f'<path d="M{points}" fill="{fill}" {stroke(shape.get("line", {}), "#444")}/>', clip=False)


def _share(shape: dict, key: str, axes: dict, *, data: bool = True) -> float:
    """Where a shape (in data) or a remark (in its axis's own units) stands, as a share of the plot."""
    ident, _, domain = (shape.get(f"{key[0]}ref") or key[0]).partition(" ")
    value = shape.get(key, 0)
    if ident not in axes:
        return float(value)
    axis = axes[ident]
    share = float(value) if domain else float(np.ravel(axis.at(value) if data else axis.along(value))[0])
    return axis.domain[0] + share * (axis.domain[1] - axis.domain[0])


def remark(note: dict, axes: dict) -> str:
    across, up = (_share(note, key, axes, data=False) for key in "xy")
    return annotation(note, f"{100 * across:.2f}%", f"{100 - 100 * up:.2f}%") if np.isfinite(across + up) else ""


def colorbar(trace: dict) -> str:
    """The scale of a heatmap's colours: a gradient with its ends in numbers, and its title."""
    given = trace.get("colorbar", {})
    low, high = ends_of(trace, "z", trace["z"])
    colours, title = scale(trace.get("colorscale")), given.get("title", {})
    title = title if isinstance(title, str) else title.get("text", "")
    flat, count, wide = given.get("orientation") == "h", 16, given.get("thickness", 30)
    shown = [bytes(colours[round(k * (len(colours) - 1) / (count - 1))]).hex() for k in range(count)]
    if flat:
        left, long = 100 * (given.get("x", 0.5) - given.get("len", 1) / 2), 100 * given.get("len", 1)
        parts = [f'<rect x="{left + k * long / count:.2f}%" width="{1.05 * long / count:.2f}%" height="{wide}" '
                 f'fill="#{c}"/>' for k, c in enumerate(shown)]
        words = [text(f"{low:g}", f"{left:.1f}%", "0", dy=-4), text(f"{high:g}", f"{left + long:.1f}%", "0", dy=-4),
                 text(title, f"{left + long / 2:.1f}%", "0", dy=-18, ink=True)]
        return f'<svg y="-{wide + 12}">{"".join(parts + words)}</svg>'
    parts = [f'<rect y="{100 - (k + 1) * 100 / count:.2f}%" width="{wide}" height="{105 / count:.2f}%" fill="#{c}"/>'
             for k, c in enumerate(shown)]
    words = [text(f"{low:g}", "0", "100%", anchor="start", dx=wide + 6, dy=0),
             text(f"{high:g}", "0", "0", anchor="start", dx=wide + 6, dy=12),
             text(title, "0", "0", anchor="start", dy=-8, ink=True)]
    return f'<svg x="102%">{"".join(parts + words)}</svg>'
