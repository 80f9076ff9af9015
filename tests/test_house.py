"""The house stands as drawn: who may import whom, what an import costs, and one list of dependencies."""

import ast
import graphlib
import inspect
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import fmspace_nb

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "fmspace_nb"
MODULES = sorted(p for p in PACKAGE.rglob("*.py") if p.parent != PACKAGE or p.stem not in ("__init__", "__main__"))
SERVICES = {"arguments", "exported", "products", "remembered", "threads", "writing"}
TOP = {p.stem for p in PACKAGE.glob("*.py")} - SERVICES - {"__init__", "__main__"}
MATHEMATICS = TOP | {"spectrum", "numerics"}
MAY_IMPORT = {  # room: the rooms (or modules of the top floor) it may know besides itself and the services
    "services": set(),
    "numerics": set(),
    "top": MATHEMATICS,
    "spectrum": MATHEMATICS,
    "experiments": MATHEMATICS,
    "course": MATHEMATICS | {"experiments"},
    "figures": MATHEMATICS | {"experiments", "course"},
    "explorer": set(),
    "publish": {"explorer"},
    "worker": MATHEMATICS | {"explorer"},
}
WITHOUT_PICTURES = ("services", "numerics", "top", "spectrum", "experiments")


def room_of(path: Path) -> str:
    """The room a module lies in: its folder, or on the top floor "services" and "top"."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[0] if len(parts) > 1 else "services" if parts[0] in SERVICES else "top"


def imported(path: Path) -> set[str]:
    """Names of the modules a file imports anywhere in it, relative ones made absolute."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            here = path.relative_to(ROOT).with_suffix("").parts
            above = here[:len(here) - node.level] if node.level else ()
            base = ".".join((*above, *([node.module] if node.module else [])))
            found |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return found


def test_every_room_has_its_rule():
    assert {room_of(path) for path in MODULES} == set(MAY_IMPORT)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_arrows_point_one_way(path):
    room = room_of(path)
    known = MAY_IMPORT[room] | SERVICES | {room}
    inside = {name.split(".")[1] for name in imported(path) if name.startswith("fmspace_nb.")}
    assert inside <= known, f"{path.relative_to(ROOT)} knows {inside - known}"
    outside = {name.split(".")[0] for name in imported(path)}
    if room in WITHOUT_PICTURES:
        assert not outside & {"plotly", "ipywidgets", "anywidget", "IPython", "nbconvert", "jupytext"}
    if room in ("explorer", "publish"):
        assert "scipy" not in outside


def test_no_module_knows_itself_through_others():
    """graphlib finds a circle of imports anywhere in the package, functions' own imports included."""
    names = {".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): p for p in MODULES}
    graph = {name: {n for n in imported(path) if n in names and n != name and not name.startswith(f"{n}.")}
             for name, path in names.items()}
    graphlib.TopologicalSorter(graph).prepare()


def test_the_face_shows_every_public_name_with_a_docstring():
    for name in fmspace_nb.__all__:
        assert len(inspect.getdoc(getattr(fmspace_nb, name)).splitlines()[0]) > 20, name
    with pytest.raises(AttributeError, match="mercer"):
        _ = fmspace_nb.merced


def test_import_brings_no_picture_library():
    heavy = ("plotly", "ipywidgets", "anywidget", "IPython", "nbconvert")
    code = f"import sys, fmspace_nb; print([name for name in {heavy} if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"


def test_conda_users_get_the_same_packages_and_bounds():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    listed = [d for d in environment["dependencies"] if isinstance(d, str) and d != "pip"]
    named = [d.partition(";")[0] for d in project["dependencies"]]
    assert sorted(listed) == sorted([f"python{project['requires-python']}", *named])


def test_every_dependency_is_imported_but_for_what_the_reader_opens_and_links_with():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    used = {name.split(".")[0] for path in PACKAGE.rglob("*.py") for name in imported(path)}
    module = {"scikit-learn": "sklearn", "markdown-it-py": "markdown_it", "mdit-py-plugins": "mdit_py_plugins"}
    names = [re.split(r"[<>=~! \[]", d)[0] for d in project["dependencies"]]
    assert {n for n in names if module.get(n, n) not in used} == {"jupyterlab", "ipywidgets", "ipykernel"}


def test_modules_fit_on_two_screens():
    files = [*PACKAGE.rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    lengths = {str(p.relative_to(ROOT)): len(p.read_text("utf-8").splitlines()) for p in files}
    assert not {path: length for path, length in lengths.items() if length > 260}


NUMBERS = {"float", "float | None", "int", "bool", "str", "tuple[float, ...]", "tuple[float, float]"}


def test_what_is_remembered_by_entries_is_numbers_or_one_thing():
    """lru_cache elsewhere than in numerics/ and publish/: of functions that say they return numbers, or of one entry.

    Arrays and what holds them go through `remembered.py`, which counts bytes.
    """
    found = []
    for path in MODULES:
        if room_of(path) in ("numerics", "publish"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            for decorator in getattr(node, "decorator_list", ()):
                told = ast.unparse(decorator)
                several = "lru_cache" in told and told.removeprefix("functools.") != "lru_cache(maxsize=1)"
                endless = told in ("cache", "functools.cache") and node.args.args
                returns = ast.unparse(node.returns) if getattr(node, "returns", None) else ""
                if (several or endless) and returns not in NUMBERS:
                    found.append(f"{path.relative_to(ROOT)}: {node.name}")
    assert not found, f"remembered by entries, though they may hold arrays: {found}"


def test_files_of_tests_have_names_of_their_own():
    """pytest imports them by their names; the benchmarks run by themselves."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py") if path.parent.name != "benchmarks"]
    assert sorted(names) == sorted(set(names))


def test_lines_of_scripts_styles_and_templates_have_120_characters_at_most():
    files = [path for path in PACKAGE.rglob("*.*")
             if path.suffix in (".js", ".css", ".j2") and "vendor" not in path.parts]
    long = [f"{path.name}:{n}" for path in files for n, line in enumerate(path.read_text("utf-8").split("\n"), 1)
            if len(line) > 120 and "data:image" not in line]
    assert files and not long


def test_code_keeps_the_rules_of_pyproject():
    """ruff: lines of 120 characters, nothing unused or undefined, none of the usual traps."""
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format", "concise", ROOT]
    found = subprocess.run(command, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr


FUNCTIONS = [name for name in fmspace_nb.__all__ if inspect.isfunction(getattr(fmspace_nb, name))]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_public_function_says_what_it_takes_gives_and_refuses_and_where_it_comes_from(name):
    text = inspect.getdoc(getattr(fmspace_nb, name))
    parts = ("Args", "Returns", "Raises") + (() if name in ("check", "explore") else ("Source",))
    assert [f"\n{part}:" in text for part in parts] == [True] * len(parts), text
    assert len(text.partition("\n")[0]) <= 120 and "MATH.md" not in text


@pytest.mark.parametrize("path", sorted((ROOT / "tests" / "benchmarks").glob("*.py")), ids=lambda p: p.stem)
def test_benchmarks_import_what_is_there(path):
    """They run only when asked for: nothing else would notice that a name has moved."""
    exec("\n".join(ast.unparse(node) for node in ast.parse(path.read_text("utf-8")).body
                   if isinstance(node, (ast.Import, ast.ImportFrom))), {})


def test_workflows_run_what_make_runs_and_nothing_else():
    """They cannot run here: each command is a target of the Makefile, and the folder published is the one it writes."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+(?: [a-z-]+)*):", makefile, re.M))
    targets = {name for line in targets for name in line.split()}
    flows = {p.stem: yaml.safe_load(p.read_text("utf-8")) for p in (ROOT / ".github" / "workflows").glob("*.yml")}
    steps = {name: [step for job in flow["jobs"].values() for step in job["steps"]] for name, flow in flows.items()}
    commands = {name: [step["run"] for step in listed if "run" in step] for name, listed in steps.items()}
    ci = re.findall(r"^make .*", (ROOT / ".ci" / "run").read_text("utf-8"), re.M)
    assert commands == {"tests": ci, "site": ["make site"]}
    asked = {word for listed in commands.values() for command in listed for word in command.split()[1:]}
    assert {word for word in asked if not word.startswith("-")} <= targets
    assert [step["with"]["path"] for step in steps["site"] if "pages-artifact" in step.get("uses", "")] == ["site"]
    assert "fmspace_nb lite --out site" in makefile
