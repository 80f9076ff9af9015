"""A live explorer: an anywidget whose control values are traits; the kernel answers each change with a picture."""

from __future__ import annotations

import threading

import traitlets
from anywidget import AnyWidget
from plotly.offline import get_plotlyjs, get_plotlyjs_version

from fmspace_nb.explorer import assets
from fmspace_nb.explorer.saved import saved
from fmspace_nb.explorer.spec import ExplorerSpec
from fmspace_nb.explorer.traces import Picture
from fmspace_nb.explorer.values import Explorer, with_values


class LiveExplorer(Explorer, AnyWidget):
    """The widget of an ExplorerSpec. Made by `live`, which gives it one trait a control."""

    _esm = assets.LIVE
    _css = assets.STYLE
    _spec = traitlets.Dict().tag(sync=True)
    _picture = traitlets.Dict().tag(sync=True)
    _plotly = traitlets.Unicode(get_plotlyjs_version()).tag(sync=True)

    def __init__(self, spec: ExplorerSpec):
        self._explains = spec
        self._updating = threading.RLock()  # JupyterLab may deliver slider moves on another thread than cells
        super().__init__(_spec=spec.json(), _picture=_message(spec.start, spec.skeleton.first))
        self.observe(self._follow, names=list(spec.controls))
        self.on_msg(self._send_plotly)

    def _ipython_display_(self):
        """Show the widget; behind it, what a notebook that is opened again shows in its place."""
        from IPython.display import display

        bundle, metadata = self._repr_mimebundle_()
        display(bundle, metadata=metadata, raw=True)
        if "error" not in self._picture:
            display({"text/html": saved(self._explains.starting_at(self._indices))}, raw=True)

    def _follow(self, _change):
        """Answer with the picture at the newest values; of several changes that waited for the lock the first answers
        all."""
        with self._updating:
            indices = self._indices
            if self._picture["indices"] == list(indices):
                return
            try:
                self._picture = _message(indices, self._explains.picture(indices))
            # whatever a figure function raises belongs on the screen, not in a log nobody sees
            except Exception as error:
                self._picture = {"indices": list(indices), "error": f"{type(error).__name__}: {error}"}

    def _send_plotly(self, _widget, content, _buffers):
        """The plotly.js of the installed plotly, for the one explorer of a page that asks for it."""
        if content.get("plotly") == self._plotly:
            self.send(content, [get_plotlyjs().encode()])


def live(spec: ExplorerSpec) -> LiveExplorer:
    """The live explorer of a spec; ValueError when a control is named like something every widget has (layout, comm,
    …)."""
    # echo_update=False: the picture already answers a move, an echo of the value would only be one more message to
    # handle
    return with_values(LiveExplorer, spec, sync=True, echo_update=False)(spec)


def _message(indices, picture: Picture) -> dict:
    """A picture as live.js takes it: every array as its bytes."""
    return {
        "indices": list(indices),
        "patch": picture.patch,
        "alt": picture.alt,
        "arrays": [array.tobytes() for array in picture.arrays],
        "widths": [array.itemsize for array in picture.arrays],
    }
