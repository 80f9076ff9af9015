"""What a page holds comes back in Python as the browser shows it: the same numbers, changes and words."""

import numpy as np
import plotly.graph_objects as go
import pytest

from fmspace_nb.explorer import Choice, Linear, Log
from fmspace_nb.explorer.frozen import pack
from fmspace_nb.explorer.spec import ExplorerSpec
from fmspace_nb.explorer.unpacking import Unpacked


def figure(*, size=1.0, kind="linear", count=1):
    """Curves and a map on linear, logarithmic and no axes, whole numbers, gaps, and a title that moves."""
    x = np.linspace(0.1, 5, 30)
    y = np.where(x > 4, np.nan, size * np.exp(-x))
    z = np.add.outer(x[:8], size * x[:9])
    whole = np.arange(12) % (count + 2)
    return go.Figure(
        [{"x": x, "y": y}, {"x": x, "y": y * 1e-12, "yaxis": "y2"}, {"type": "heatmap", "z": z},
         {"y": whole}, {"y": size * 1e300 * x}, {"type": "scatter3d", "x": x, "y": y, "z": x * size}],
        {"yaxis": {"type": kind}, "yaxis2": {"type": "log"}, "title": {"text": f"size {size:g}"},
         "meta": {"alt": f"{kind}, {size:g}, {count}"}})


@pytest.mark.parametrize("controls", [{"size": Log(0.1, 100, start=1, steps=7)},
                                      {"size": Linear(0, 1, start=0.5, steps=3), "kind": Choice("linear", "log"),
                                       "count": Choice(1, 2, 3)}])
def test_every_picture_comes_back(controls):
    spec = ExplorerSpec(figure, controls)
    stops = list(np.ndindex(*(len(control.values) for control in controls.values())))
    pictures = [spec.picture(indices) for indices in stops]
    unpacked = Unpacked(pack(spec, pictures))
    assert unpacked.states == len(pictures)
    for state, picture in enumerate(pictures):
        arrays, patch, alt = unpacked.picture(state)
        assert (patch, alt) == (picture.patch, picture.alt)
        for (path, shape), array, true in zip(spec.skeleton.slots, arrays, picture.arrays, strict=True):
            true = np.where(np.isfinite(true), true, np.nan).astype(float)
            np.testing.assert_allclose(array.reshape(shape), true, rtol=2e-4, atol=1e-4 * np.nanmax(abs(true)),
                                       err_msg=path)
