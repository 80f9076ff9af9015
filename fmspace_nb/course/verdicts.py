"""What an exercise expects, a number or a function, and the verdict on an answer, with a message that helps."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from fmspace_nb import arguments


class Verdict(NamedTuple):
    """Whether an answer is right, and what to say about it."""

    right: bool
    message: str

    def __repr__(self) -> str:
        return f"{'✓' if self.right else '✗'} {self.message}"


class Number(NamedTuple):
    """An exercise whose answer is a number: within `tolerance` of `value`, relative; `slips` name wrong values often
    met."""

    value: float
    praise: str
    hint: str
    tolerance: float = 0.02
    slips: tuple[tuple[float, str], ...] = ()

    def verdict(self, answer) -> Verdict:
        answer = arguments.real("answer", answer)
        if math.isclose(answer, self.value, rel_tol=self.tolerance):
            return Verdict(True, self.praise)
        for value, why in self.slips:
            if math.isclose(answer, value, rel_tol=self.tolerance):
                return Verdict(False, why)
        return Verdict(False, self.hint)


class Function(NamedTuple):
    """An exercise whose answer is a function: equal to `reference` at the points `at` (tuples of arguments).

    slips: (wrong function, what to say), for those often met.
    """

    reference: Callable
    at: tuple[tuple, ...]
    praise: str
    hint: str
    tolerance: float = 1e-6
    slips: tuple[tuple[Callable, str], ...] = ()

    def verdict(self, answer) -> Verdict:
        if not callable(answer):
            raise TypeError(f"answer must be a function, got {answer!r} of type {type(answer).__name__}")
        wrong = self._first_difference(answer, self.reference)
        if wrong is None:
            return Verdict(True, self.praise)
        for slip, why in self.slips:
            if self._first_difference(answer, slip) is None:
                return Verdict(False, why)
        point, found, wanted = wrong
        values = ", ".join(f"{value:g}" for value in point)
        return Verdict(False, f"at ({values}) yours gives {found}, it should be {wanted}. {self.hint}")

    def _first_difference(self, answer, reference):
        """(point, found, wanted) where the two first differ; None if nowhere."""
        for point in self.at:
            found, wanted = np.asarray(answer(*point), dtype=float), np.asarray(reference(*point), dtype=float)
            if found.shape != wanted.shape or not np.allclose(found, wanted, rtol=self.tolerance, atol=self.tolerance):
                return point, found, wanted
        return None
