"""Notebooks to files to share: pages and slides whose sliders live without a kernel and without a network.

Any notebook with an `explore` in a cell will do; nothing here knows the course:

    # waves.ipynb, one cell
    import numpy as np
    import plotly.graph_objects as go
    from fmspace_nb.explorer import Choice, Log, explore

    def wave(frequency=2.0, shape="sin"):
        t = np.linspace(0, 1, 200)
        return go.Figure(go.Scatter(x=t, y=getattr(np, shape)(2 * np.pi * frequency * t)))

    explore(wave, caption="Turn it up.", frequency=Log(1, 10, start=2), shape=Choice("sin", "cos"))

    $ python -m fmspace_nb html waves.ipynb --out site      # site/waves.html, and slides likewise

or, in JupyterLab, File ▸ Save and Export Notebook As ▸ Interactive HTML. A link can point at a moment:
waves.html#frequency=5 sets every control of that name, #wave.frequency=5 only that of the figure wave, figure=wave
scrolls to it. Cell tags: remove-cell, remove-input, remove-output, solution (folded); slide types as nbconvert has
them. With `handout: true` in the notebook's metadata its page is set in two columns, to print on one sheet of A4 or US
letter.
"""

# seconds a notebook may run unless told otherwise; here, since the command line must not import nbclient to say it
TIME_LIMIT = 300.0
NOTEBOOKS = "notebooks"

__all__ = ["InteractiveHTMLExporter", "InteractiveSlidesExporter"]


def __getattr__(name: str):
    """The exporters, imported when nbconvert asks for them: the rest of the package has no need of nbconvert."""
    if name in __all__:
        from fmspace_nb.publish import exporters
        return getattr(exporters, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
