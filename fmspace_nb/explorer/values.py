"""The values of an explorer as traits, alike in both lives: read, set, observed and linked from Python."""

from __future__ import annotations

import traitlets

from fmspace_nb.explorer.controls import Control
from fmspace_nb.explorer.spec import ExplorerSpec


class Stop(traitlets.TraitType):
    """The value of a control: whatever is set becomes the nearest stop; out of range raises what `Control.nearest`
    raises."""

    def __init__(self, control: Control):
        super().__init__(default_value=control.default)
        self.control = control

    def validate(self, obj, value):
        return self.control.nearest(self.name, value)


class Explorer(traitlets.HasTraits):
    """What both lives share; `with_values` gives a subclass its traits, and the subclass sets `_explains`, its
    ExplorerSpec."""

    @property
    def _indices(self) -> tuple[int, ...]:
        """The stop at which each control stands, in the order of the controls."""
        return tuple(c.values.index(getattr(self, p)) for p, c in self._explains.controls.items())

    def __repr__(self):
        values = (f", {parameter}={getattr(self, parameter)!r}" for parameter in self._explains.controls)
        return f"explore({self._explains.name}{''.join(values)})"


def with_values(life: type[Explorer], spec: ExplorerSpec, **tags) -> type[Explorer]:
    """The class `life` with one trait a control, tagged; ValueError when a control is named like something it has
    already."""
    for parameter in spec.controls:
        if hasattr(life, parameter):
            raise ValueError(f"a control cannot be called {parameter!r}, which every widget has: rename the parameter")
    return type(
        "Explorer", (life,), {parameter: Stop(control).tag(**tags) for parameter, control in spec.controls.items()}
    )
