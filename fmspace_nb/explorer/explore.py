"""`explore`: a figure function and the sliders that move it."""

from __future__ import annotations

from fmspace_nb.explorer.frozen import freeze
from fmspace_nb.exported import is_frozen
from fmspace_nb.explorer.spec import ExplorerSpec
from fmspace_nb.explorer.values import Explorer, with_values


def explore(figure, /, *, caption: str | None = None, name: str | None = None, leads: bool = False, **controls):
    """Show a figure function with its controls: explore(ladder, caption="…", step_size=Log(1, 1e4, start=100)).

    In a notebook this is a widget whose values are traits of the controls' names: read and set them
    (`explorer.step_size = 300`), observe them, link them with any ipywidget. In a kernel with FMSPACE_NB_FROZEN=1 it is
    the same explorer as HTML that needs no kernel, with the same traits: the page starts at the values they have when
    it is shown.

    Args:
        figure: keyword parameters -> plotly Figure, with the same traces and array lengths at all values; its
            layout.meta may hold {"alt": what the picture shows at these values}. Without controls, a Figure, too.
        caption: what to look for; the docstring's first line unless given.
        name: of the explorer in the page and its address; the function's unless given.
        leads: whether it is a bar that stays in view and moves all explorers of its page with these controls.
        controls: parameter=Log(…), Linear(…) or Choice(…).

    Returns:
        the explorer: a widget in a live kernel, HTML in a frozen one.

    Raises:
        ValueError, TypeError: a control that is none, or a parameter that the function does not take.
    """
    spec = ExplorerSpec(figure, controls, caption, name, leads)
    if is_frozen():
        return with_values(FrozenExplorer, spec)(spec)
    from fmspace_nb.explorer.live import live
    return live(spec)


class FrozenExplorer(Explorer):
    """An explorer of an exported page: shown, it is text/html and nothing else, and starts at its present values."""

    def __init__(self, spec: ExplorerSpec):
        super().__init__()
        self._explains = spec

    def _ipython_display_(self):
        from IPython.display import display

        display({"text/html": freeze(self._explains.starting_at(self._indices)).html}, raw=True)
