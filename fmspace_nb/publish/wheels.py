"""Wheels of what is installed here: a browser lab gets the very versions of this environment, and builds offline."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from tempfile import TemporaryDirectory

from fmspace_nb.publish.course import CARRIED, PACKAGE
from fmspace_nb.publish.run import ExportError

# What the package stands on in a browser; the rest (numpy, scipy, IPython …) comes with Pyodide or the kernel there.
CARRIED_ALONG = ("plotly", "narwhals", "ipywidgets", "jupyterlab_widgets", "anywidget", "psygnal", "typing_extensions",
                 "comm")
FROM_PYODIDE = ("numpy", "scipy", "threadpoolctl", "traitlets", "packaging", "ipython")
_LEFT_OUT = (".so", ".pyd", ".pyc", ".map")     # compiled halves; each of these packages has its Python beside them
_COMPUTES = ("publish/", "notebooks/", "explorer/", "__main__.py")      # not these, when it only computes
_UNUSED = ("plotly/labextension/", "plotly/package_data/widgetbundle.js")   # three megabytes of its own views


def write_wheels(folder: Path) -> list[Path]:
    """Write the wheels of this package and of what it stands on in a browser; the paths written.

    Raises ExportError: one of them is not installed.
    """
    own = [(path, f"fmspace_nb/{path.relative_to(PACKAGE).as_posix()}") for path in PACKAGE.rglob("*")]
    if CARRIED.parent != PACKAGE:       # in a clone the chapters lie beside the package
        own += [(path, f"fmspace_nb/notebooks/{path.relative_to(CARRIED).as_posix()}") for path in CARRIED.rglob("*")]
    version = _installed("fmspace_nb").version
    written = [_write(folder, "fmspace_nb", version, own, (*CARRIED_ALONG, *FROM_PYODIDE))]
    for name in CARRIED_ALONG:
        found = _installed(name)
        files = [(Path(found.locate_file(file)), file.as_posix()) for file in found.files or ()
                 if ".." not in file.parts and not file.parts[0].endswith(".dist-info")]
        written.append(_write(folder, name, found.version, files))
    return written


def compute_wheel() -> bytes:
    """The package without what a page has anyway: its mathematics, data and figures, and a stand-in for plotly."""
    kept = [(path, path.relative_to(PACKAGE).as_posix()) for path in PACKAGE.rglob("*")]
    files = [(path, f"fmspace_nb/{inside}") for path, inside in kept if not inside.startswith(_COMPUTES)]
    worker = PACKAGE / "worker"
    files += [(worker / "__init__.py", "fmspace_nb/explorer/__init__.py"),  # its own brings widgets
              (worker / "graph_objects.py", "plotly/graph_objects.py")]
    files += [(PACKAGE / "explorer" / name, f"fmspace_nb/explorer/{name}") for name in ("traces.py", "controls.py")]
    with TemporaryDirectory() as folder:
        return _write(Path(folder), "fmspace_nb", _installed("fmspace_nb").version, files).read_bytes()


def _installed(name: str):
    try:
        return distribution(name)
    except PackageNotFoundError as error:
        raise ExportError(f"{name} is not installed: it belongs into the browser lab") from error


def _write(folder: Path, name: str, version: str, files, needs=()) -> Path:
    """A wheel of pure Python files, [(path, name in the wheel)]."""
    info = f"{name}-{version}.dist-info"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {n}" for n in needs)]
    contents = {inside: path.read_bytes() for path, inside in sorted(files) if _belongs(path, inside)}
    contents[f"{info}/METADATA"] = "\n".join([*lines, ""]).encode()
    contents[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: fmspace_nb\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    record = "".join(f"{inside},sha256={_digest(data)},{len(data)}\n" for inside, data in contents.items())
    contents[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as packed:
        for inside, data in contents.items():
            packed.writestr(zipfile.ZipInfo(inside, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return wheel


def _belongs(path: Path, inside: str) -> bool:
    parts = inside.split("/")
    return (path.is_file() and path.suffix not in _LEFT_OUT and "__pycache__" not in parts
            and not inside.startswith(_UNUSED) and not any(part.startswith(".") for part in parts))


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
