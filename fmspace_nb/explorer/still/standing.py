"""What stands in an exported file where an explorer will be: its controls, its still picture, its caption, as HTML."""

from __future__ import annotations

import html

from fmspace_nb.explorer.still.sheet import HEIGHT, sheet
from fmspace_nb.explorer.traces import decoded


def standing(figure: dict, alt: str, caption: str = "", controls=(), leads: bool = False) -> str:
    """The explorer before any script runs, in the room that it will take: view.js puts itself in its place.

    figure: {"data", "layout"} with its arrays. controls: as ExplorerSpec.json() has them. leads: whether it is a bar,
    whose caption is not shown.
    """
    height = figure["layout"].get("height") or HEIGHT
    try:
        picture = sheet(decoded(figure), alt)
    except Exception:  # a figure that only plotly understands has its words here
        picture = ""
    picture = picture or f'<p class="fm-sheet">{html.escape(alt)}</p>'
    moved = f'<div class="fm-controls">{"".join(map(_control, controls))}</div>'
    foot = f'<div class="fm-foot"><figcaption>{html.escape(caption)}</figcaption><div class="fm-tools"></div></div>'
    return (f'<figure class="fm-explorer fm-standing"{" data-journey" if leads else ""}>{moved}'
            f'<div class="fm-stage"><div class="fm-plot" style="height:{height:g}px;margin-bottom:'
            f'calc((var(--shrunk,1) - 1)*{height:g}px)">{picture}</div></div>{"" if leads else foot}</figure>')


def _control(control: dict) -> str:
    """A control as it will look, at its start, and still."""
    letter, _, meaning = control["symbol"].partition(" = ")
    meaning = f'<span class="fm-meaning"> = {html.escape(meaning)}</span>' if meaning else ""
    name = f'<span class="fm-name">{html.escape(control["words"])} <i>{html.escape(letter)}{meaning}</i></span>'
    said = html.escape(f"{control['texts'][control['start']]} {control['unit']}".strip())
    idle = 'disabled aria-hidden="true" tabindex="-1"'
    if control["scale"] == "choice":
        return (f'<div class="fm-control"><span class="fm-head">{name}</span>'
                f"<select {idle}><option>{said}</option></select></div>")
    if control["scale"] == "draw":
        hidden = " hidden" if len(control["values"]) < 2 else ""
        buttons = "".join(f"<button {idle}>{words}</button>" for words in ("Draw again", "All draws"))
        return (f'<div class="fm-control"{hidden}><span class="fm-head">{name}<b class="fm-value">{said}</b></span>'
                f'<div class="fm-draws">{buttons}</div></div>')
    last = len(control["values"]) - 1
    return (f'<div class="fm-control"><span class="fm-head">{name}<b class="fm-value">{said}</b></span>'
            f'<input type="range" {idle} max="{last}" value="{control["start"]}" '
            f'style="--fm-share:{control["start"] / max(1, last):.3f}"></div>')
