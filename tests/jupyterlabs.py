"""A JupyterLab to drive: started on 127.0.0.1 with its own configuration, and left as if it had never been."""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request

QUIET = {  # no news, no update checks, nothing that draws attention to itself
    "@jupyterlab/apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
}
OPEN = """async path => {
  await jupyterapp.restored
  const notebook = await jupyterapp.commands.execute('docmanager:open', {path})
  await notebook.context.ready
  await notebook.sessionContext.ready
  while (notebook.sessionContext.session?.kernel?.status !== 'idle') await new Promise(after => setTimeout(after, 50))
}"""

FAILED = """() => [...jupyterapp.shell.currentWidget.content.model.cells].flatMap(cell => {
  if (cell.type !== 'code') return []
  const outputs = cell.outputs.toJSON().filter(o => o.output_type === 'error' || o.name === 'stderr')
  const ran = cell.executionCount || !cell.sharedModel.getSource().trim()
  return [...outputs.map(o => o.evalue ?? o.text), ...ran ? [] : [`did not run: ${cell.sharedModel.getSource()}`]]
})"""


class Lab:
    """A running JupyterLab. `.folder` is what it serves; `.open(name)` gives a page with the notebook and its kernel
    ready."""

    def __init__(self, browser, home):
        self.browser, self.folder, self.token = browser, home / "notebooks", secrets.token_hex(16)
        self.folder.mkdir()
        self.free, self.context = [], browser.new_context()  # pages with nothing open; of all but those of their own
        settings = home / "settings"
        for plugin, values in QUIET.items():
            file = settings / f"{plugin}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(values))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        places = {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "IPYTHONDIR": "ipython",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        }
        environment = os.environ | {name: str(home / place) for name, place in places.items()}
        environment |= {"FMSPACE_NB_FROZEN": "0"}
        environment.pop("OPENBLAS_NUM_THREADS", None)  # a reader's kernel has as many threads as there are
        self.log = (home / "log").open("w")
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "jupyterlab",
                "--no-browser",
                "--ip=127.0.0.1",
                f"--port={port}",
                "--ServerApp.port_retries=0",
                f"--IdentityProvider.token={self.token}",
                f"--ServerApp.root_dir={self.folder}",
                "--ServerApp.terminals_enabled=False",
                "--LabApp.extension_manager=readonly",
                "--LabApp.expose_app_in_browser=True",
                "--allow-root",
            ],
            stdout=self.log,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        self._wait_for_server(home / "log")

    def _wait_for_server(self, log, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            try:
                self.ask("api/status")
                return
            except OSError:
                time.sleep(0.2)
        raise RuntimeError(f"JupyterLab did not start within {seconds} s:\n{log.read_text()[-3000:]}")

    def ask(self, path, method="GET"):
        """The server's answer to a request with its token."""
        request = urllib.request.Request(
            f"{self.url}/{path}", method=method, headers={"Authorization": f"token {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read()

    def open(self, name, own=None):
        """A page with the notebook open and its kernel idle. `page.complaints` collects console errors and page errors.

        Notebooks follow each other in one page, unless a test asks for a "tab" of its own, whose address can be
        reloaded, or for a "context", which has never been here.
        """
        page = self._page(f"/tree/{name}", own) if own else self.empty()
        page.notebook, page.own = name, own
        page.evaluate(OPEN, name)
        page.locator(".jp-Notebook .jp-Cell").first.wait_for()
        page.complaints.clear()
        return page

    def empty(self):
        """A page with nothing open."""
        page = self.free.pop() if self.free else self._page()
        page.notebook = page.own = None
        page.bring_to_front()  # a page behind another draws no frames
        return page

    def _page(self, place="", own="tab"):
        """A page of JupyterLab in a workspace of its own."""
        page = (self.browser.new_context() if own == "context" else self.context).new_page()
        page.set_viewport_size({"width": 1280, "height": 1000})
        page.complaints, page.sockets = [], []
        page.on("websocket", lambda socket: page.sockets.append(socket))  # noqa: PLW0108 (no built-in method)
        page.on("console", lambda m: page.complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(f"{self.url}/lab/workspaces/{secrets.token_hex(4)}{place}?token={self.token}")
        page.locator("#jp-main-statusbar").wait_for(timeout=60_000)
        return page

    def run_all(self, page):
        """Run every cell; raises when one of them failed, complained or did not run."""
        page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
        failed = page.evaluate(FAILED)
        assert not failed, failed

    def close(self, page):
        """Close what is open and end its kernel; a page that is no test's own is free for the next one."""
        page.evaluate("document.querySelectorAll('.jp-Dialog .jp-mod-accept').forEach(said => said.click())")
        page.evaluate("jupyterapp.shell.currentWidget?.dispose()")
        for session in json.loads(self.ask("api/sessions")):
            if session["path"] == page.notebook:
                self.ask(f"api/sessions/{session['id']}", method="DELETE")
        if page.own is None:
            page.mouse.move(0, 0)
            page.complaints.clear()
            self.free.append(page)
        elif page.own == "tab":
            page.close()
        else:
            page.context.close()

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
