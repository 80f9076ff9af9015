"""The student's notebooks hold no answer, and the teacher's stay as they are."""

import copy
import shutil
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbformat import v4

from fmspace_nb.publish.run import ExportError
from fmspace_nb.publish.student import BLANK, blank_solutions, write_students

ELSEWHERE = Path(__file__).parent / "elsewhere"


def saved_run():
    """A notebook as it is saved after the teacher ran it."""
    said = v4.new_output("stream", text="✓ Yes: 0.5946")
    solution = {"tags": ["solution", "wide"]}
    cells = [
        v4.new_markdown_cell("# Chapter"),
        v4.new_code_cell("answer = 2**-0.75", metadata=solution, outputs=[said], execution_count=1),
        v4.new_code_cell("check(answer)", outputs=[said], execution_count=2),
        v4.new_markdown_cell("Because 0.5946.", metadata=solution),
        v4.new_raw_cell("0.5946", metadata=solution),
    ]
    state = {"application/vnd.jupyter.widget-state+json": {"state": {"1": {"value": 0.5946}}}}
    return v4.new_notebook(
        cells=cells, metadata={"widgets": state, "kernelspec": {"name": "python3", "display_name": "Python 3"}}
    )


def test_nothing_of_a_saved_run_reaches_the_student():
    teacher = saved_run()
    before = copy.deepcopy(teacher)
    student = blank_solutions(teacher)
    assert [(cell.source, cell.get("outputs"), cell.get("execution_count")) for cell in student.cells] == [
        ("# Chapter", None, None), (BLANK, [], None), ("check(answer)", [], None)]
    assert student.cells[1].metadata.tags == ["wide"] and "0.5946" not in nbformat.writes(student)
    assert teacher == before


@pytest.mark.parametrize("form", ["a.ipynb", "a.md", "link.ipynb"])
def test_a_folder_that_holds_the_teachers_notebook_is_refused(tmp_path, form):
    teacher, elsewhere = tmp_path / "teacher", tmp_path / "elsewhere"
    teacher.mkdir(), elsewhere.mkdir()
    for name in ("a.ipynb", "a.md"):
        jupytext.write(saved_run(), teacher / name)
    (elsewhere / "link.ipynb").symlink_to(teacher / "a.ipynb")
    before = {path: path.read_bytes() for path in teacher.iterdir()}
    source = next(folder / form for folder in (teacher, elsewhere) if (folder / form).exists())
    with pytest.raises(ExportError, match=f"teacher holds the notebook .*{form}, which the student's would replace"):
        write_students([str(source)], teacher / ".." / "teacher")
    assert {path: path.read_bytes() for path in teacher.iterdir()} == before


def test_one_notebook_that_cannot_be_read_keeps_all_from_being_written(tmp_path):
    (tmp_path / "in").mkdir()
    shutil.copy(ELSEWHERE / "membrane.md", tmp_path / "in")
    (tmp_path / "in" / "z.ipynb").write_text("{")
    with pytest.raises(ExportError, match=r"z\.ipynb is not a readable notebook"):
        write_students([str(tmp_path / "in")], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_gives_one_notebook_a_chapter(tmp_path):
    shutil.copytree(ELSEWHERE, tmp_path / "in")
    assert write_students([str(tmp_path / "in")], tmp_path / "out") == [tmp_path / "out" / "membrane.ipynb"]
    assert len(jupytext.read(tmp_path / "out" / "membrane.ipynb").cells) > 3
