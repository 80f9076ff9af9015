"""Chapters to files: run in parallel, rendered, written whole or not at all, with an index page."""

from __future__ import annotations

import os
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from tqdm import tqdm

from fmspace_nb.publish import assets, cache
from fmspace_nb.publish.chapters import Chapter, find, in_folder, read, unlike_halves
from fmspace_nb.publish.deck import slides
from fmspace_nb.publish.markdown import Prose, plain
from fmspace_nb.publish.opening import with_explorers
from fmspace_nb.publish.page import PAGE, SLIDES, colophon, inline, page, render
from fmspace_nb.publish.run import ExportError, run
from fmspace_nb.writing import write_whole


@dataclass
class Report:
    """What became of one chapter: the file written, or the error; seconds, whether it was run anew, its explorers,
    warnings."""

    name: str
    path: Path | None = None
    error: str = ""
    seconds: float = 0.0
    ran: bool = True
    explorers: list[tuple[str, int, int]] = field(default_factory=list)  # (name, pictures, bytes)
    warnings: list[str] = field(default_factory=list)

    def __str__(self):
        if self.error:
            return f"failed: {self.error}"
        held = ", ".join(f"{name} {states} pictures in {size / 1e3:.0f} kB" for name, states, size in self.explorers)
        line = (
            f"{self.path}  {self.path.stat().st_size / 1e6:.1f} MB  {self.seconds:.1f} "
            f"s{'' if self.ran else ' (unchanged)'}"
        )
        return "\n".join(
            [line + (f"  [{held}]" if held else ""), *(f"  warning: {warning}" for warning in self.warnings)]
        )


def outputs(chapter: Chapter, *, fresh: bool = False, time_limit: float | None = None, threads: int | None = None,
            on_cell=lambda cell: None) -> bool:
    """Give the chapter's notebook its outputs, kept ones where nothing changed; True when it had to be run. Raises
    ExportError."""
    key = cache.key(chapter.notebook, chapter.folder)
    if not fresh and cache.recall(key, chapter.notebook):
        return False
    for cell in chapter.notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    run(
        chapter.notebook,
        name=str(chapter.path or chapter.name),
        folder=chapter.folder,
        time_limit=time_limit,
        threads=threads,
        on_cell=on_cell,
    )
    cache.remember(key, chapter.notebook)
    return True


def export(names: list[str], out: Path, *, kind: str = "html", time_limit: float | None = None, jobs: int = 2,
           fresh: bool = False, notes: bool = True, live: str = "", progress: bool = True) -> list[Report]:
    """Write the notebooks (files or folders; none: the folder notebooks) as pages (kind "html") or "slides", and the
    index.

    jobs: how many run at once. fresh: run also what did not change. notes: whether slides carry the speaker's notes.
    live: where pages may fetch Python from. A notebook that fails, however it does, leaves its
    former file as it was, and the others are written. Raises ExportError when there is nothing to export, two files
    would have one name, or `out` cannot be written.
    """
    paths = find(names)
    if kind == "html" and (taken := [path for path in paths if path.stem == "index"]):
        raise ExportError(f"{taken[0]} would be written as index.html, which is the list of chapters: rename it")
    writable(out)
    reports, chapters = [], []
    for path in paths:
        try:
            chapters.append(read(path))
        except ExportError as error:
            reports.append(Report(path.stem, error=str(error)))
    ending = PAGE if kind == "html" else SLIDES
    shelf = _shelf(chapters, out, ending)
    bar = tqdm(total=sum(len(c.notebook.cells) for c in chapters), unit="cell", disable=not progress, leave=False,
               bar_format="{desc} {bar} {n_fmt}/{total_fmt} cells {elapsed}")
    running: list[str] = []
    lock = threading.Lock()

    def one(chapter: Chapter) -> Report:
        report, began, done = Report(chapter.name, warnings=unlike_halves(chapter)), time.perf_counter(), 0
        with lock:
            running.append(chapter.name)
            bar.set_description_str(", ".join(running))

        def on_cell(cell):
            nonlocal done
            with lock:
                bar.update(cell + 1 - done)
            done = cell + 1

        try:
            threads = max(1, (os.cpu_count() or 1) // jobs)
            report.ran = outputs(chapter, fresh=fresh, time_limit=time_limit, threads=threads, on_cell=on_cell)
            text = text_of(chapter, kind, shelf, home=plain(_home(chapter.folder)[0]), notes=notes,
                           lab=_in_lab(chapter.name, out), live=live, warnings=report.warnings)
            report.path = write(out / f"{chapter.name}{ending}", text)
            report.explorers = explorers(text)
        except Exception as error:  # also one that nobody foresaw: the other chapters are not to blame
            report.error = _told(error, chapter.path)
        report.seconds = time.perf_counter() - began
        with lock:
            bar.update(len(chapter.notebook.cells) - done)
            running.remove(chapter.name)
            bar.set_description_str(", ".join(running))
        return report

    with ThreadPoolExecutor(max(1, jobs)) as pool:
        assets.plotly()  # while the kernels start
        reports += pool.map(one, chapters)
    bar.close()
    if any(report.path for report in reports):
        try:
            write(out / "index.html", index(out, sorted({chapter.folder for chapter in chapters})))
        except Exception as error:  # what became of the chapters must be heard all the same
            reports.append(Report("index", error=_told(error, out / "index.html")))
    return sorted(reports, key=lambda report: report.name)


def text_of(
    chapter: Chapter, kind: str, shelf: list[Chapter] = (), home: str = "", notes: bool = True,
    lab: str = "", live: str = "", warnings: list[str] | None = None
) -> str:
    """The file of a chapter that has its outputs; a page knows its neighbours on the shelf."""
    if kind == "slides":
        return slides(chapter, course=shelf, notes=notes, lab=lab, warnings=warnings)
    names = [c.name for c in shelf]
    at = names.index(chapter.name) if chapter.name in names else None
    previous = shelf[at - 1] if at else None
    following = shelf[at + 1] if at is not None and at + 1 < len(shelf) else None
    return page(chapter, previous=previous, next=following, home=home, course=shelf, lab=lab, live=live,
                warnings=warnings)


def _in_lab(name: str, out: Path) -> str:
    """Where a chapter opens in the browser lab of `out`, relative to its page; "" when it is not there."""
    there = (out / "lite" / "files" / f"{name}.ipynb").is_file()
    return f"lite/notebooks/index.html?path={quote(name)}.ipynb" if there else ""


def index(out: Path, folders: list[Path]) -> str:
    """The opening page: what the README beside or above the notebooks says first, then every chapter whose file is in
    `out`.

    A notebook that cannot be read any more is left out.
    """
    chapters = []
    for folder in folders:
        for path in sorted(in_folder(folder)):
            has = {
                part: (out / f"{path.stem}{ending}").is_file() for part, ending in (("page", PAGE), ("slides", SLIDES))
            }
            if any(has.values()) and (chapter := _readable(path)):
                number, title = re.fullmatch(r"(?:(\d+)\s*[·.:]\s*)?(.*)", chapter.title).groups()
                chapters.append(
                    {
                        "name": path.stem,
                        "number": number or "",
                        "title": inline(title),
                        "lead": inline(chapter.lead),
                        **has,
                    }
                )
    title, opening = _home(folders[0])
    prose = Prose(_readme(folders[0]).parent if _readme(folders[0]) else folders[0])
    body = with_explorers(opening, prose.render, out)
    return render("index", "index", body, title=plain(title), heading=inline(title), description="", chapters=chapters,
                  colophon=colophon())


def explorers(text: str) -> list[tuple[str, int, int]]:
    """(name, pictures, bytes) of the explorers in a page."""
    found = re.findall(r'<div class="fm-frozen" data-name="([^"]*)" data-states="(\d+)" data-bytes="(\d+)"', text)
    return [(name, int(states), int(size)) for name, states, size in found]


def write(path: Path, text: str) -> Path:
    """Write the file whole: whoever reads `path` sees the former text or the new one. Raises ExportError."""
    try:
        return write_whole(path, text)
    except (OSError, UnicodeEncodeError) as error:
        raise ExportError(f"{path} cannot be written: {getattr(error, 'strerror', None) or error}") from None


def writable(out: Path) -> None:
    """Make the folder, and make sure that files can be written to it. Raises ExportError."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        trial = out / f".{os.getpid()}"
        trial.touch()
        trial.unlink()
    except OSError as error:
        raise ExportError(f"the folder {out} cannot be written: {error.strerror}") from None


def _shelf(chapters: list[Chapter], out: Path, ending: str) -> list[Chapter]:
    """The chapters a reader can turn to: those being exported, and their neighbours on disk that were before."""
    shelf = {chapter.name: chapter for chapter in chapters}
    for folder in {chapter.folder for chapter in chapters}:
        for path in in_folder(folder):
            if path.stem not in shelf and (out / f"{path.stem}{ending}").is_file() and (chapter := _readable(path)):
                shelf[path.stem] = chapter
    return [shelf[name] for name in sorted(shelf)]


def _told(error: Exception, where: Path) -> str:
    """An error in one message that names the file; an ExportError does so itself."""
    return str(error) if isinstance(error, ExportError) else f"{where}: {type(error).__name__}: {error}"


def _readable(path: Path) -> Chapter | None:
    """The chapter, or None: whoever lists it does without one that broke since its export, which the next export will
    report."""
    try:
        return read(path)
    except ExportError:
        return None


def _readme(folder: Path) -> Path | None:
    return next((p for p in (folder / "README.md", folder.resolve().parent / "README.md") if p.is_file()), None)


def _home(folder: Path) -> tuple[str, str]:
    """(title, opening) of the README that tells of these notebooks: its first heading, and its text up to the
    second."""
    path = _readme(folder)
    text = path.read_text("utf-8", "replace") if path else ""
    title, _, rest = re.sub(r"^.*?^# ", "", f"\n{text}", count=1, flags=re.DOTALL | re.MULTILINE).partition("\n")
    opening = re.split(r"^#+ ", rest, maxsplit=1, flags=re.MULTILINE)[0]
    local = re.sub(r"\[?!\[[^\]]*\]\((?:https?:)?//[^)]*\)(\]\([^)]*\))?", "", opening)  # badges live on the network
    return title.strip() or folder.resolve().name, local.strip()
