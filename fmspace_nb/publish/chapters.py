"""Chapters: notebooks as files, in either of their two forms, with the title and the lead that a list of them shows."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from fmspace_nb.publish import NOTEBOOKS
from fmspace_nb.publish.run import ExportError

LEAD = 280  # characters of a chapter's first paragraph that a list shows, to the end of a sentence


@dataclass
class Chapter:
    """A notebook to be exported. name: its file's name without ending. path: the half of a pair that is read (None:
    given)."""

    name: str
    folder: Path
    notebook: NotebookNode
    path: Path | None = None

    @cached_property
    def title(self) -> str:
        """The first heading, as Markdown; the file's name where there is none."""
        return next((line[2:].strip() for line in self._prose if line.startswith("# ")), self.name.replace("_", " "))

    @cached_property
    def lead(self) -> str:
        """The first sentences of the first paragraph, as Markdown, without a bold opening like "What you will see."."""
        paragraphs = re.split(r"\n\s*\n", "\n".join(self._prose))
        first = next((p for p in paragraphs if re.match(r"[\w*_$“\"(]", p.strip())), "")
        text = re.sub(r"\s+", " ", re.sub(r"^\*\*[^*]*[.:]\*\*\s*", "", first.strip()))
        lead = ""
        for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z\"“$])", text):
            if lead and len(lead) + len(sentence) > LEAD:
                break
            lead = f"{lead} {sentence}".strip()
        return lead

    @property
    def handout(self) -> bool:
        """Whether its page is meant for paper: metadata `handout: true`."""
        return bool(self.notebook.metadata.get("handout"))

    @property
    def language(self) -> str:
        """What its code is written in, as Pygments calls it."""
        information = self.notebook.metadata.get("language_info", {})
        known = self.notebook.metadata.get("kernelspec", {}).get("language", "python")
        return {"python": "ipython3"}.get(name := information.get("name", known), name)

    @cached_property
    def _prose(self) -> list[str]:
        cells = [cell.source for cell in self.notebook.cells if cell.cell_type == "markdown" and not is_spoken(cell)]
        return re.sub(r"```.*?```", "", "\n\n".join(cells), flags=re.DOTALL).splitlines()


def is_spoken(cell: NotebookNode) -> bool:
    """Whether a cell is a speaker's note, which no reader sees."""
    return cell.metadata.get("slideshow", {}).get("slide_type") == "notes"


def read(path: Path) -> Chapter:
    """The chapter in a notebook file, .ipynb or a text form that jupytext knows. Raises ExportError."""
    import jupytext
    try:
        if path.suffix == ".ipynb":
            notebook = nbformat.read(path, as_version=4)
            nbformat.validate(notebook)
        else:
            notebook = jupytext.read(path)
    except FileNotFoundError:
        raise ExportError(f"{path}: there is no such notebook") from None
    except Exception as error:  # json, nbformat, jsonschema, jupytext and yaml each have errors of their own
        told = str(error).strip().partition("\n")[0]
        raise ExportError(f"{path} is not a readable notebook: {type(error).__name__}: {told}") from None
    if not notebook.cells:
        raise ExportError(f"{path} is not a readable notebook: it has no cells")
    return Chapter(path.stem, path.parent, notebook, path)


def find(names: list[str]) -> list[Path]:
    """The notebooks meant by files and folders (none: the folder notebooks), one a chapter, in order.

    A file is read as it is. Of a pair found in a folder the newer half is read, the .ipynb where they are of one age.
    Raises ExportError for what is no notebook, and for two of one name, which would be written to one file.
    """
    found: dict[tuple, Path] = {}
    for name in map(Path, names or [NOTEBOOKS]):
        if name.is_dir():
            inside = in_folder(name)
            if not inside:
                raise ExportError(f"{name} holds no notebooks (.ipynb, or .md with a jupytext header)")
            found |= {(path.parent.resolve(), path.stem): path for path in inside}
        elif name.is_file():
            if name.suffix not in (".ipynb", ".md", ".py"):
                raise ExportError(f"{name} is not a notebook: expected .ipynb, or its text form .md or .py")
            found[name.parent.resolve(), name.stem] = name
        else:
            raise ExportError(f"{name}: there is no such file or folder")
    paths = [found[place] for place in sorted(found)]
    named: dict[str, Path] = {}
    for path in paths:
        if (other := named.setdefault(path.stem, path)) is not path:
            raise ExportError(
                f"{other} and {path} would both be written as {path.stem}: rename one, or write them to two folders"
            )
    return paths


def is_notebook(path: Path) -> bool:
    """Whether a file is a notebook: an .ipynb, or Markdown whose header jupytext wrote."""
    return path.suffix == ".ipynb" or (
        path.suffix == ".md"
        and bool(re.match(r"---\n(?:.*\n)*? *(?:jupytext|kernelspec):", path.read_text("utf-8", "replace")))
    )


def in_folder(folder: Path) -> list[Path]:
    """The notebooks of a folder, the newer half of each pair."""
    halves: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()):
        if is_notebook(path):
            halves.setdefault(path.stem, []).append(path)
    return [max(pair, key=lambda half: (half.stat().st_mtime, half.suffix == ".ipynb")) for pair in halves.values()]


def unlike_halves(chapter: Chapter) -> list[str]:
    """A warning that says which half of a pair was taken, where the halves say different things."""
    for other in map(chapter.path.with_suffix, (".ipynb", ".md")):
        if other == chapter.path or not other.is_file() or not is_notebook(other):
            continue
        with suppress(ExportError):  # a half that cannot be read says nothing
            if _said(read(other)) != _said(chapter):
                return [f"{chapter.path.name} and {other.name} differ: this is {chapter.path.name}; "
                        "jupytext --sync makes them one again"]
    return []


def _said(chapter: Chapter) -> list[tuple[str, str]]:
    cells = chapter.notebook.cells
    return [(cell.cell_type, cell.source.strip()) for cell in cells if cell.source.strip()]
