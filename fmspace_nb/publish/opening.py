"""The living explorer of the opening page: a chapter's pictures at the stops of its first slider, without plotly.js."""

from __future__ import annotations

import base64
import html
import json
import math
import re
import zlib
from pathlib import Path

from fmspace_nb.explorer.still.sheet import sheet
from fmspace_nb.explorer.still.standing import standing
from fmspace_nb.explorer.traces import filled
from fmspace_nb.explorer.unpacking import Unpacked

# A picture that leads to an explorer: [![…](film.gif)](notebooks/03_spike.ipynb#figure=overlap)
_LEADS = re.compile(r"\[!\[[^\]]*\]\([^)]*\)\]\((?:[^)#]*/)?([^)/#]+)\.(?:ipynb|md)#figure=([\w-]+)\)")
_HERE = "<div data-living></div>"


def with_explorers(markdown: str, render, out: Path) -> str:
    """The Markdown as HTML, by `render`, in which a picture that leads to an explorer of a page in `out` gives way to
    it; where that page is not there the picture is left out."""
    found = _LEADS.findall(markdown)
    body = render(_LEADS.sub(f"\n\n{_HERE}\n\n", markdown))
    for name, figure in found:
        body = body.replace(_HERE, living(out / f"{name}.html", figure), 1)
    return body


def living(page: Path, name: str) -> str:
    """The explorer `name` of an exported page as pictures that a slider turns (index.js); "" where it is not there."""
    text = page.read_text("utf-8") if page.is_file() else ""
    at = text.find(f'<div class="fm-frozen" data-name="{html.escape(name)}"')
    if at < 0:
        return ""
    spec, grid = (re.compile(rf'class="fm-{part}">([^<]*)<').search(text, at)[1] for part in ("spec", "grid"))
    spec, pictures = json.loads(spec), Unpacked(grid)
    if not spec["controls"]:
        return ""
    moved, *rest = spec["controls"]
    counts = [len(control["values"]) for control in rest]
    stride = math.prod(counts)
    here = sum(control["start"] * math.prod(counts[k + 1:]) for k, control in enumerate(rest))
    turned = []                                                 # (figure, its words) at each stop
    for stop in range(len(moved["values"])):
        arrays, patch, alt = pictures.picture(stop * stride + here)
        turned.append((filled(spec["figure"], spec["slots"], arrays, patch), alt or spec["caption"]))
    frames = [sheet(*pair) for pair in turned]
    packed = base64.b64encode(zlib.compress(json.dumps(frames, ensure_ascii=False).encode(), 9)).decode()
    control = json.dumps(moved, ensure_ascii=False).replace("<", "\\u003c")
    still = standing(*turned[moved["start"]], spec["caption"], [moved])
    return (f'<div class="fm-turned" data-name="{html.escape(name)}" data-page="{html.escape(page.name)}">'
            f'<script type="application/json" class="fm-spec">{control}</script>'
            f'<script type="text/plain" class="fm-frames">{packed}</script>{still}</div>')
