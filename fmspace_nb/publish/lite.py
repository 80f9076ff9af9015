"""The browser lab: a static JupyterLite site in which the chapters run by Pyodide, with nothing installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from jupyter_core.paths import jupyter_path
from platformdirs import user_cache_path
from plotly.offline import get_plotlyjs

from fmspace_nb.publish import assets
from fmspace_nb.publish.course import CARRIED, chapters
from fmspace_nb.publish.pyodide import place
from fmspace_nb.publish.run import ExportError
from fmspace_nb.publish.wheels import write_wheels

# They and `pyodide.VERSION` belong together. They stay out of this environment, whose JupyterLab would look for their
# server half.
BUILDER = ("jupyterlite-core==0.6.4", "jupyterlite-pyodide-kernel==0.6.1", "doit==0.37.0", "pkginfo==1.12.1.2")
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
EXTENSIONS = ("@jupyter-widgets/jupyterlab-manager", "anywidget")
FIRST_CELL = "%pip install -q fmspace_nb"
FOLDER = "lite"


def build(out: Path, *, pyodide: str | None = None) -> Path:
    """Write the browser lab into out/lite, whole or not at all; its first page.

    pyodide: a folder, a tarball or an address (of a folder, or of a tarball) of Pyodide; None for its public CDN.

    Raises ExportError: no such Pyodide, one of another version, no network, a folder that cannot be written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".lite-", dir=out) as aside:
            aside = Path(aside)
            work = aside / "work"
            (work / "pypi").mkdir(parents=True)
            address = place(pyodide, work / "static" / "pyodide", aside)
            write_wheels(work / "pypi")
            _write_notebooks(work / "files")
            _write_settings(work, address)
            _run_builder(_builder(), work, aside / FOLDER)
            _bring_scripts(aside / FOLDER)
            first = f"lab/index.html?path={chapters()[0].name}"
            # The lab reads its settings through the element of this name on its way up to the root.
            (aside / FOLDER / "index.html").write_text(
                '<!doctype html><meta charset="utf-8"><title>fmspace_nb</title>'
                '<script id="jupyter-config-data" type="application/json" data-jupyter-lite-root=".">{}</script>'
                f'<meta http-equiv="refresh" content="0; url={first}"><a href="{first}">Open the lab</a>\n', "utf-8")
            if (out / FOLDER).exists():
                (out / FOLDER).rename(aside / "former")
            return (aside / FOLDER).rename(out / FOLDER) / "index.html"
    except OSError as error:
        raise ExportError(f"the browser lab could not be written: {error}") from error


def _write_notebooks(folder: Path) -> None:
    """The chapters with the kernel chosen, and a first cell that brings the package."""
    shutil.copytree(CARRIED, folder, ignore=shutil.ignore_patterns("*.md", ".*", "__*"))
    for path in folder.glob("*.ipynb"):
        notebook = json.loads(path.read_text("utf-8"))
        notebook["metadata"]["kernelspec"] = {"name": "python", "display_name": "Python", "language": "python"}
        notebook["cells"].insert(0, {"cell_type": "code", "id": "install", "metadata": {"tags": ["remove-cell"]},
                                     "execution_count": None, "outputs": [], "source": FIRST_CELL})
        path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1), "utf-8")


def _write_settings(work: Path, address: str) -> None:
    kernel = {"pyodideUrl": address, "disablePyPIFallback": True}
    (work / "jupyter-lite.json").write_text(json.dumps({"jupyter-lite-schema-version": 0, "jupyter-config-data": {
        "appName": "fmspace_nb", "litePluginSettings": {KERNEL: kernel}}}), "utf-8")
    (work / "overrides.json").write_text(json.dumps(
        {"@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}}), "utf-8")


def _builder() -> Path:
    """The folder of the builder's packages, fetched once."""
    folder = user_cache_path("fmspace_nb") / "-".join(["lite", *(name.partition("==")[2] for name in BUILDER)])
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f".{folder.name}", dir=folder.parent) as aside:
            tool = ["uv", "pip"] if shutil.which("uv") else [sys.executable, "-m", "pip", "--disable-pip-version-check"]
            _ask([*tool, "install", "--quiet", "--no-deps", "--target", f"{aside}/whole", *BUILDER],
                 f"{', '.join(BUILDER)} could not be fetched")
            (Path(aside) / "whole").rename(folder)
    return folder


def _run_builder(builder: Path, work: Path, out: Path) -> None:
    extensions = work.parent / "extensions"
    places = [*map(Path, jupyter_path("labextensions")), builder / "share" / "jupyter" / "labextensions"]
    for name in (*EXTENSIONS, KERNEL.partition(":")[0]):
        found = next((place / name for place in places if (place / name).is_dir()), None)
        if found is None:
            raise ExportError(f"the JupyterLab extension {name} is not installed: it belongs into the browser lab")
        shutil.copytree(found, extensions / name)
    paths = os.pathsep.join(filter(None, [str(builder), os.environ.get("PYTHONPATH")]))
    _ask([sys.executable, "-c", "from jupyterlite_core.app import main; main()", "build", "--lite-dir", work,
          "--output-dir", out, "--contents", work / "files", "--apps", "lab", "--apps", "notebooks", "--no-sourcemaps",
          "--no-unused-shared-packages", "--ignore-sys-prefix",
          f"--FederatedExtensionAddon.extra_labextensions_path={extensions}"],
         "JupyterLite could not be built", cwd=work, env={**os.environ, "PYTHONPATH": paths})
    if not (out / "lab" / "index.html").is_file():
        raise ExportError("JupyterLite could not be built: it wrote no lab/index.html")


def _bring_scripts(site: Path) -> None:
    """plotly.js, which a kernel of one thread would send only after the last cell has run, and the way back to the
    pages."""
    (site / "static").mkdir(exist_ok=True)
    (site / "static" / "plotly.js").write_text(get_plotlyjs(), "utf-8")
    (site / "static" / "back.js").write_text(assets.text("static", "back.js"), "utf-8")
    for page in (site / "lab" / "index.html", site / "notebooks" / "index.html"):
        head, tag, body = page.read_text("utf-8").partition("<head>")
        page.write_text(f'{head}{tag}<script defer src="../static/plotly.js"></script>'
                        f'<script defer src="../static/back.js"></script>{body}', "utf-8")


def _ask(command: list, failed: str, **where) -> None:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **where)
    if done.returncode:
        said = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        raise ExportError(f"{failed}: {said[-1].strip() if said else 'it said nothing'}")
