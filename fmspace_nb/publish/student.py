"""The student's version of a notebook: what is tagged as solution is taken out, and a blank put in its place."""

from __future__ import annotations

import copy
from pathlib import Path

import nbformat

from fmspace_nb.publish.chapters import find, read
from fmspace_nb.publish.run import ExportError
from fmspace_nb.publish.site import writable, write

TAG = "solution"
BLANK = "answer = None  # your answer"


def is_solution(cell) -> bool:
    """Whether the cell carries the tag "solution"."""
    return TAG in cell.get("metadata", {}).get("tags", ())


def blank_solutions(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook without its solutions: tagged code becomes a blank answer, tagged text goes; the tag goes with them.

    It has no outputs either, and no state of widgets: what a saved run says gives the answers away.
    """
    student = copy.deepcopy(notebook)
    student.cells = [cell for cell in student.cells if cell.cell_type == "code" or not is_solution(cell)]
    student.metadata.pop("widgets", None)
    for cell in student.cells:
        if is_solution(cell):
            cell.source = BLANK
            cell.metadata["tags"] = [tag for tag in cell.metadata["tags"] if tag != TAG]
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return student


def write_students(notebooks, out: Path) -> list[Path]:
    """Write the student's version of each notebook (files or folders; none: the folder notebooks) to the folder `out`.

    Returns the files written, .ipynb without outputs. Raises ExportError, before anything is written, when a notebook
    cannot be read, two have one name, or `out` holds one of them; and when `out` cannot be written.
    """
    paths = find(notebooks)
    texts = {path: nbformat.writes(blank_solutions(read(path).notebook)) for path in paths}
    writable(out)
    for path in paths:
        if out.samefile(path.parent) or out.samefile(path.resolve().parent):
            raise ExportError(
                f"the folder {out} holds the notebook {path}, which the student's would replace: name another --out"
            )
    return [write(out / f"{path.stem}.ipynb", text) for path, text in texts.items()]
