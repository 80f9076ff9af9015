"""Verdicts: how near an answer must come, which message it gets, and that every point of a function counts."""

import math

import pytest

from fmspace_nb.course.verdicts import Function, Number, Verdict

HALF = Number(-0.5, "Yes.", "Halve it.", tolerance=0.02, slips=((0.5, "The sign."), (-2.0, "The other way round.")))
ROOT = Function(math.sqrt, ((4.0,), (9.0,)), "Yes.", "Square it.", slips=((lambda x: x / 2, "That is half."),))


@pytest.mark.parametrize(
    "answer, right", [(-0.5, True), (-0.5099, True), (-0.4901, True), (-0.5103, False), (-0.4897, False)]
)
def test_a_number_is_right_within_its_relative_tolerance(answer, right):
    assert HALF.verdict(answer) == Verdict(right, "Yes." if right else "Halve it.")


@pytest.mark.parametrize("answer, message", [(0.505, "The sign."), (-2.02, "The other way round."), (2.0, "Halve it.")])
def test_a_wrong_number_gets_the_message_of_its_slip_or_the_hint(answer, message):
    assert HALF.verdict(answer) == Verdict(False, message)


def test_a_function_is_right_where_it_equals_the_reference_at_every_point():
    assert ROOT.verdict(lambda x: x**0.5) == Verdict(True, "Yes.")
    assert ROOT.verdict(lambda x: x / 2) == Verdict(False, "That is half.")
    assert ROOT.verdict(lambda x: 2.0) == Verdict(False, "at (9) yours gives 2.0, it should be 3.0. Square it.")


def test_a_function_of_several_values_must_give_all_of_them():
    pair = Function(lambda x, y: (x + y, x * y), ((1.0, 2.0), (3.0, 5.0)), "Yes.", "Sum and product.")
    assert pair.verdict(lambda x, y: [x + y, y * x]).right
    for wrong in (
        lambda x, y: x + y,
        lambda x, y: (x * y, x + y),
        lambda x, y: (x + y, x * y, 0),
        lambda x, y: (3.0, 2.0),
    ):
        assert not pair.verdict(wrong).right


def test_not_a_number_is_never_right():
    assert not ROOT.verdict(lambda x: math.nan).right
    with pytest.raises(ValueError, match="answer must be a finite number .*got nan"):
        HALF.verdict(math.nan)


@pytest.mark.parametrize("exercise, answer, words", [(HALF, "0.5", "answer must be a .*number"),
                                                     (HALF, math.sqrt, "answer must be a .*number"),
                                                     (ROOT, 2.0, "answer must be a function, got 2.0 of type float")])
def test_an_answer_of_another_kind_is_refused(exercise, answer, words):
    with pytest.raises(TypeError, match=words):
        exercise.verdict(answer)


def test_a_verdict_reads_as_a_mark_and_a_sentence():
    assert repr(Verdict(True, "Yes.")) == "✓ Yes." and repr(Verdict(False, "Halve it.")) == "✗ Halve it."
