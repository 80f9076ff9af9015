"""Every exercise of the course: its solution passes its check, its blank does not, and a wrong answer is told why."""

import math
import re
from pathlib import Path

import jupytext
import pytest

from fmspace_nb.course.exercises import EXERCISES, check
from fmspace_nb.figures import (
    breaks,
    buys,
    directions,
    faces,
    function_space,
    journey,
    mixing,
    reshaped,
    spike,
    step,
)
from fmspace_nb.publish.student import BLANK, blank_solutions, is_solution

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.md"))
NAMED = {path: [n for n in EXERCISES if n.startswith(path.stem[:2])] for path in NOTEBOOKS}


def verdicts(notebook) -> dict:
    """{exercise: right} by running the exercise cells of a notebook, its imports before them."""
    code = [c.source for c in notebook.cells if c.cell_type == "code"]
    names, space = {}, {}
    for source, before in zip(code, ["", *code[:-1]], strict=True):
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


def test_every_chapter_has_three_to_five_exercises():
    assert {path.stem[:2]: len(NAMED[path]) for path in NOTEBOOKS
            if not 3 <= len(NAMED[path]) <= 5} == {"10": 0, "11": 0, "12": 0}


def said(figure, pattern):
    """The numbers that a picture's notes and guides give where they match a pattern."""
    found = [match for note in figure.layout.annotations if (match := re.search(pattern, note.text))]
    return [float(number) for match in found for number in match.groups()]


def at_diamonds(figure):
    return [float(y) for y in next(trace for trace in figure.data if trace.name == "you are here").y]


def stds():
    along, target, across = (std**2 for std in said(step.weights_by_direction(step_size=315, width_ratio=2),
                                                    r"std ([\d.]+)"))
    return (target - across) / (along - across)


def over_bulk(width_ratio):
    pattern = r"B<sub>c</sub>/A<sub>c</sub> = ([\d.]+), needed ([\d.]+)"
    return said(journey.spectrum(step_size=100, width_ratio=width_ratio), pattern)


def linear_bar():
    bulk, relative = said(function_space.ladder(step_size=500, width_ratio=2), r"A = ([\d.]+), B/d = ([\d.]+)")
    return (bulk + 100 * relative) / 400


def critical(sample_ratio):
    return said(spike.overlap(width_ratio=2, sample_ratio=sample_ratio), r"η<sub>c</sub> = ([\d.]+)")[0]


def below_the_law():
    growth = at_diamonds(reshaped.amplification(step_size=150, width_ratio=2))
    return growth[4] / growth[1] ** 2


def samples_saved():
    figure = buys.samples_needed(step_size=300, width_ratio=4, error=0.2)
    return float(figure.data[0].y[0]) / at_diamonds(figure)[0]


def stretch():
    return said(faces.clouds(step_size=1000, width_ratio=2), r"inputs: × ([\d.]+)")[0]


def best_power(sample_ratio):
    found = directions.preconditioner(sample_ratio=sample_ratio).layout.annotations
    return next(float(note.text.split("=")[1].replace("−", "-")) for note in found if "best p" in note.text)


READ = {  # exercise: its answer, from the numbers on the picture
    "00.stretch": lambda: said(journey.weights(step_size=1000, width_ratio=2), r"inputs: × ([\d.]+)")[0],
    "00.width": lambda: over_bulk(0.5)[0] / over_bulk(2)[0],
    "00.missing": lambda: over_bulk(8)[1] / over_bulk(8)[0],
    "01.ladder": linear_bar,
    "02.batch": stds,
    "03.data": lambda: critical(16) / critical(0.5),
    "04.stretch": lambda: stretch() ** 2 - 1,
    "05.repulsion": below_the_law,
    "06.angle": lambda: at_diamonds(mixing.angle(step_size=1000, width_ratio=1))[0],
    "07.samples": samples_saved,
    "09.power": lambda: best_power(2) - best_power(16),
    "08.rate": lambda: 200 / said(breaks.steps(step_size=100, width_ratio=2), r"ημ<sub>σ</sub>²/m = ([\d.]+)")[0],
}


@pytest.mark.parametrize("name", READ)
def test_what_the_picture_shows_is_the_answer(name):
    assert check(name, READ[name]()).right


@pytest.mark.parametrize("name, slip", [(name, slip) for name, exercise in EXERCISES.items()
                                        for slip, _ in exercise.slips])
def test_a_slip_is_told_apart_from_the_answer_and_from_other_slips(name, slip):
    verdict = check(name, slip)
    assert not verdict.right and verdict.message == dict(EXERCISES[name].slips)[slip]


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
    assert "radians" in check("06.saturation", math.atan(3 / math.sqrt(2))).message


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
