"""python -m fmspace_nb lab | html | slides | lite | film | student | sweep"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from fmspace_nb.publish import TIME_LIMIT

_DATA = "fmspace_nb/experiments/data"


def main(arguments: list[str] | None = None) -> int:
    """Run a command; the exit code is 0 when everything asked for was done."""
    parser = argparse.ArgumentParser(prog="python -m fmspace_nb",
                                     description="How one gradient step reshapes a function space.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    lab = commands.add_parser("lab", help="open JupyterLab on the first chapter; further options go to jupyter lab")
    lab.add_argument("--port", type=int, default=8888, help="the port of 127.0.0.1 to listen on (default: %(default)s)")
    for kind, what in (("html", "pages"), ("slides", "slides")):
        made = commands.add_parser(kind, help=f"write notebooks as {what} that need no kernel and no network")
        _add_paths(made, "site", notebooks=True)
        made.add_argument("--timeout", type=_positive, default=TIME_LIMIT, metavar="S",
                          help="seconds a notebook may run (default: %(default)g)")
        made.add_argument("--jobs", type=_count, default=2, metavar="N",
                          help="notebooks run at a time (default: %(default)s)")
        made.add_argument("--fresh", action="store_true", help="run also what has not changed since the last export")
        made.set_defaults(notes=True, live=False, pyodide=None)
        if kind == "html":
            made.add_argument("--live", action="store_true",
                              help="pages that compute every stop once their reader asks, with Python fetched then")
            made.add_argument("--pyodide", metavar="FOLDER|URL|TARBALL",
                              help="with --live: Python for browsers (default: its public CDN)")
    made.add_argument("--no-notes", dest="notes", action="store_false",
                      help="leave the speaker's notes out, for slides that are mailed")
    lite = commands.add_parser("lite", help="write the browser lab, a static site in which the chapters run")
    lite.add_argument("--pyodide", metavar="FOLDER|URL|TARBALL", help="Python for browsers (default: its public CDN)")
    _add_paths(lite, "site")
    shot = commands.add_parser("film", help="write a film of an explorer whose slider goes through its stops")
    shot.add_argument("notebook", metavar="NOTEBOOK")
    shot.add_argument("explorers", nargs="+", metavar="EXPLORER", help="its name; several are put together")
    shot.add_argument("--sweep", required=True, metavar="CONTROL", help="the slider that moves, such as step_size")
    shot.add_argument("--out", type=Path, required=True, metavar="FILE", help=".gif, .webp or (where ffmpeg is) .mp4")
    shot.add_argument("--width", type=_count, default=720, metavar="PIXELS", help="of the film (default: %(default)s)")
    shot.add_argument("--columns", type=_count, default=1, metavar="N", help="explorers beside one another")
    shot.add_argument("--browser", metavar="COMMAND", help="a Chromium or Chrome (default: the one on the PATH)")
    blank = commands.add_parser("student", help="write notebooks without the solutions of their exercises, for a class")
    _add_paths(blank, "student", notebooks=True)
    swept = commands.add_parser("sweep", help=f"measure anew the tables of {_DATA}, on all cores or a Dask cluster")
    swept.add_argument("tables", nargs="*", metavar="TABLE", help="their names (default: all)")
    swept.add_argument("--workers", type=_count, metavar="N", help="processes (default: one a core)")
    swept.add_argument("--backend", default="loky", help="loky, threading, sequential or dask (default: %(default)s)")
    swept.add_argument("--address", help="of the Dask scheduler, such as tcp://10.0.0.1:8786")
    _add_paths(swept, _DATA)
    given, rest = parser.parse_known_args(arguments)
    if given.command == "lab":
        return open_lab(given.port, rest)
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    # jsonschema, which checks notebooks, would build 38 grammars of addresses that no notebook has: a second and a half
    sys.modules.setdefault("rfc3987_syntax", None)
    acts = {"sweep": sweep, "student": write_student, "lite": write_lite, "film": write_film}
    return acts.get(given.command, export)(given)


def _add_paths(command: argparse.ArgumentParser, out: str, *, notebooks: bool = False) -> None:
    if notebooks:
        command.add_argument("notebooks", nargs="*", metavar="NOTEBOOK",
                             help="notebooks or folders of them (default: notebooks)")
    command.add_argument("--out", type=Path, default=Path(out), help="the folder to write to (default: %(default)s)")


def open_lab(port: int, rest: list[str]) -> int:
    """JupyterLab on the first chapter, for this machine alone, its token on; where no chapters are, they come first."""
    from fmspace_nb.publish.course import lay_out
    try:
        first = lay_out()
    except OSError as error:
        print(f"fmspace_nb lab: {error}", file=sys.stderr)
        return 1
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # as in a container; jupyter wants to hear that it is meant
        rest = ["--allow-root", *rest]
    quiet = ("--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate")
    command = [sys.executable, "-m", "jupyterlab", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", *quiet,
               f"--LabApp.default_url=/lab/tree/{quote(first.as_posix())}", *rest]
    if os.name == "nt":  # there execv gives the prompt back at once, and splits a path at its spaces
        return subprocess.call(command)
    os.execv(command[0], command)


def export(given: argparse.Namespace) -> int:
    """Write pages or slides, and say what became of each chapter."""
    from fmspace_nb.publish.live import address
    from fmspace_nb.publish.run import ExportError
    from fmspace_nb.publish.site import export as export_all
    from fmspace_nb.publish.site import writable
    try:
        if given.pyodide and not given.live:
            raise ExportError(f"--pyodide goes with --live, got --pyodide {given.pyodide} alone")
        if given.live:
            writable(given.out)
        live = address(given.pyodide, given.out) if given.live else ""
        reports = export_all(given.notebooks, given.out, kind=given.command, time_limit=given.timeout, jobs=given.jobs,
                             fresh=given.fresh, notes=given.notes, live=live,
                             progress=sys.stderr.isatty() or bool(os.environ.get("CI")))
    except ExportError as error:
        print(f"fmspace_nb {given.command}: {error}", file=sys.stderr)
        return 1
    for report in reports:
        print(report, file=sys.stderr if report.error else sys.stdout)
    return int(any(report.error for report in reports))


def write_student(given: argparse.Namespace) -> int:
    """Write the student's version of the notebooks."""
    from fmspace_nb.publish.run import ExportError
    from fmspace_nb.publish.student import write_students
    try:
        for path in write_students(given.notebooks, given.out):
            print(path)
    except ExportError as error:
        print(f"fmspace_nb student: {error}", file=sys.stderr)
        return 1
    return 0


def write_lite(given: argparse.Namespace) -> int:
    """Write the browser lab."""
    from fmspace_nb.publish.lite import build
    from fmspace_nb.publish.run import ExportError
    try:
        print(build(given.out, pyodide=given.pyodide))
    except ExportError as error:
        print(f"fmspace_nb lite: {error}", file=sys.stderr)
        return 1
    return 0


def write_film(given: argparse.Namespace) -> int:
    """Write a film."""
    from tqdm import tqdm

    from fmspace_nb.publish.film import film
    from fmspace_nb.publish.run import ExportError
    try:
        with tqdm(unit="frame", disable=not sys.stderr.isatty(), leave=False) as bar:
            def tell(done, frames):
                bar.total, bar.n = frames, done
                bar.refresh()

            path = film(given.notebook, given.explorers, given.out, sweep=given.sweep, width=given.width,
                        columns=given.columns, browser=given.browser, tell=tell)
        print(f"{path}  {path.stat().st_size / 1e6:.2f} MB")
    except ExportError as error:
        print(f"fmspace_nb film: {error}", file=sys.stderr)
        return 1
    return 0


def sweep(given: argparse.Namespace) -> int:
    """Run sweeps, or what is left of them, and write their tables."""
    from fmspace_nb import arguments
    from fmspace_nb.experiments import data, sweeps
    from fmspace_nb.experiments.measurements import SWEEPS
    try:
        for name in [arguments.choice("table", name, tuple(SWEEPS)) for name in given.tables or SWEEPS]:
            sweep = SWEEPS[name]
            where = {"workers": given.workers or -1, "backend": given.backend, "address": given.address}
            found = sweeps.run(sweep, **where, progress=name)
            print(data.write(name, sweep.rows(found), given.out))
    except (ValueError, OSError) as error:
        print(f"fmspace_nb sweep: {error}", file=sys.stderr)
        return 1
    return 0


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a number of seconds > 0, got {text}")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number ≥ 1, got {text}")
    return value


if __name__ == "__main__":
    sys.exit(main())
