"""`explore`: a figure function and the sliders that move it."""

from __future__ import annotations

from fmspace_nb.explorer.frozen import freeze, is_frozen
from fmspace_nb.explorer.spec import ExplorerSpec


def explore(figure, /, *, caption: str | None = None, name: str | None = None, **controls):
    """Show a figure function with its controls: explore(ladder, caption="…", step_size=Log(1, 1e4, start=100)).

    figure: keyword parameters -> plotly Figure, with the same traces and array lengths at all values; its layout.meta may hold
    {"alt": what the picture shows at these values}. caption: what to look for (the docstring's first line unless given).
    controls: parameter=Log(…), Linear(…) or Choice(…). In a notebook this is a widget whose values are traits of the
    controls' names: read and set them (`explorer.step_size = 300`), observe them, link them with any ipywidget. In a kernel
    with FMSPACE_NB_FROZEN=1 it is the same explorer as HTML that needs no kernel.
    Raises TypeError or ValueError when a control is none, or the function does not take its parameter.
    """
    spec = ExplorerSpec(figure, controls, caption, name)
    if is_frozen():
        return FrozenExplorer(spec)
    from fmspace_nb.explorer.live import live
    return live(spec)


class FrozenExplorer:
    """An explorer of an exported page: its values stand at their start; shown, it is text/html and nothing else."""

    def __init__(self, spec: ExplorerSpec):
        self._spec = spec
        vars(self).update(spec.values(spec.start))

    def _ipython_display_(self):
        from IPython.display import display

        display({"text/html": freeze(self._spec).html}, raw=True)
