"""What a moving slider shows is what plotly draws: what cannot glide rightly is drawn by plotly at once."""

import numpy as np
import plotly.graph_objects as go
import pytest
from bare import bare_page
from driving import Driven
from photographs import HOLD, LETTER, apart, photograph

from fmspace_nb.explorer import Linear

X, ACROSS, UP = np.arange(6.0), np.linspace(0, 5, 20), np.linspace(-2, 2, 16)
WAVE = np.sin(X)
MAP = np.cos(ACROSS) + UP[:, None] / 2
GAP = np.where(X == 3, np.nan, WAVE)
SMOOTH = {"zsmooth": "best", "zmin": -3, "zmax": 3, "showscale": False}
LEVELS = {
    "contours": {"coloring": "none", "start": -2, "end": 2, "size": 0.5},
    "line": {"width": 3},
    "showscale": False,
}


def note(**said):
    return {
        "annotations": [
            {"text": "a note", "xref": "x", "yref": "y", "x": 2, "y": 0, "xanchor": "left", "showarrow": False} | said
        ]
    }


def line(**said):
    return {"shapes": [{"type": "line", "xref": "x", "yref": "y", "x0": 1, "x1": 2, "y0": -1, "y1": 1} | said]}


def bars(y, **said):
    return [go.Bar(x=X, y=y, **said)]


def heat(z, x=ACROSS, y=UP, **said):
    return [go.Heatmap(x=x, y=y, z=z, **SMOOTH, **said)]


def levels(z, **said):
    return [go.Contour(x=ACROSS, y=UP, z=z, **LEVELS | said)]


def surface(spike, **said):
    height = spike * np.array([1.0, -1.0, 1.0, -1.0])
    return [go.Mesh3d(x=[-1, 1, 1, -1], y=[-1, -1, 1, 1], z=height, intensity=height,
                      **{"i": [0, 0], "j": [1, 2], "k": [2, 3], "cmin": -2, "cmax": 2, "showscale": False} | said)]


def room(**said):
    return {"scene": {f"{axis}axis": {"range": [-2, 2]} for axis in "xyz"} | {"aspectmode": "cube"} | said}


def pile(*heights, **said):
    return [go.Scatter(x=X, y=y, mode="lines", stackgroup="pile", **said) for y in heights]


def shaded(colours, **said):
    scale = {"cmin": 0, "cmax": 5, "colorscale": "Viridis", "size": 30}
    return [go.Scatter(x=X, y=WAVE, mode="markers", marker=scale | {"color": colours} | said)]


def still(k):
    return [go.Scatter(x=X, y=WAVE)]


def words(k):
    return "n" * round(1 + 8 * k)


# {what it shows: its traces at k, and its layout where that is more than axes}; k goes from 0.5 to 2.
GLIDES = {
    "a line": (lambda k: [go.Scatter(x=X, y=k * WAVE, mode="lines")],),
    "points": (lambda k: [go.Scatter(x=X + k / 4, y=k * WAVE, mode="markers")],),
    "bars of error": (lambda k: [go.Scatter(x=X, y=k * WAVE, error_y={"array": X / 5 + k / 3})],),
    "bars": (lambda k: bars(k * WAVE),),
    "a map": (lambda k: heat(k * MAP),),
    "levels": (lambda k: levels(MAP + k / 5),),
    "a note": (still, lambda k: note(y=k - 1, text=f"{k:g} of two")),
    "a line among the shapes": (still, lambda k: line(x1=1 + k)),
    "a surface": (surface, lambda k: room()),
    "lines on lines": (lambda k: pile(1 + 0 * X, k * X / 10),),
    "lines under lines": (lambda k: pile(k + 0 * X, X / 10),),
    "points on a scale of colours": (lambda k: shaded(k * X / 4),),
}
DRAWN_AT_ONCE = {
    "a surface whose colours are fitted": (lambda k: surface(k, cmin=None, cmax=None), lambda k: room()),
    "a surface in a room that fits": (surface, lambda k: room(zaxis={})),
    "a surface in a room of its own shape": (surface, lambda k: room(aspectmode="data")),
    "a surface without its triangles": (lambda k: surface(k, i=None, j=None, k=None), lambda k: room()),
    "a line without x": (lambda k: [go.Scatter(y=k * WAVE, mode="lines")],),
    "points without x": (lambda k: [go.Scatter(y=k * WAVE, mode="markers")],),
    "a line without y": (lambda k: [go.Scatter(x=k * WAVE, mode="lines")],),
    "a line across a gap": (lambda k: [go.Scatter(x=X, y=k * GAP, connectgaps=True)],),
    "a smooth line": (lambda k: [go.Scatter(x=X, y=k * WAVE, mode="lines", line={"shape": "spline"})],),
    "a line filled to zero": (lambda k: [go.Scatter(x=X, y=k * WAVE, fill="tozeroy")],),
    "a line that another fills to": (
        lambda k: [go.Scatter(x=X, y=k * WAVE - 1), go.Scatter(x=X, y=1 + 0 * X, fill="tonexty")],
    ),
    "lines on lines with a gap": (lambda k: pile(1 + 0 * X, k * np.abs(GAP)),),
    "lines on lines as shares": (lambda k: pile(1 + X, 1 + k * X, groupnorm="fraction"),),
    "smooth lines on lines": (lambda k: pile(1 + 0 * X, k * X / 10, line={"shape": "spline"}),),
    "points whose scale fits itself": (lambda k: shaded(X + (k > 1) * X[::-1] ** 2, cmin=None, cmax=None),),
    "points whose colours get names": (lambda k: shaded(["red"] * 6 if k > 1 else ["green"] * 6),),
    "a line that stops short of its points": (
        lambda k: [go.Scatter(x=X, y=k * WAVE, mode="lines+markers", line={"backoff": 30})],
    ),
    "points that look back": (
        lambda k: [
            go.Scatter(x=X, y=k * WAVE, mode="markers", marker={"symbol": "arrow", "size": 30, "angleref": "previous"})
        ],
    ),
    "points side by side": (
        lambda k: [go.Scatter(x=X, y=c * WAVE, mode="markers") for c in (k, 1)],
        lambda k: {"scattermode": "group"},
    ),
    "points with words": (
        lambda k: [go.Scatter(x=X, y=k * WAVE, mode="markers+text", text=["word"] * 6, textposition="top center")],
    ),
    "points with an error to the side": (
        lambda k: [go.Scatter(x=X + k / 4, y=WAVE, mode="markers", error_x={"array": X / 5})],
    ),
    "points with a lopsided error": (
        lambda k: [go.Scatter(x=X, y=k * WAVE, mode="markers", error_y={"array": X / 5, "arrayminus": X / 9})],
    ),
    "a line on an axis that fits itself": (
        lambda k: [go.Scatter(x=X, y=k * WAVE + X)],
        lambda k: {"yaxis": {"range": None}},
    ),
    "bars with bars of error": (lambda k: bars(k * WAVE, error_y={"array": X / 5}),),
    "bars with an error to the side": (lambda k: bars(k * WAVE, error_x={"array": X / 5}),),
    "bars with words": (lambda k: bars(k * WAVE, text=["word"] * 6),),
    "bars with round corners": (lambda k: bars(k * WAVE, marker={"cornerradius": 15}),),
    "bars with round corners by the layout": (lambda k: bars(k * WAVE), lambda k: {"barcornerradius": 15}),
    "bars that move": (lambda k: [go.Bar(x=X + k / 4, y=WAVE)],),
    "bars on bars": (lambda k: bars(1 + 0 * X) + bars(k * X / 10), lambda k: {"barmode": "stack"}),
    "bars as shares": (lambda k: bars(1 + X) + bars(1 + k * X), lambda k: {"barnorm": "fraction"}),
    "bars that do not stand on zero": (lambda k: bars(k * WAVE, base=-1),),
    "bars that lie": (lambda k: [go.Bar(x=1 + X / 2, y=X / 3 - k / 9, orientation="h")],),
    "bars that come and go": (lambda k: bars(np.where(X > k, X / 3, np.nan)),),
    "an uneven map": (lambda k: heat(k * MAP, x=ACROSS**2 / 5),),
    "a map on a logarithmic axis": (
        lambda k: heat(k * MAP, x=1 + ACROSS),
        lambda k: {"xaxis": {"type": "log", "range": [0, 0.8]}},
    ),
    "a map turned over": (lambda k: heat(k * MAP, y=-UP),),
    "a map turned round": (lambda k: heat(k * MAP, x=-ACROSS), lambda k: {"xaxis": {"range": [-5, 0]}}),
    "a map on its side": (lambda k: heat(k * MAP.T, transpose=True),),
    "a map with its scale turned": (lambda k: heat(k * MAP, reversescale=True),),
    "a map in cells": (lambda k: [go.Heatmap(x=ACROSS, y=UP, z=k * MAP, **SMOOTH | {"zsmooth": False})],),
    "a map with numbers": (lambda k: heat((1 + k) * MAP[::4, ::4], ACROSS[::4], UP[::4], texttemplate="%{z:.1f}"),),
    "a map across gaps": (lambda k: heat(k * np.where(abs(MAP) < 0.2, np.nan, MAP), connectgaps=True),),
    "levels without places": (lambda k: [go.Contour(z=MAP + k / 5, **LEVELS)],),
    "levels across gaps": (lambda k: levels(k / 5 + np.where(abs(MAP - 1) < 0.3, np.nan, MAP), connectgaps=True),),
    "levels with numbers": (lambda k: levels(MAP + k / 5, contours=LEVELS["contours"] | {"showlabels": True}),),
    "dashed levels": (lambda k: levels(MAP + k / 5, line={"width": 3, "dash": "dash"}),),
    "an arrow with its tail in the data": (
        still,
        lambda k: note(x=1 + k, showarrow=True, xanchor="center", axref="x", ayref="y", ax=3, ay=1.5),
    ),
    "an arrow whose words change": (
        still,
        lambda k: note(text=words(k), showarrow=True, xanchor="center", ax=120, ay=0),
    ),
    "words in a box": (still, lambda k: note(text=words(k), bgcolor="black", font={"color": "white"})),
    "words in a frame": (still, lambda k: note(text=words(k), bordercolor="black")),
    "words of a fixed width": (still, lambda k: note(text=words(k), width=200)),
    "words aslant": (still, lambda k: note(text=words(k), textangle=45)),
    "words that turn bold": (still, lambda k: note(text=f"<b>{words(k)}</b>" if k > 1 else words(k))),
    "a note that leaves upwards": (still, lambda k: note(y=1 + k, text="mmmmmmm")),
    "a note that leaves sideways": (still, lambda k: note(x=5 + k, text="mmmmmmm", xanchor="right")),
    "a line of some pixels": (still, lambda k: line(xsizemode="pixel", xanchor=1, x0=0, x1=80 * k)),
    "a line with its name": (still, lambda k: line(x1=1 + 2 * k, label={"text": "name"})),
    "a line with its length": (still, lambda k: line(x1=1 + 2 * k, label={"texttemplate": "%{length:.1f}"})),
}
LAGS = "levels that plotly chooses"  # plotly's own update draws those chosen for the picture before


def drawing(traces, layout=lambda k: {}):
    """A figure function of the traces, on axes that stay."""
    def figure(spike):
        axes = {"xaxis": {"range": [-1, 6]}, "yaxis": {"range": [-2.5, 2.5]}}
        plain = {"template": "none", "height": 200, "showlegend": False, "margin": {"l": 40, "r": 20, "t": 20, "b": 30}}
        return go.Figure(traces(spike), axes | plain | layout(spike))
    return figure


@pytest.fixture(scope="module")
def page(tabs):
    """All of them in one page, whose plotly counts its updates, and owes its figures the redraw that follows a
    glide."""
    pictures = GLIDES | DRAWN_AT_ONCE | {LAGS: (lambda k: levels(k * MAP, contours={"coloring": "none"}),)}
    control = {"spike": Linear(0, 2, start=0.5, steps=5)}
    opened = bare_page(tabs, {name: (drawing(*parts), control) for name, parts in pictures.items()})
    opened.evaluate(HOLD)
    opened.evaluate("""() => {
      const update = Plotly.update
      Plotly.update = (gd, ...what) => { gd.updates = (gd.updates ?? 0) + 1; return update(gd, ...what) }
    }""")
    yield opened
    opened.leave()


def move(page, name):
    """(before, moved, redrawn): pictures of an explorer before its slider moves, after, and drawn anew; and how plotly
    got there."""
    explorer = Driven(page, name)
    explorer.settle()
    page.complaints.clear()
    before = photograph(explorer)
    explorer.send("spike", 4)
    explorer.settle()
    moved, updates = photograph(explorer), explorer.plot.evaluate("gd => gd.updates ?? 0")
    explorer.plot.evaluate("gd => { Plotly.redraw(gd); return gd.owed() }")
    assert page.complaints == []
    return before, moved, photograph(explorer), updates


@pytest.mark.parametrize("name", DRAWN_AT_ONCE)
def test_what_cannot_glide_rightly_is_drawn_at_once(page, name):
    before, moved, redrawn, updates = move(page, name)
    assert apart(moved, redrawn) == 0
    assert apart(before, redrawn) > LETTER, "the move shows nothing"
    assert updates == 1


@pytest.mark.parametrize("name", GLIDES)
def test_what_keeps_its_elements_glides(page, name):
    before, moved, redrawn, updates = move(page, name)
    assert apart(moved, redrawn) < LETTER < apart(before, redrawn)
    assert updates == 0


def test_levels_that_plotly_chooses_do_not_glide(page):
    *_, updates = move(page, LAGS)
    assert updates == 1
