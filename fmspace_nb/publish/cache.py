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

import nbformat
from platformdirs import user_cache_path

from fmspace_nb.writing import write_whole

KEPT = 60                   # notebooks; the ones used last stay
BESIDE = 20 * 2**20         # bytes: a larger file beside a notebook counts by its date, not its content
NOT_COMPUTING = ("publish", ".js", ".css")  # parts of the package that no output depends on


def folder() -> Path:
    """Where outputs are kept: FMSPACE_NB_CACHE, or the user's cache folder."""
    return Path(os.environ.get("FMSPACE_NB_CACHE") or user_cache_path("fmspace_nb") / "pages")


def key(notebook, beside: Path) -> str:
    """What the outputs depend on: code cells, the package's source, everything installed, and the files beside the
    notebook."""
    told = hashlib.sha256(_surroundings().encode())
    told.update(json.dumps([notebook.metadata.get("kernelspec", {}), str(beside.resolve()), *_code(notebook)]).encode())
    for path in sorted(p for p in beside.iterdir() if p.is_file() and p.suffix not in (".ipynb", ".md")):
        told.update(path.name.encode())
        told.update(path.read_bytes() if path.stat().st_size < BESIDE else str(path.stat().st_mtime_ns).encode())
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
