"""What is served on loopback: a folder as a CDN serves it, for any page to read; and a browser lab built there."""

import functools
import threading
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pyodide_folder import NoPyodide, pyodide_folder

from fmspace_nb.publish.lite import build
from fmspace_nb.publish.run import ExportError


class Shared(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def end_headers(self):
        self.send_header("Access-Control-Allow-Origin", "*")
        super().end_headers()


@contextmanager
def served(folder):
    """The address of the folder, while it is served."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Shared, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def browser_lab(out):
    """The address of a browser lab that holds its own Pyodide, built into the folder, while it is served."""
    try:
        build(out, pyodide=str(pyodide_folder()))
    except (NoPyodide, ExportError) as reason:
        if isinstance(reason, ExportError) and "could not be fetched" not in str(reason):
            raise
        pytest.skip(str(reason))
    with served(out) as host:
        yield f"{host}lite/"


def run_all(page):
    """Run the notebook that a browser lab shows, by its menu: until its kernel is there that does nothing and says
    nothing."""
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=120_000)
    page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle'], #jp-main-statusbar:has-text('| Idle')"
                 ).first.wait_for(state="attached", timeout=120_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
