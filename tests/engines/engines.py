"""Firefox and WebKit as Debian has them, driven by the protocols they speak themselves; and Chromium beside them.

Each has `open(url)`, `evaluate(expression)`, which gives what the expression's JSON says, and `complaints()`.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import websocket

SIZE = 1280, 900
SECONDS = 60


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def patiently(attempt, errors, seconds=30):
    """What attempt() gives, once it no longer raises one of these errors."""
    end = time.monotonic() + seconds
    while True:
        try:
            return attempt()
        except errors:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


class Firefox:
    """Firefox, by WebDriver BiDi."""

    programs = ("firefox-esr",)

    def __init__(self):
        port = free_port()
        self.profile = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen(
            ["firefox-esr", "--headless", f"--remote-debugging-port={port}", "--profile", self.profile.name,
             "--width", str(SIZE[0]), "--height", str(SIZE[1])], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        address = f"ws://127.0.0.1:{port}/session"
        self.socket = patiently(
            lambda: websocket.create_connection(address, suppress_origin=True, timeout=SECONDS),
            (OSError, websocket.WebSocketException))
        self.number, self.said = 0, []
        self.ask("session.new", capabilities={})
        self.ask("session.subscribe", events=["log.entryAdded"])
        self.context = self.ask("browsingContext.getTree")["contexts"][0]["context"]

    def ask(self, method, **params):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("method") == "log.entryAdded" and answer["params"]["level"] == "error":
                self.said.append(answer["params"]["text"])
            if answer.get("id") == self.number:
                assert answer["type"] == "success", answer
                return answer["result"]

    def open(self, url):
        self.said.clear()
        self.ask("browsingContext.navigate", context=self.context, url=url, wait="complete")

    def evaluate(self, expression):
        found = self.ask("script.evaluate", expression=f"JSON.stringify({expression})", awaitPromise=True,
                         target={"context": self.context})
        assert found["type"] == "success", found
        return json.loads(found["result"].get("value", "null"))

    def complaints(self):
        return list(self.said)

    def close(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait(20)
        self.profile.cleanup()


class WebKit:
    """WebKitGTK, by WebDriver; it has no log that WebDriver shows."""

    programs = ("WebKitWebDriver", "xvfb-run")

    def __init__(self):
        port = free_port()
        self.address = f"http://127.0.0.1:{port}/session"
        self.process = subprocess.Popen(["xvfb-run", "-a", "-s", f"-screen 0 {SIZE[0]}x{SIZE[1]}x24", "WebKitWebDriver",
                                         f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        start_new_session=True)
        browser = str(next(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser")))
        options = {"webkitgtk:browserOptions": {"binary": browser, "args": ["--automation"]}}
        new = patiently(lambda: self.ask("", capabilities={"alwaysMatch": options}), OSError)
        self.address += f"/{new['sessionId']}"
        self.ask("/window/rect", width=SIZE[0], height=SIZE[1])

    def ask(self, path, method="POST", **body):
        request = urllib.request.Request(self.address + path, json.dumps(body).encode(), method=method)
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return json.load(answer)["value"]

    def open(self, url):
        self.ask("/url", url=url)

    def evaluate(self, expression):
        return json.loads(self.ask("/execute/sync", script=f"return JSON.stringify({expression}) ?? 'null'", args=[]))

    def complaints(self):
        return []

    def close(self):
        self.ask("", method="DELETE")  # ends the browser; what started it ends with its group
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(20)


class Chromium:
    """A page of the Chromium of all other tests."""

    def __init__(self, browser):
        self.page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})

    def open(self, url):
        self.page.goto("about:blank")
        self.page.goto(url)

    def evaluate(self, expression):
        return self.page.evaluate(expression)

    def complaints(self):
        return []

    def close(self):
        self.page.close()


def missing(engine) -> list[str]:
    """The programs an engine needs that are not here."""
    return [name for name in engine.programs if shutil.which(name) is None]
