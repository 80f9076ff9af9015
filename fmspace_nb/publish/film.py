"""A film of explorers without a hand: a browser without a window opens the exported page, and hands its GIF back."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from markupsafe import escape

from fmspace_nb.publish.chapters import find, read
from fmspace_nb.publish.run import ExportError
from fmspace_nb.publish.site import outputs, text_of

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
KINDS = (".gif", ".webp", ".mp4")
LIMIT = 150.0           # seconds a film may take once its page is there
QUIET = ("--headless=new", "--no-sandbox", "--no-first-run", "--hide-scrollbars", "--disable-extensions",
         "--disable-background-networking", "--disable-component-update", "--mute-audio", "--window-size=1280,900")
SCRIPT = """<script type="module">
import {film} from "fmspace/view"
const {names, sweep, width, columns} = ASKED
const send = (where, body) => fetch(where, {method: "POST", body})
try {
  const explorer = name => document.querySelector(`[data-explorer="${CSS.escape(name)}"]`)?.explorer
  while (!("ready" in document.documentElement.dataset)) await new Promise(go => setTimeout(go, 50))
  const there = [...document.querySelectorAll("[data-explorer]")].map(({dataset}) => dataset.explorer)
  const missing = names.find(name => !explorer(name))
  if (missing) throw `EXPLORER must be one of ${there.join(", ")}, got ${missing}`
  const tell = (done, all) => send(`/at/${done}/${all}`)
  const bytes = await film(names.map(explorer), sweep, {width, columns, tell})
  await send("/film", bytes)
} catch (error) {
  await send("/failed", String(error.message ?? error))
}
</script></body>"""


def shoot(page: str, names: list[str], out: Path, *, sweep: str, width: int = 720, columns: int = 1,
          browser: str | None = None, tell: Callable[[int, int], None] = lambda done, frames: None) -> Path:
    """Write the film of a page's explorers while the control `sweep` goes through its stops; the path.

    page: an exported page's text. out: .gif, .webp (needs Pillow) or .mp4 (needs ffmpeg). width: of the whole, in
    pixels. columns: explorers beside one another. browser: the command of a Chromium or Chrome (default: the one on the
    PATH). tell: called after each frame. Raises ExportError in a sentence.
    """
    if out.suffix not in KINDS:
        raise ExportError(f"--out must end in {', '.join(KINDS)}, got {out}")
    if out.suffix == ".mp4" and not shutil.which("ffmpeg"):
        raise ExportError(f"{out} needs ffmpeg, which is not on the PATH: name a .gif, or install it")
    gif = _filmed(page, {"names": names, "sweep": sweep, "width": width, "columns": columns}, _browser(browser), tell)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(gif) if out.suffix == ".gif" else _converted(gif, out)
    except (OSError, subprocess.CalledProcessError) as error:
        raise ExportError(f"{out} cannot be written: {error}") from None
    return out


def _browser(named: str | None) -> str:
    found = next(filter(None, map(shutil.which, [named] if named else BROWSERS)), None)
    if not found:
        raise ExportError(f"a film needs a Chromium or Chrome, and {named or 'none'} is not on the PATH: install one, "
                          "or name it by --browser")
    return found


def film(notebook: str, names: list[str], out: Path, **asked) -> Path:
    """Run the notebook, where it has changed, and write the film of its explorers (see `shoot`)."""
    paths = find([notebook])
    if len(paths) != 1:
        raise ExportError(f"NOTEBOOK must be one notebook, got {notebook}, which has {len(paths)}")
    chapter = read(paths[0])
    outputs(chapter)
    return shoot(text_of(chapter, "html"), names, out, **asked)


def _filmed(page: str, asked: dict, browser: str, tell) -> bytes:
    """The GIF that the page makes in the browser."""
    script = SCRIPT.replace("ASKED", json.dumps(asked).replace("<", "\\u003c"))
    opened, closed = (str(escape(f"connect-src '{whom}'")) for whom in ("self", "none"))    # as Jinja writes them
    text = page.replace(closed, opened, 1).replace("</body>", script, 1).encode()
    answers, done = {}, threading.Event()

    class Set(BaseHTTPRequestHandler):
        def do_GET(self):
            self._say(text if self.path == "/" else b"")

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            self._say(b"")
            if self.path.startswith("/at/"):
                tell(*map(int, self.path.split("/")[2:4]))
            else:
                answers[self.path] = body
                done.set()

        def _say(self, body):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Set) as server, tempfile.TemporaryDirectory() as profile:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        command = [browser, *QUIET, f"--user-data-dir={profile}", f"http://127.0.0.1:{server.server_port}/"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
            try:
                limit = time.monotonic() + LIMIT
                while not done.wait(0.2) and running.poll() is None and time.monotonic() < limit:
                    pass
            finally:
                running.terminate()
        server.shutdown()
        shutil.rmtree(profile, ignore_errors=True)     # what the browser's helpers still write there is nobody's
        Path(profile).mkdir(exist_ok=True)
    if "/film" in answers:
        return answers["/film"]
    raise ExportError(answers.get("/failed", b"").decode() or f"{browser} made no film within {LIMIT:g} s")


def _converted(gif: bytes, out: Path) -> None:
    """Write the film in another format."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "film.gif"
        source.write_bytes(gif)
        if out.suffix == ".mp4":
            even = "scale=trunc(iw/2)*2:trunc(ih/2)*2"
            subprocess.run(["ffmpeg", "-y", "-loglevel", "error", "-i", source, "-vf", even, "-pix_fmt", "yuv420p",
                            "-movflags", "+faststart", out], check=True)
            return
        try:
            from PIL import Image
        except ImportError:
            raise ExportError(f"{out} needs the package pillow, which is not installed here: name a .gif") from None
        with Image.open(source) as film:
            film.save(out, save_all=True, quality=80, method=4)
