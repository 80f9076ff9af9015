"""What a notebook put out when it last ran, kept until something it depends on changes."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import zlib
from functools import cache
from importlib.metadata import distributions
from importlib.resources import files
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
from platformdirs import user_cache_path

from fmspace_nb.writing import write_whole

KEPT = 60                   # notebooks; the ones used last stay
BESIDE = 20 * 2**20         # bytes: a larger file beside a notebook counts by its date, not its content
READ = 200 * 2**20          # bytes that are read below a folder; files beyond count by their date
SEEN = 5000                 # files that are looked at: a notebook may lie in its reader's home
NOT_COMPUTING = ("publish", ".js", ".css")  # parts of the package that no output depends on


def folder() -> Path:
    """Where outputs are kept: FMSPACE_NB_CACHE, or the user's cache folder."""
    return Path(os.environ.get("FMSPACE_NB_CACHE") or user_cache_path("fmspace_nb") / "pages")


def key(notebook, beside: Path) -> str:
    """What the outputs depend on: code cells, the package's source, everything installed, and the files beside the
    notebook."""
    told = hashlib.sha256(_surroundings().encode())
    told.update(json.dumps([notebook.metadata.get("kernelspec", {}), str(beside.resolve()), *_code(notebook)]).encode())
    told.update("".join(_files(beside)).encode())
    told.update("".join(text for place in _editable() for text in _files(place)).encode())
    return told.hexdigest()[:40]


def recall(key: str, notebook) -> bool:
    """Put the kept outputs into the notebook; False, and the notebook as it was, when there are none or their file is
    damaged."""
    path = folder() / f"{key}.json.gz"
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    try:
        kept = [
            [nbformat.from_dict(output) for output in outputs]
            for outputs in json.loads(gzip.decompress(path.read_bytes()))
        ]
        os.utime(path)
    except (OSError, EOFError, ValueError, TypeError, zlib.error):
        return False
    if len(kept) != len(cells):
        return False
    for cell, outputs in zip(cells, kept, strict=True):
        cell.outputs = outputs
    return True


def remember(key: str, notebook) -> None:
    """Keep the notebook's outputs; a cache that cannot be written is done without."""
    kept = json.dumps([cell.outputs for cell in notebook.cells if cell.cell_type == "code"]).encode()
    try:
        folder().mkdir(parents=True, exist_ok=True)
        write_whole(folder() / f"{key}.json.gz", gzip.compress(kept, 3))
        for old in sorted(folder().glob("*.json.gz"), key=lambda p: p.stat().st_mtime)[:-KEPT]:
            old.unlink(missing_ok=True)
    except OSError:
        return


def _files(folder: Path) -> list[str]:
    """What tells whether a file in or below a folder has changed: of small ones their content, of others their date.

    Hidden folders, environments and outputs count for nothing, and neither does what cannot be read.
    """
    told, read = [], 0
    for here, folders, names in os.walk(folder):
        if len(told) > SEEN:
            break
        folders[:] = sorted(f for f in folders if not f.startswith((".", "__")) and f not in ("node_modules", "site")
                            and not (Path(here) / f / "pyvenv.cfg").exists())
        for path in (Path(here) / name for name in sorted(names) if not name.endswith((".ipynb", ".md", ".html"))):
            try:
                size, changed = path.stat().st_size, path.stat().st_mtime_ns
                small = size < BESIDE and read + size < READ
                read += size if small else 0
                what = hashlib.sha256(path.read_bytes()).hexdigest() if small else f"{size} {changed}"
                told.append(f"{path} {what}")
            except OSError:
                continue
    return told


@cache
def _editable() -> list[Path]:
    """The folders of packages that are installed where they are written, this one aside."""
    found = []
    for distribution in distributions():
        told = json.loads(distribution.read_text("direct_url.json") or "{}")
        if told.get("dir_info", {}).get("editable") and distribution.metadata["Name"] != "fmspace-nb":
            found.append(Path(unquote(urlsplit(told["url"]).path)))
    return sorted(found)


def _code(notebook) -> list:
    return [[cell.source, cell.metadata.get("tags", [])] for cell in notebook.cells if cell.cell_type == "code"]


@cache
def _surroundings() -> str:
    """A digest of the package's source and the versions of everything installed."""
    root = files("fmspace_nb")
    told = hashlib.sha256()
    for path in sorted(Path(str(root)).rglob("*")):
        part = path.relative_to(str(root)).as_posix()
        if (
            path.is_file()
            and "__pycache__" not in part
            and not part.startswith(NOT_COMPUTING)
            and not part.endswith(NOT_COMPUTING)
        ):
            told.update(part.encode() + path.read_bytes())
    told.update("\n".join(sorted(f"{d.metadata['Name']} {d.version}" for d in distributions())).encode())
    return told.hexdigest()
