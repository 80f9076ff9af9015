"""Traces of a flat panel as SVG."""

from __future__ import annotations

import numpy as np

from fmspace_nb.explorer.still.raster import ends_of, level_line, png, sampled, scale, shades
from fmspace_nb.explorer.still.strokes import UNIT, path, staircase, stretched, stroke, symbols, uprights


def drawn(trace: dict, x, y, colour: str, base: np.ndarray | None = None) -> str:
    """The trace on its axes x, y; `colour` is what plotly would give it, `base` the sum of those stacked below it."""
    kind = trace.get("type", "scatter")
    opacity = f' opacity="{trace["opacity"]:g}"' if trace.get("opacity", 1) != 1 else ""
    parts = {"bar": bars, "histogram": bars, "heatmap": heat, "contour": levels}.get(kind, scattered)(
        trace, x, y, colour, base)
    return f"<g{opacity}>{parts}</g>" if opacity and parts else parts


def scattered(trace, x, y, colour, base) -> str:
    """Lines, markers, and bars of their errors."""
    values = np.asarray(trace["y"], dtype=float) + (0 if base is None else base)
    along = trace.get("x")
    across, up = x.at(np.arange(len(values)) if along is None else along), 1 - y.at(values)
    mode, line, marker = trace.get("mode", "lines+markers"), trace.get("line", {}), trace.get("marker", {})
    parts = []
    if "fill" in trace or trace.get("stackgroup"):
        back = () if trace.get("fill") == "toself" else (across[::-1], 1 - y.at(np.zeros(1) if base is None else base))
        if back:
            foot = np.broadcast_to(back[1], across.shape)[::-1]
            area = path(np.concatenate([across, back[0]]), np.concatenate([up, foot]))
        else:
            area = path(across, up)
        parts.append(f'<path d="{area}" fill="{trace.get("fillcolor") or line.get("color", colour)}"/>')
    if "lines" in mode and line.get("width", 2):
        corners = staircase(across, up) if line.get("shape") == "hvh" else (across, up)
        parts.append(f'<path d="{path(*corners)}" {stroke(line, colour)}/>')
    errors = trace.get("error_y", {}).get("array")
    if errors is not None:
        ends = [1 - y.at(values + sign * np.nan_to_num(np.asarray(errors, dtype=float))) for sign in (-1, 1)]
        parts.append(f'<path d="{uprights(across, *ends)}" {stroke(trace["error_y"], colour, "thickness", 2)}/>')
    clipped = stretched("".join(parts))
    if "markers" not in mode:
        return clipped
    inside = np.isfinite(across) & np.isfinite(up) & (abs(across - 0.5) <= 0.501) & (abs(up - 0.5) <= 0.501)
    return clipped + symbols(across[inside], up[inside], marker, inside, colour)


def bars(trace, x, y, colour, base) -> str:
    """Upright bars."""
    at, height = (x.units if x.words else np.asarray)(trace["x"]), np.asarray(trace["y"], dtype=float)
    gaps = np.diff(np.unique(at[np.isfinite(at)]))
    width = trace.get("width")
    usual = gaps.min() if gaps.size else 1.0
    wide = np.broadcast_to(np.asarray(usual if width is None else width, dtype=float), at.shape)
    base = np.zeros(len(at)) if base is None else base
    place = x.along if x.words else x.at
    left, right = (UNIT * np.nan_to_num(place(at + sign * wide / 2), nan=-0.1) for sign in (-1, 1))
    floor = np.nan_to_num(y.at(base), nan=0.0)
    foot, top = (UNIT * (1 - np.clip(v, -0.01, 1.01)) for v in (floor, np.nan_to_num(y.at(base + height))))
    drawn_ = "".join(f"M{a:.0f} {b:.0f}V{c:.0f}H{d:.0f}V{b:.0f}Z" for a, b, c, d, h in
                     zip(left, foot, top, right, height, strict=True) if np.isfinite(a) and np.isfinite(h) and h)
    marker = trace.get("marker", {})
    fill = marker.get("color") if isinstance(marker.get("color"), str) else colour
    return stretched(f'<path d="{drawn_}" fill="{fill}" fill-opacity="{marker.get("opacity", 1):g}"/>')


def heat(trace, x, y, _colour, _base) -> str:
    """A heatmap as a small picture that is stretched."""
    z = np.asarray(trace["z"], dtype=float)
    across, up = (axis.at(trace[k] if trace.get(k) is not None else np.arange(n))
                  for axis, k, n in ((x, "x", z.shape[1]), (y, "y", z.shape[0])))
    smooth = bool(trace.get("zsmooth")) and min(z.shape) > 1
    size = tuple(min(120, 4 * n) if smooth else min(240, 4 * n) for n in z.shape)
    low, high = ends_of(trace, "z", z)
    seen = shades(sampled(across, up, z, size, smooth), low, high)
    look = "" if smooth else ' style="image-rendering:pixelated"'
    return (f'<image width="100%" height="100%" preserveAspectRatio="none"{look} '
            f'href="{png(seen, scale(trace.get("colorscale")))}"/>')


def levels(trace, x, y, colour, base) -> str:
    """Level lines; on a heatmap where the contours are filled."""
    given, z = trace.get("contours", {}), np.asarray(trace["z"], dtype=float)
    low, high = ends_of(trace, "z", z)
    step = given.get("size") or (high - low) / 10 or 1.0
    first, last = given.get("start", low + step), given.get("end", high)
    across, up = (axis.at(trace[k] if trace.get(k) is not None else np.arange(n))
                  for axis, k, n in ((x, "x", z.shape[1]), (y, "y", z.shape[0])))
    lines = [line for k in range(min(60, int((last - first) / step + 1e-6) + 1))
             for line in level_line(across, 1 - up, z, first + k * step)]
    under = "" if given.get("coloring") in ("none", "lines") else heat(trace | {"zsmooth": "best"}, x, y, colour, base)
    whole = "".join(path(*line.T) for line in lines)
    return under + stretched(f'<path d="{whole}" {stroke({"width": 0.5, **trace.get("line", {})}, "#444")}/>')
