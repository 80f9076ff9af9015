"""Every exercise of the course: its solution passes its check, its blank does not, and a wrong answer is told why."""

import math
from pathlib import Path

import jupytext
import pytest

from fmspace_nb.exercises import EXERCISES, check
from fmspace_nb.publish.student import BLANK, blank_solutions, is_solution

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.md"))
NAMED = {path: [n for n in EXERCISES if n.startswith(path.stem[:2])] for path in NOTEBOOKS}


def verdicts(notebook) -> dict:
    """{exercise: right} by running the exercise cells of a notebook, its imports before them."""
    code = [c.source for c in notebook.cells if c.cell_type == "code"]
    names, space = {}, {}
    for source, before in zip(code, [""] + code):
        if source.startswith(("import ", "from ")) and "answer" not in source:
            exec(source, space)
        elif source.startswith("check("):
            exec(before, space)
            verdict = eval(source, space)
            names[source.split('"')[1]] = verdict.right
    return names


@pytest.mark.parametrize("path", [p for p in NOTEBOOKS if NAMED[p]], ids=lambda p: p.stem)
def test_every_solution_passes_and_every_blank_fails(path):
    teacher = jupytext.read(path)
    assert verdicts(teacher) == dict.fromkeys(NAMED[path], True)
    assert verdicts(blank_solutions(teacher)) == dict.fromkeys(NAMED[path], False)


def test_every_exercise_belongs_to_a_chapter():
    assert sum(map(len, NAMED.values())) == len(EXERCISES)


@pytest.mark.parametrize("path", [p for p in NOTEBOOKS if NAMED[p]], ids=lambda p: p.stem)
def test_student_s_version_holds_no_solution(path):
    teacher = jupytext.read(path)
    student = blank_solutions(teacher)
    assert any(map(is_solution, teacher.cells)) and not any(map(is_solution, student.cells))
    assert sum(cell.source == BLANK for cell in student.cells) == len(NAMED[path])
    assert "<summary>Why" not in "".join(cell.source for cell in student.cells)


@pytest.mark.parametrize("name", EXERCISES)
@pytest.mark.parametrize("answer", [None, math.pi * 1e3, "3", lambda *_: math.nan, lambda: 1, []])
def test_a_wrong_answer_gets_a_message_and_no_exception(name, answer):
    verdict = check(name, answer)
    assert not verdict.right and len(verdict.message) > 10


def test_a_known_slip_is_named():
    assert "other way round" in check("03.width", 2**0.75).message
    assert "radians" in check("06.saturation", math.atan(math.sqrt(2))).message


def test_an_unknown_exercise_is_refused():
    with pytest.raises(ValueError, match="exercise must be one of .*, got '99.x'"):
        check("99.x", 1)


def test_command_writes_the_student_s_notebooks(tmp_path, capsys):
    from fmspace_nb.__main__ import main
    source = next(p for p in NOTEBOOKS if NAMED[p])
    assert main(["student", str(source), "--out", str(tmp_path / "class")]) == 0
    written = tmp_path / "class" / f"{source.stem}.ipynb"
    assert capsys.readouterr().out.strip() == str(written)
    assert not any(map(is_solution, jupytext.read(written).cells))


def test_command_says_what_it_cannot_read(tmp_path, capsys):
    from fmspace_nb.__main__ import main
    broken = tmp_path / "broken.ipynb"
    broken.write_text("{")
    assert main(["student", str(broken), "--out", str(tmp_path)]) == 1
    assert "broken.ipynb is not a readable notebook" in capsys.readouterr().err
