"""Figure functions of a notebook that has nothing to do with the course: two waves, and a membrane."""

import numpy as np
import plotly.graph_objects as go

TIME = np.linspace(0, 10, 240)
PLACE = np.linspace(-1, 1, 36)


def beats(*, frequency=2.0, detuning=0.1, envelope="shown"):
    """Two tones a little apart, heard together."""
    slow, fast = np.cos(np.pi * detuning * frequency * TIME), np.cos(2 * np.pi * frequency * TIME)
    hull = np.abs(slow) if envelope == "shown" else np.full_like(slow, np.nan)
    figure = go.Figure()
    figure.add_scatter(x=TIME, y=slow * fast, name="sum", line_color="#6b8cae")
    figure.add_scatter(x=TIME, y=hull, name="envelope", line_color="#e8820c")
    figure.add_scatter(
        x=TIME[::24], y=hull[::24], mode="markers", name="counted", marker_size=9, customdata=np.arange(10)
    )
    figure.update_layout(
        height=380,
        template="none",
        xaxis={"title": "time t (s)", "range": [0, 10]},
        yaxis={"title": "pressure", "range": [-1.2, 1.2]},
        title={"text": f"{frequency * detuning:.3g} beats a second"},
        meta={"alt": f"Two tones of {frequency:g} Hz, detuned by {detuning:g}; the envelope is {envelope}."},
    )
    return figure


def decay(*, frequency=2.0, damping=1.0):
    """How a mode of a membrane dies away, and its shape: a logarithmic axis, gaps and an infinity, a map."""
    level = np.exp(-damping * TIME) * frequency
    level[0] = np.inf
    bessel = np.sinc(frequency * np.hypot(PLACE[:, None], PLACE[None, :])) / damping
    figure = go.Figure()
    figure.add_scatter(x=TIME, y=level, name="level", line_color="#d0223f")
    figure.add_heatmap(x=PLACE, y=PLACE, z=bessel, xaxis="x2", yaxis="y2", colorscale="Viridis", showscale=False)
    figure.update_layout(
        template="none", xaxis={"title": "time t (s)", "domain": [0, 0.55]}, yaxis={"title": "level", "type": "log"},
        xaxis2={"domain": [0.65, 1], "title": "x"}, yaxis2={"anchor": "x2", "title": "y"},
        meta={"alt": f"The level falls by e every {1 / damping:.3g} s."})
    return figure
