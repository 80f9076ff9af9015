"""plotly.graph_objects as the course's figures use it, for a worker: plotly.js draws, so nothing is checked here.

`publish/wheels.py` packs it under plotly's name: plotly's own Python, 10 MB, is in no Pyodide.
"""

from __future__ import annotations


class Figure:
    """A figure made of JSON: `data`, its traces, and `layout`."""

    def __init__(self, data=(), layout=None):
        self.data, self.layout = list(data), dict(layout or {})

    def to_plotly_json(self) -> dict:
        """{"data": […], "layout": {…}} without what is None or an empty list, as plotly's own."""
        return {"data": [_stated(trace) for trace in self.data], "layout": _stated(self.layout)}


def _is_empty(value) -> bool:
    return isinstance(value, (list, tuple)) and not value


def _stated(value):
    if isinstance(value, dict):
        return {key: _stated(v) for key, v in value.items() if v is not None and not _is_empty(v)}
    if isinstance(value, (list, tuple)) and any(isinstance(v, dict) for v in value):
        return [_stated(v) for v in value]
    return value
