"""Python for the browser: where a site finds it, and that it is the version its kernel was built for."""

from __future__ import annotations

import json
import shutil
import tarfile
import urllib.request
from pathlib import Path

from fmspace_nb.publish.run import ExportError

VERSION = "0.27.7"
CDN = f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full/pyodide.js"


def place(given: str | None, there: Path, aside: Path) -> str:
    """The address of pyodide.js for a site; a folder or tarball is copied there, by way of a folder aside.

    Raises ExportError: no such Pyodide, one of another version, no network. OSError: it cannot be written.
    """
    if given is None:
        return CDN
    if given.startswith(("http://", "https://")):
        if not given.endswith((".tar.bz2", ".tar.gz", ".tgz")):
            base = given.removesuffix("pyodide.js").rstrip("/")
            _check(_download(f"{base}/pyodide-lock.json"), given)
            return f"{base}/pyodide.js"
        source = aside / given.rpartition("/")[2]
        source.write_bytes(_download(given))
    else:
        source = Path(given)
    if source.is_file():
        try:
            with tarfile.open(source) as packed:
                packed.extractall(aside / "unpacked", filter="data")
        except tarfile.TarError as error:
            raise ExportError(f"--pyodide must be a folder, an address or a tarball, got {given}") from error
        source = next((path.parent for path in (aside / "unpacked").rglob("pyodide-lock.json")), source)
    lock = source / "pyodide-lock.json"
    if not lock.is_file():
        raise ExportError(f"--pyodide must be a folder, an address or a tarball with pyodide-lock.json, got {given}")
    listed = _check(lock.read_bytes(), given)
    shutil.copytree(source, there)
    listed["packages"] = {n: p for n, p in listed["packages"].items() if (source / p["file_name"]).is_file()}
    (there / "pyodide-lock.json").write_text(json.dumps(listed), "utf-8")   # what is not there is not asked for
    return f"./static/{there.name}/pyodide.js"


def _check(lock: bytes, given: str) -> dict:
    try:
        listed = json.loads(lock)
        version = listed["info"]["version"]
    except (ValueError, LookupError, TypeError) as error:
        raise ExportError(f"--pyodide {given} has a pyodide-lock.json that names no version") from error
    if version != VERSION:
        raise ExportError(f"--pyodide must be Pyodide {VERSION}, which the kernel needs, got {version}: {given}")
    return listed


def _download(address: str) -> bytes:
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:
            return answer.read()
    except (OSError, ValueError) as error:
        raise ExportError(f"{address} could not be fetched: {error}") from error
