"""Pages that compute: what they carry, where their Python comes from, and the one address their policy opens to."""

from __future__ import annotations

import base64
import re
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from fmspace_nb.publish import assets
from fmspace_nb.publish.pyodide import place
from fmspace_nb.publish.run import ExportError
from fmspace_nb.publish.wheels import compute_wheel

FOLDER = "pyodide"


def address(given: str | None, out: Path | None = None) -> str:
    """The folder a page fetches Pyodide from, as an address that ends in /.

    given: None for the public CDN, an address, or a folder or tarball, which is copied to out/pyodide; a page served
    from there finds it.

    Raises ExportError: no such Pyodide, one of another version, no network, no place to copy it to.
    """
    if out is None and given and not given.startswith(("http://", "https://")):
        raise ExportError(f"pyodide must be an address here, got {given}")
    if given and given.startswith("http") and re.search(r"[\s;,'\"<>?#]", given):    # it enters the page's policy
        raise ExportError(f"--pyodide must be a plain address, got {given}")
    try:
        with TemporaryDirectory(prefix=".pyodide-", dir=out) as aside:
            aside = Path(aside)
            found = place(given, aside / FOLDER, aside)
            if not (aside / FOLDER).is_dir():
                return found.removesuffix("pyodide.js")
            if (out / FOLDER).exists():
                (out / FOLDER).rename(aside / "former")
            (aside / FOLDER).rename(out / FOLDER)
            return f"{FOLDER}/"
    except OSError as error:
        raise ExportError(f"Pyodide could not be copied: {error}") from error


def policy(address: str) -> str:
    """The policy of a page that may fetch Pyodide from there, and nothing else from anywhere."""
    source = address if "://" in address else "'self'"
    opened = {"script-src": f"{source} 'wasm-unsafe-eval'", "connect-src": source}
    rules = dict(rule.strip().split(" ", 1) for rule in assets.POLICY.split(";"))
    for name, more in opened.items():
        rules[name] = f"{rules[name].removeprefix(chr(39) + 'none' + chr(39))} {more}".strip()
    return "; ".join(f"{name} {sources}" for name, sources in rules.items())


@cache
def parts(address: str) -> dict:
    """What a page's template needs: the address, the wheel as base64, and the worker."""
    return {"address": address, "wheel": base64.b64encode(compute_wheel()).decode(),
            "worker": assets.script(assets.text("static", "worker.js"))}
