"""The student's version of a notebook: what is tagged as solution is taken out, and a blank put in its place."""

from __future__ import annotations

import copy
from pathlib import Path

import nbformat

from fmspace_nb.publish.chapters import find, read
from fmspace_nb.publish.site import writable, write

TAG = "solution"
BLANK = "answer = None  # your answer"


def is_solution(cell) -> bool:
    """Whether the cell carries the tag "solution"."""
    return TAG in cell.get("metadata", {}).get("tags", ())


def blank_solutions(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook without its solutions: tagged code becomes a blank answer, tagged text goes; the tag goes with them."""
    student = copy.deepcopy(notebook)
    student.cells = [cell for cell in student.cells if not (is_solution(cell) and cell.cell_type == "markdown")]
    for cell in student.cells:
        if is_solution(cell):
            cell.source = BLANK
            cell.metadata["tags"] = [tag for tag in cell.metadata["tags"] if tag != TAG]
    return student


def write_students(notebooks, out: Path) -> list[Path]:
    """Write the student's version of each notebook (files or folders; none: the folder notebooks) to the folder `out`.

    Returns the files written, .ipynb without outputs. Raises ExportError when a notebook cannot be read or `out` not written.
    """
    writable(out)
    return [write(out / f"{path.stem}.ipynb", nbformat.writes(blank_solutions(read(path).notebook))) for path in find(notebooks)]
