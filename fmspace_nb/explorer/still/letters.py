"""Words of a figure in SVG and HTML: titles, ticks, remarks, and the legend."""

from __future__ import annotations

import html
import re

from fmspace_nb.explorer.still.strokes import sign, stroke

_ANCHOR = {"left": "start", "center": "middle", "right": "end"}
_STYLES = {"b": "font-weight:700", "i": "font-style:italic", "sub": "font-size:70%", "sup": "font-size:70%"}
_SHIFTS = {"sub": 3.5, "sup": -5}


def text(words: str, x: str, y: str, *, anchor: str = "middle", dx: float = 0, dy: float = 0, size: float = 12,
         colour: str | None = None, turned: float = 0, ink: bool = False) -> str:
    """A text at percentages of its frame, its first base line `dy` pixels below; plotly's own tags are kept."""
    rows = re.split(r"<br ?/?>", str(words))
    look = (f"font-size:{size:g}px" if size != 12 else "", f"fill:{html.escape(colour)}" if colour else "")
    style = f' style="{";".join(filter(None, look))}"' if any(look) else ""
    spans = "".join(f'<tspan x="{dx:g}" y="{dy + 1.3 * size * k:g}">{_rich(row)}</tspan>' for k, row in enumerate(rows))
    turn = f' transform="rotate({turned:g})"' if turned else ""
    kind = ' class="k"' if ink else ""
    return f'<svg x="{x}" y="{y}"><text{kind}{turn} text-anchor="{anchor}"{style}>{spans}</text></svg>'


def _rich(row: str) -> str:
    """plotly's pseudo-HTML as spans of SVG; other tags go, their words stay."""
    parts, back = [], 0.0                      # back: how far the base line has to come back after a raised letter
    for piece in re.split(r"(</?(?:b|i|sub|sup)>)", row):
        tag = re.fullmatch(r"<(/?)(b|i|sub|sup)>", piece)
        words = "" if tag else html.escape(html.unescape(re.sub(r"<[^>]*>", "", piece)), quote=False)
        if tag and tag[1]:
            parts.append("</tspan>")
            back -= _SHIFTS.get(tag[2], 0)
        elif tag:
            parts.append(f'<tspan style="{_STYLES[tag[2]]}" dy="{_SHIFTS.get(tag[2], 0) + back:g}">')
            back = 0.0
        elif words:
            parts.append(f'<tspan dy="{back:g}">{words}</tspan>' if back else words)
            back = 0.0
    return "".join(parts)


def annotation(given: dict, x: str, y: str) -> str:
    """A remark at its place; of an arrow only the words are drawn."""
    size = given.get("font", {}).get("size", 12)
    lines = len(re.split(r"<br ?/?>", str(given.get("text", ""))))
    shift = {"top": size, "middle": 0.35 * size - 0.65 * size * (lines - 1), "auto": 0.35 * size,
             "bottom": -0.3 * size - 1.3 * size * (lines - 1)}[given.get("yanchor", "auto")]
    xanchor = given.get("xanchor", "auto")
    return text(given.get("text", ""), x, y, anchor=_ANCHOR.get(xanchor, "middle"), size=size,
                dx=given.get("xshift", 0) + {"left": 1, "right": -1}.get(xanchor, 0),
                dy=shift - given.get("yshift", 0), colour=given.get("font", {}).get("color"), ink=True)


def legend(entries: list[tuple[dict, str]], given: dict, margin: dict, height: float) -> str:
    """The legend, (trace, colour) an entry, as HTML that wraps where the box is narrow."""
    if not entries:
        return ""
    size = given.get("font", {}).get("size", 12)
    y, across = given.get("y", 1), given.get("orientation") == "h"
    left, inner = 100 * min(0.98, given.get("x", 0 if across else 1)), height - margin["t"] - margin["b"]
    if y >= 1 and given.get("yanchor") == "bottom":            # it may push the plot down
        place = (f"min-height:{margin['t']}px;margin-right:-{margin['r']}px;"
                 f"padding:0 0 {(y - 1) * inner:.0f}px {left:g}%")
    else:
        place = f"position:absolute;left:calc({margin['l']}px + {left:g}%);top:{margin['t'] + (1 - y) * inner:.0f}px"
    keys = "".join(f"<span>{_key(trace, colour)}{_label(trace)}</span>" for trace, colour in entries)
    listed = "" if across else " fm-listed"
    return f'<div class="fm-keys{listed}" aria-hidden="true" style="{place};font-size:{size:g}px">{keys}</div>'


def _label(trace: dict) -> str:
    return re.sub(r"&lt;(/?(?:b|i|sub|sup|br))&gt;", r"<\1>", html.escape(str(trace.get("name", "")), quote=False))


def _key(trace: dict, colour: str) -> str:
    """The sign of a trace beside its name."""
    marker, mode, parts = trace.get("marker", {}), trace.get("mode", "lines"), []
    own = marker.get("color") if isinstance(marker.get("color"), str) else colour
    if trace.get("type") == "bar" or trace.get("stackgroup") or "fillcolor" in trace:
        fill, faint = trace.get("fillcolor") or own, marker.get("opacity", 1)
        parts.append(f'<path d="M4 1h22v12H4z" fill="{html.escape(fill)}" fill-opacity="{faint:g}"/>')
    if "lines" in mode and trace.get("type", "scatter") == "scatter":
        parts.append(f'<path d="M0 7h30" {stroke(trace.get("line", {}), colour)}/>')
    if "markers" in mode and trace.get("type", "scatter") == "scatter":
        size = marker.get("size", 6)
        size = min(12, float(size)) if not hasattr(size, "__len__") else 8
        shown = sign(str(marker.get("symbol", "circle")), size, own, marker.get("line", {}))
        parts.append(f'<g transform="translate(15 7)">{shown}</g>')
    return f'<svg width="30" height="14" fill="none">{"".join(parts)}</svg>'
