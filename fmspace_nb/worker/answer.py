"""Pictures by name, as `publish/static/worker.js` asks for them: figures of this package and no other code."""

from __future__ import annotations

import json
from importlib import import_module

from fmspace_nb.activations import NAMED
from fmspace_nb.explorer.controls import readout
from fmspace_nb.explorer.traces import Skeleton
from fmspace_nb.targets import LINKS
from fmspace_nb.worker.own import Own, read

FIGURES = "fmspace_nb.figures."
CALLABLE = {"activation": NAMED, "target": LINKS}
STORED = ("decay", "learning_curves")               # what was measured beforehand, for the named ones alone
MADE_THERE = ("layout.template", "layout.meta")     # the page has its own colours, and its own table of axes that drive
_own: dict[tuple[str, str], Own] = {}
_known: dict[str, tuple] = {}


def begin(name: str, spec: str) -> str:
    """Take note of an explorer: JSON of the words of all its stops, and of the controls that take a function.

    Args:
        name: what the page calls it.
        spec: JSON with "function" ("module:name"), "figure", "slots" and "controls", [[parameter, values]].

    Raises:
        ValueError: its function is none of the package's figures.
    """
    given = json.loads(spec)
    module, _, called = given["function"].partition(":")
    if not (module.startswith(FIGURES) and called.isidentifier() and not called.startswith("_")):
        raise ValueError(f"{given['function']} is written in the notebook: only its kept pictures are here")
    _known[name] = getattr(import_module(module), called), Skeleton.held(given["figure"], given["slots"])
    return json.dumps([{"texts": [readout(value) for value in values],
                        "own": called not in STORED and set(values) <= set(CALLABLE.get(parameter, ()))}
                       for parameter, values in given["controls"]])


def own(parameter: str, source: str) -> None:
    """Take note of what the reader typed; ValueError where it is no function for that control."""
    _own[parameter, source] = read(parameter, source)


def picture(name: str, values: str) -> tuple:
    """(JSON of the patch and of each array's width in bytes, *the arrays' bytes) of an explorer at these values.

    Args:
        name: as it was begun.
        values: JSON, {parameter: value}; a text the reader typed stands for its function.
    """
    figure, skeleton = _known[name]
    wanted = {p: _own.get((p, value), value) for p, value in json.loads(values).items()}
    drawn = skeleton.picture(figure(**wanted))
    patch = {path: value for path, value in drawn.patch.items() if not path.startswith(MADE_THERE)}
    head = {"patch": patch, "alt": drawn.alt, "widths": [array.itemsize for array in drawn.arrays]}
    return json.dumps(head, allow_nan=False), *(array.tobytes() for array in drawn.arrays)
