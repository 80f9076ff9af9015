"""The house stands as drawn: who may import whom, what an import costs, and one list of dependencies."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "fmspace_nb"
ROOMS = ("figures", "explorer", "publish")
MATHEMATICS = sorted(p for p in PACKAGE.glob("*.py") if p.stem not in ("__init__", "__main__"))


def imported(path: Path) -> set[str]:
    """Names of the modules a file imports anywhere in it, relative ones made absolute."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            here = path.relative_to(ROOT).with_suffix("").parts
            base = ".".join((*here[:len(here) - node.level], *([node.module] if node.module else []))) if node.level else node.module
            found |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", MATHEMATICS, ids=lambda p: p.stem)
def test_mathematics_knows_no_picture_and_no_slider(path):
    names = imported(path)
    assert not [n for n in names if n.split(".")[0] in ("plotly", "ipywidgets", "anywidget", "IPython", "nbconvert", "jupytext")]
    assert not [n for n in names if any(n.startswith(f"fmspace_nb.{room}") for room in ROOMS)]


@pytest.mark.parametrize("room, unknown", [
    ("figures", ("explorer", "publish", "ipywidgets", "anywidget", "nbconvert")),
    ("explorer", ("figures", "publish", "numpy.linalg", "scipy", "nbconvert")),
    ("publish", ("figures", "scipy")),
])
def test_data_flows_one_way(room, unknown):
    for path in (PACKAGE / room).rglob("*.py"):
        for name in imported(path):
            bare = name.removeprefix("fmspace_nb.")
            assert not bare.startswith(unknown), f"{path.relative_to(ROOT)} imports {name}"


def test_import_brings_no_picture_library():
    code = "import sys, fmspace_nb; print([n for n in ('plotly', 'ipywidgets', 'anywidget', 'IPython', 'nbconvert') if n in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_conda_users_get_the_same_packages_and_bounds():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    listed = [d for d in yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"] if isinstance(d, str)]
    assert sorted(d for d in listed if d != "pip") == sorted([f"python{project['requires-python']}", *project["dependencies"]])


def test_every_dependency_is_imported_but_for_what_the_reader_opens_and_links_with():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    used = {name.split(".")[0] for path in PACKAGE.rglob("*.py") for name in imported(path)}
    module = {"scikit-learn": "sklearn", "markdown-it-py": "markdown_it", "mdit-py-plugins": "mdit_py_plugins"}
    names = [re.split(r"[<>=~! \[]", d)[0] for d in project["dependencies"]]
    assert {n for n in names if module.get(n, n) not in used} == {"jupyterlab", "ipywidgets"}


def test_modules_fit_on_two_screens():
    long = {str(p.relative_to(ROOT)): n for p in PACKAGE.rglob("*.py") if (n := len(p.read_text("utf-8").splitlines())) > 260}
    assert not long


def test_no_name_is_imported_or_assigned_for_nothing():
    """ruff, by the rules of pyproject.toml: nothing unused, nothing undefined, nothing that does not parse."""
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format", "concise", ROOT]
    found = subprocess.run(command, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr
