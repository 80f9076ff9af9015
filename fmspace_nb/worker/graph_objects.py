"""plotly.graph_objects as the course's figures use it, for a worker: plotly.js draws, so nothing is checked here.

`publish/wheels.py` packs it under plotly's name: plotly's own Python, 10 MB, is in no Pyodide.
"""

from __future__ import annotations


class Part(dict):
    """A trace or a layout: JSON."""

    def to_plotly_json(self) -> dict:
        return self


class Figure:
    """A figure made of JSON: `data`, its traces, and `layout`."""

    frames = ()

    def __init__(self, data=(), layout=None, _validate=False):
        self.data, self.layout = [Part(trace) for trace in data], Part(layout or {})

    def to_plotly_json(self) -> dict:
        """{"data": […], "layout": {…}}."""
        return {"data": self.data, "layout": self.layout}
