"""What an explorer is, before it is live or frozen: a figure function, its controls, and the figures between them."""

from __future__ import annotations

import inspect
import math
import warnings
from functools import cached_property

from plotly.basedatatypes import BaseFigure

from fmspace_nb.arguments import instance
from fmspace_nb.explorer.controls import Control
from fmspace_nb.explorer.traces import Picture, Skeleton
from fmspace_nb.threads import one_thread

FROZEN_BUDGET = 250  # pictures an exported explorer holds unless its controls say otherwise
FROZEN_STOPS = 25    # stops a slider of an exported explorer has at most unless it says otherwise


class ExplorerSpec:
    """A figure function with a control for each parameter that moves.

    figure: keyword parameters -> plotly Figure. controls: {parameter: Control}. caption: what to look for (the first
    line of the function's docstring unless given). name: what the explorer is called in a page (the function's name
    unless given). leads: whether it is a bar that stays in view and moves the other explorers of its page. Raises
    TypeError or ValueError when the function does not take the controls' parameters or the controls are none.
    """

    def __init__(self, figure, controls: dict[str, Control], caption: str | None = None, name: str | None = None,
                 leads: bool = False):
        if isinstance(figure, BaseFigure):
            figure = _shows(figure)
        if not callable(figure):
            raise TypeError("figure must be a function that returns a plotly Figure, or such a Figure, "
                            f"got {figure!r} of type {type(figure).__name__}")
        for parameter, control in controls.items():
            instance(parameter, control, Control)
        called = getattr(figure, "__name__", type(figure).__name__)
        _check_parameters(figure, called, controls)
        self.figure, self.controls = figure, dict(controls)
        self.caption = caption if caption is not None else (inspect.getdoc(figure) or "").partition("\n")[0]
        self.name = name or called
        instance("caption", self.caption, str), instance("name", self.name, str), instance("leads", leads, bool)
        self.leads = leads
        self.function = f"{getattr(figure, '__module__', '')}:{getattr(figure, '__qualname__', called)}"

    @property
    def start(self) -> tuple[int, ...]:
        """The index of every control's start."""
        return tuple(control.start for control in self.controls.values())

    def values(self, indices) -> dict:
        """{parameter: value} at these stops."""
        return {p: control.values[k] for (p, control), k in zip(self.controls.items(), indices, strict=True)}

    @cached_property
    def skeleton(self) -> Skeleton:
        """What all its figures share, read off the figure at the start."""
        skeleton = Skeleton(self._draw(self.start))
        meta = skeleton.figure["layout"].get("meta")
        if isinstance(meta, dict) and "drives" in meta:
            meta["drives"] = self._driven(meta["drives"])
        return skeleton

    def _driven(self, drives) -> dict:
        """What of a figure's drives, {axis: parameter}, are sliders here; a warning for what could be none anywhere."""
        known = inspect.signature(self.figure).parameters
        for axis, parameter in drives.items():
            if parameter not in known:
                warnings.warn(f"the figure {self.name!r} says that its axis {axis!r} drives {parameter!r}, which is no "
                              f"parameter of it; its parameters are {', '.join(known)}", stacklevel=2)
        sliders = {p for p, control in self.controls.items() if control.scale in ("log", "linear")}
        return {axis: p for axis, p in drives.items() if p in sliders}

    def picture(self, indices) -> Picture:
        """The figure at these stops (one index a control), as a picture against the skeleton."""
        if tuple(indices) == self.start:
            return self.skeleton.first
        return self.skeleton.picture(self._draw(indices))

    def _draw(self, indices):
        with one_thread():
            return self.figure(**self.values(indices))

    def thinned(self, budget: int = FROZEN_BUDGET) -> ExplorerSpec:
        """The explorer an exported page holds: every control with the stops it keeps there.

        A control's own `frozen` wins. The sliders without one share what the budget of pictures leaves, 3 to 25 stops
        each; the first of them, which the explorer is about, gets twice as many as the others.
        """
        stops = {p: min(c.frozen, len(c.values)) for p, c in self.controls.items() if c.frozen is not None}
        left = budget / math.prod(stops.values())
        free = [p for p in self.controls if p not in stops]
        weight = dict.fromkeys(free, 1) | dict.fromkeys(free[:1], 2)
        while free:  # those with the fewest stops first: what they do not need goes to the others
            p = min(free, key=lambda p: len(self.controls[p].values))
            share = weight[p] * (left / math.prod(weight[q] for q in free)) ** (1 / len(free))
            stops[p] = max(3, min(FROZEN_STOPS, len(self.controls[p].values), math.floor(share + 1e-9)))
            left /= stops[p]
            free.remove(p)
        thin = {p: c.thinned(stops[p]) for p, c in self.controls.items()}
        return ExplorerSpec(self.figure, thin, self.caption, self.name, self.leads)

    def starting_at(self, indices) -> ExplorerSpec:
        """The explorer with other starts, one index a control."""
        if tuple(indices) == self.start:
            return self
        moved = {p: Control(c.values, start, c.label, c.unit, c.frozen, c.scale)
                 for (p, c), start in zip(self.controls.items(), indices, strict=True)}
        return ExplorerSpec(self.figure, moved, self.caption, self.name, self.leads)

    def json(self) -> dict:
        """The explorer as view.js takes it (its file says what each entry is)."""
        return {"name": self.name, "function": self.function, "caption": self.caption, "leads": self.leads,
                "controls": [control.json(p) for p, control in self.controls.items()],
                "figure": self.skeleton.figure, "slots": [[path, list(shape)] for path, shape in self.skeleton.slots]}


def _shows(picture: BaseFigure):
    """The figure function that knows this picture alone."""
    def figure():
        return picture
    figure.__doc__ = picture.layout.title.text or ""
    return figure


def _check_parameters(figure, called: str, controls: dict):
    """TypeError when the figure function could not be called with the controls, naming what it takes."""
    try:
        parameters = inspect.signature(figure).parameters
    except ValueError:  # a builtin without a signature: calling it will tell
        return
    named = [p for p, spec in parameters.items() if spec.kind in (spec.POSITIONAL_OR_KEYWORD, spec.KEYWORD_ONLY)]
    if not any(spec.kind is spec.VAR_KEYWORD for spec in parameters.values()):
        for parameter in controls:
            if parameter not in named:
                raise TypeError(f"{called} has no parameter {parameter!r}; it takes {', '.join(named) or 'none'}")
    missing = [p for p in named if parameters[p].default is inspect.Parameter.empty and p not in controls]
    if missing:
        raise TypeError(f"{called} needs a control for {', '.join(missing)}, too")
