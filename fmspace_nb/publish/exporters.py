"""The two exporters as JupyterLab and nbconvert know them: File ▸ Save and Export Notebook As ▸ Interactive HTML,
slides."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from nbconvert.exporters.exporter import Exporter
from traitlets import Bool, Float, Unicode


HUB = "JUPYTERHUB_SERVICE_PREFIX"  # in the environment of a server behind a hub
BEHIND_A_PROXY = 50.0  # seconds: a hub's proxy gives up after a minute, and says only that it did


class InteractiveHTMLExporter(Exporter):
    """A notebook as one HTML file whose sliders live without a kernel; it is run anew, whatever outputs it has.

    time_limit: seconds the notebook may run (also FMSPACE_NB_TIMEOUT; None: the usual limit, behind a hub less than its
    proxy waits). fresh: run it even if
    nothing changed since last time.
    """

    kind = "html"
    output_mimetype = "text/html"
    time_limit = Float(None, allow_none=True, help="seconds the notebook may run").tag(config=True)
    fresh = Bool(False, help="run the notebook even if nothing changed since it last ran").tag(config=True)

    notes = Bool(True, help="whether slides carry the speaker's notes").tag(config=True)

    live = Bool(False, help="whether the page may compute, with Python fetched once its reader asks").tag(config=True)
    pyodide = Unicode("", help="the address of that Python; its public CDN unless given").tag(config=True)

    def _file_extension_default(self):
        return ".html"

    def _time_limit_default(self):
        given = os.environ.get("FMSPACE_NB_TIMEOUT")
        return float(given) if given else BEHIND_A_PROXY if HUB in os.environ else None

    def from_filename(self, filename, resources=None, **kw):
        """Also of a notebook's text form, which nbconvert itself does not read."""
        from fmspace_nb.publish.chapters import read

        path = Path(filename)
        resources = self._init_resources(resources)
        resources["metadata"] |= {"name": path.stem, "path": str(path.parent)}
        return self.from_notebook_node(read(path).notebook, resources, **kw)

    def from_notebook_node(self, nb, resources=None, **kw):
        """(the file's text, resources); ExportError when a cell fails or the notebook runs too long."""
        from fmspace_nb.publish.chapters import Chapter  # here, so that JupyterLab's menu opens at once
        from fmspace_nb.publish.live import address
        from fmspace_nb.publish.run import TimeIsUp
        from fmspace_nb.publish.site import explorers, outputs, text_of

        copy, resources = super().from_notebook_node(nb, resources, **kw)
        metadata = resources["metadata"]
        chapter = Chapter(metadata["name"] or "Notebook", Path(metadata["path"] or "."), copy)
        total, live = len(copy.cells), address(self.pyodide or None) if self.live else ""
        try:
            outputs(chapter, fresh=self.fresh, time_limit=self.time_limit,
                    on_cell=lambda cell: self.log.info("%s: cell %d of %d", chapter.name, cell + 1, total))
        except TimeIsUp as error:
            raise TimeIsUp(
                f"{error}. What takes longer is exported in a terminal: python -m fmspace_nb {self.kind} "
                f"{shlex.quote(f'{chapter.name}.ipynb')}. Its pictures are kept: after that this menu has them at once"
            ) from None
        warnings = []
        text = text_of(chapter, self.kind, notes=self.notes, live=live, warnings=warnings)
        for warning in warnings:
            self.log.warning("%s: %s", chapter.name, warning)
        for name, states, size in explorers(text):
            self.log.info("%s: %s holds %d pictures in %.0f kB", chapter.name, name, states, size / 1e3)
        return text, resources


class InteractiveSlidesExporter(InteractiveHTMLExporter):
    """A notebook as reveal.js slides in one file, by the slide types of its cells, with living sliders."""

    kind = "slides"

    def _file_extension_default(self):
        return ".slides.html"
