"""An exercise in a page takes the answers that the notebook takes, and its text gives none of them away."""

import base64
import json
import math

import numpy as np
import pytest

from fmspace_nb import check
from fmspace_nb.course.asked import Asked, hashed, hashes
from fmspace_nb.course.exercises import EXERCISES
from fmspace_nb.course.verdicts import Number

NUMBERS = {name: exercise for name, exercise in EXERCISES.items() if isinstance(exercise, Number)}


def bin_of(name, step, answer):
    """What answers.js does with an answer."""
    return hashed(f"{name}:{'-' if answer < 0 else '+'}{round(math.log(abs(answer)) / step)}")


@pytest.mark.parametrize("name", NUMBERS)
def test_a_page_takes_what_the_notebook_takes(name):
    """Away from the ends of the tolerance, where an answer may fall into a bin on either side."""
    exercise, packed = NUMBERS[name], Asked(name, NUMBERS[name]).check()
    for share in (*np.linspace(-0.9, 0.9, 13), *np.linspace(1.3, 4, 5), *np.linspace(-4, -1.3, 5)):
        answer = exercise.value * (1 + share * exercise.tolerance)
        right = bin_of(name, packed["step"], answer) in packed["right"]
        assert right == exercise.verdict(answer).right == (abs(share) < 1), share


@pytest.mark.parametrize("name", [name for name in NUMBERS if NUMBERS[name].slips])
def test_a_slip_gets_the_notebooks_message(name):
    packed = Asked(name, NUMBERS[name]).check()
    for value, why in NUMBERS[name].slips:
        found = [said for hashes, said in packed["slips"] if bin_of(name, packed["step"], value) in hashes]
        assert found[0] == why == NUMBERS[name].verdict(value).message


def test_the_page_holds_no_answer_in_readable_form():
    shown = Asked("00.width", NUMBERS["00.width"])._repr_html_()
    assert NUMBERS["00.width"].praise not in shown and "14.7" not in shown and "✓" not in shown
    assert json.loads(base64.b64decode(shown.split('data-check="')[1].split('"')[0]))["step"] == 0.03 / 20


def test_signs_and_zero_are_told_apart():
    assert not set(hashes("a", 2.0, 0.02, 1e-3)) & set(hashes("a", -2.0, 0.02, 1e-3))
    assert hashes("a", 0, 0.02, 1e-3) == [hashed("a:0")]


def test_hashes_of_all_exercises_differ():
    every = [h for name in NUMBERS for h in Asked(name, NUMBERS[name]).check()["right"]]
    assert len(set(every)) == len(every) and all(0 <= h < 2**53 for h in every)


def test_check_asks_in_a_page_and_answers_in_a_notebook(monkeypatch):
    assert check("00.width", 14.7).right
    monkeypatch.setenv("FMSPACE_NB_FROZEN", "1")
    assert "data-answer" in check("00.width", 14.7)._repr_html_()
    wants_a_function = check("01.share", None)._repr_html_()
    assert "asks for a function" in wants_a_function and "data-answer" not in wants_a_function
    with pytest.raises(ValueError, match="exercise must be"):
        check("00.unknown", 1)
