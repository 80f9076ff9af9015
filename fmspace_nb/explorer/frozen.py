"""An explorer frozen into a page: every picture its controls can reach, computed once, packed for a browser without a
kernel.

`freeze(explorer)` gives the HTML that a notebook's cell puts out in frozen mode (FMSPACE_NB_FROZEN=1). Its parts, in an
element <div class="fm-frozen">, all of them inert text until `frozen.js` reads them:

    .fm-spec    JSON: the explorer as view.js takes it, with the stops kept here
    .fm-first   the picture at the start, packed: it is drawn at once
    .fm-grid    all pictures, packed: unpacked when first needed

and of a still picture (`still/`), which is all there is where no script runs.

Packed means: a JSON header, then bytes (see `packing.py`), deflated, as base64.
"""

from __future__ import annotations

import base64
import html
import itertools
import json
import zlib
from dataclasses import dataclass

import numpy as np

from fmspace_nb.explorer.packing import Packed
from fmspace_nb.explorer.spec import ExplorerSpec
from fmspace_nb.explorer.still.standing import standing

AS_AT_START = {"start": True}  # in place of a patch's value: this picture changes nothing there


@dataclass(frozen=True)
class Frozen:
    """A frozen explorer: `.html` for the page, `.states` pictures in `.bytes` bytes of it."""

    name: str
    html: str
    states: int
    bytes: int


def freeze(explorer: ExplorerSpec) -> Frozen:
    """The explorer with all pictures its controls reach, thinned to what a page holds (`ExplorerSpec.thinned`).

    Raises what the figure function raises, with a note that names the explorer and the values it could not draw.
    """
    thin = explorer.thinned()
    stops, drawn = [range(len(control.values)) for control in thin.controls.values()], {}
    # The first control moves fastest: figures remember what does not depend on it, and a cache holds one such thing
    # at a time.
    for indices in (turned[::-1] for turned in itertools.product(*reversed(stops))):
        try:
            drawn[indices] = thin.picture(indices)
        except Exception as error:
            error.add_note(f"explorer {thin.name!r} could not be drawn at {thin.values(indices)}")
            raise
    pictures = [drawn[indices] for indices in itertools.product(*stops)]
    spec = thin.json()
    for control, told in zip(explorer.controls.values(), spec["controls"], strict=True):
        if len(control.values) > len(told["values"]) and control.scale != "draw":   # those a page may compute
            told["every"] = list(control.values)
    parts = {
        "spec": ("application/json", _json(spec)),
        "first": ("text/plain", pack(thin, [thin.skeleton.first])),
        "grid": ("text/plain", pack(thin, pictures)),
    }
    inside = "".join(f'<script type="{kind}" class="fm-{part}">{text}</script>' for part, (kind, text) in parts.items())
    still = standing(thin.skeleton.whole, thin.skeleton.first.alt or thin.caption, thin.caption, spec["controls"],
                     thin.leads)
    cost = len(still) + sum(len(text) for _, text in parts.values())
    page = (
        f'<div class="fm-frozen" data-name="{html.escape(thin.name)}" data-states="{len(pictures)}" '
        f'data-bytes="{cost}">{inside}{still}</div>'
    )
    return Frozen(thin.name, page, len(pictures), cost)


def pack(explorer: ExplorerSpec, pictures: list) -> str:
    """The pictures as base64 text: a header of JSON, a table, the slots' segments; all deflated.

    The header has "slots" (how to read each segment, or {"same": k} for one equal to that of slot k), "patch" ({path:
    [values]}), "alt" ([texts]) and "states" (how many pictures). The table has a column a slot, a column a path of the
    patch, in their
    order, and one for the text: for each picture the number of its array, value or text.
    """
    slots = [
        Packed(shape, *axis_of(path, explorer.skeleton.figure, pictures)) for path, shape in explorer.skeleton.slots
    ]
    paths = sorted(set().union(*(picture.patch for picture in pictures)))
    texts = {path: {} for path in [*paths, "alt"]}
    table = []
    for picture in pictures:
        row = [slot.add(array) for slot, array in zip(slots, picture.arrays, strict=True)]
        leaves = {path: picture.patch.get(path, AS_AT_START) for path in paths} | {"alt": picture.alt}
        row += [_number(texts[path], leaves[path]) for path in texts]
        table.append(row)
    headers, segments = [], []
    for header, segment in (slot.segment() for slot in slots):
        same = next(
            (k for k, known in enumerate(segments) if segment and segment == known and header == headers[k]), None
        )
        headers.append(header if same is None else {"same": same})
        segments.append(segment if same is None else b"")
    values = {path: [json.loads(text) for text in known] for path, known in texts.items()}
    header = _json({"slots": headers, "alt": values.pop("alt"), "patch": values, "states": len(pictures)}).encode()
    columns = np.array(table, dtype="<u2").T.tobytes()
    size = len(header).to_bytes(4, "little")
    return base64.b64encode(zlib.compress(size + header + columns + b"".join(segments), 9)).decode()


def axis_of(path: str, figure: dict, pictures: list) -> tuple[str | None, float | None]:
    """(scale, extent) of the axis an array is drawn along: "linear", "log" or None for none; its length where it stays
    fixed.

    A scale of colours between given ends is a linear axis, too.
    """
    _, trace, key = path.split(".", 2)
    if key in ("z", "marker.color"):
        return colours_of(f"data.{trace}.{'marker.c' if '.' in key else 'z'}", figure, pictures)
    if key not in ("x", "y"):
        return None, None
    name = figure["data"][int(trace)].get(f"{key}axis", key)
    place = f"layout.{key}axis{name[1:]}"
    axis = figure["layout"].get(f"{key}axis{name[1:]}", {})
    moves = any(changed.startswith(place) for picture in pictures for changed in picture.patch)
    ends = axis.get("range")
    fixed = ends and None not in ends and not moves and all(isinstance(end, (int, float)) for end in ends)
    return ("log" if axis.get("type") == "log" else "linear"), (abs(ends[1] - ends[0]) or None if fixed else None)


def colours_of(place: str, figure: dict, pictures: list) -> tuple[str | None, float | None]:
    """("linear", extent) of a scale of colours whose ends, `place` + min and max, are given and stay; (None, None)
    otherwise."""
    ends = []
    for path in (f"{place}min", f"{place}max"):
        node = figure
        for key in path.split("."):
            node = node[int(key)] if isinstance(node, list) else node.get(key, {})
        ends.append(
            node if isinstance(node, (int, float)) and not any(path in picture.patch for picture in pictures) else None
        )
    return ("linear", abs(ends[1] - ends[0])) if None not in ends and ends[0] != ends[1] else (None, None)


def _number(known: dict, value) -> int:
    return known.setdefault(_json(value), len(known))


def _json(value) -> str:
    """JSON that may stand inside a <script>: no tag can open or close in it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
