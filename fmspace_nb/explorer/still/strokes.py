"""Lines and symbols in SVG that fill whatever box they get, as plotly's do.

Lines are stretched with the box, in a frame of 10 000 by 10 000, and keep their widths; a disc or a square is a line of
no length. Other symbols stand at percentages, unstretched.
"""

from __future__ import annotations

import html

import numpy as np

from fmspace_nb.explorer.still.raster import ends_of, scale, shades

UNIT = 10_000
DASHES = {"dot": (1, 1), "dash": (3, 3), "longdash": (5, 5), "dashdot": (3, 1.5, 1, 1.5)}  # in widths of the line
CAPS = {"circle": "round", "square": "square"}
_PATHS = {"diamond": "M0-{a}L{a} 0 0 {a}-{a} 0Z", "square": "M-{r}-{r}H{r}V{r}H-{r}Z",
          "cross": "M-{a}-{b}h{c}v-{c}h{c}v{c}h{c}v{c}h-{c}v{c}h-{c}v-{c}h-{c}Z", "cross-thin": "M-{a} 0H{a}M0-{a}V{a}",
          "triangle-up": "M0-{a}L{a} {r}H-{a}Z", "triangle-down": "M0 {a}L{a}-{r}H-{a}Z", "line-ew": "M-{a} 0H{a}",
          "line-ns": "M0-{a}V{a}", "x-thin": "M-{a}-{a}L{a} {a}M-{a} {a}L{a}-{a}"}


def path(across, up, *, dots: bool = False) -> str:
    """A line through shares of the panel, in whole steps; broken where one is none."""
    fits = np.isfinite(across) & np.isfinite(up)
    u, v = (np.rint(UNIT * np.clip(np.where(fits, w, 0), -9, 10)).astype(int).tolist() for w in (across, up))
    if dots:
        return "".join(f"M{a} {b}h0" for a, b, fit in zip(u, v, fits, strict=True) if fit)
    parts, before = [], None
    for a, b, fit in zip(u, v, fits.tolist(), strict=True):
        if fit and before is None:
            parts.append(f"M{a} {b}")
        elif fit and (a, b) != before:
            parts.append(f"L{a} {b}")
        before = (a, b) if fit else None
    return "".join(parts)


def uprights(across, low, high) -> str:
    """Upright strokes from low to high; what has no low end, as on a log axis, goes to the floor."""
    fits = np.isfinite(across) & np.isfinite(high)
    return "".join(f"M{UNIT * a:.0f} {UNIT * min(b, 2):.0f}V{UNIT * c:.0f}" for a, b, c, fit in
                   zip(across, np.nan_to_num(low, nan=1.0), high, fits, strict=True) if fit and abs(c) < 9)


def staircase(across, up):
    """A line's corners where it goes level, upright halfway, and level again."""
    middle = (across[:-1] + across[1:]) / 2
    return np.r_[across[0], np.repeat(middle, 2), across[-1]], np.repeat(up, 2)


def stroke(line: dict, colour: str, width: str = "width", usual: float = 2) -> str:
    """The attributes of a line."""
    wide = line.get(width, usual)
    dash = DASHES.get(line.get("dash", ""))
    dashes = f' stroke-dasharray="{" ".join(f"{n * max(3, wide):g}" for n in dash)}"' if dash else ""
    return f'stroke="{html.escape(str(line.get("color", colour)))}" stroke-width="{wide:g}"{dashes}'


def stretched(inside: str, *, clip: bool = True) -> str:
    """A frame that is stretched over the panel."""
    if not inside:
        return ""
    kind = "s" if clip else "s o"
    return f'<svg class="{kind}" viewBox="0 0 {UNIT} {UNIT}" preserveAspectRatio="none">{inside}</svg>'


def symbols(across, up, marker: dict, inside, colour: str) -> str:
    """Markers: discs and squares as one path, others one by one."""
    symbol, size, own = str(marker.get("symbol", "circle")), marker.get("size", 6), marker.get("color", colour)
    size = float(np.nanmean(size)) if np.ndim(size) else float(size)
    if not isinstance(own, str) and len(own) and not isinstance(own[0], str):
        numbers = shades(np.asarray(own, dtype=float)[inside], *ends_of(marker, "c", own))
        colours = scale(marker.get("colorscale"))
        groups = [(numbers == n, "#" + bytes(colours[n]).hex()) for n in np.unique(numbers) if n < len(colours)]
    elif not isinstance(own, str):
        names = np.asarray(own)[inside]
        groups = [(names == name, name) for name in np.unique(names)]
    else:
        groups = [(np.ones(len(across), bool), own)]
    faint = f' opacity="{marker["opacity"]:g}"' if marker.get("opacity", 1) != 1 else ""
    edge, parts = marker.get("line", {}), []
    for which, fill in groups:
        if symbol in CAPS:
            width = size + (edge.get("width", 0) if edge.get("color") == fill else 0)
            dots = path(across[which], up[which], dots=True)
            parts.append(stretched(f'<path d="{dots}" stroke="{fill}" stroke-width="{width:g}" '
                                   f'stroke-linecap="{CAPS[symbol]}"/>', clip=False))
            continue
        glyph = sign(symbol, size, fill, edge)
        parts += [f'<svg x="{100 * u:.2f}%" y="{100 * v:.2f}%">{glyph}</svg>'
                  for u, v in zip(across[which], up[which], strict=True)]
    return f"<g{faint}>{''.join(parts)}</g>" if faint else "".join(parts)


def sign(symbol: str, size: float, colour: str, edge: dict) -> str:
    """One symbol around the origin."""
    open_, r = symbol.endswith("-open"), size / 2
    kind = symbol.removesuffix("-open").removesuffix("-dot")
    thin = open_ or kind.endswith("-thin") or kind.startswith("line-")
    width = edge.get("width", 1 if thin else 0)
    style = (f'fill="{"none" if thin else colour}" '
             f'stroke="{colour if open_ else edge.get("color", colour)}" stroke-width="{width:g}"')
    if kind not in _PATHS:
        return f'<circle r="{r:g}" {style}/>'
    a = 1.3 * r if kind == "diamond" else r if kind == "square" or kind.startswith("line-") else 1.05 * r
    numbers = {"a": a, "b": a / 3, "c": 2 * a / 3, "r": r}
    return f'<path d="{_PATHS[kind].format(**{k: f"{v:.2f}" for k, v in numbers.items()})}" {style}/>'
