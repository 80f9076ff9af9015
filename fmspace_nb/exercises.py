"""The course's exercises: the reader's number or function is checked, with a message that helps."""

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
    """An exercise whose answer is a number: within `tolerance` of `value`, relative; `slips` name wrong values often met."""

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
    """An exercise whose answer is a function: equal to `reference` at the points `at` (tuples of arguments)."""

    reference: Callable
    at: tuple[tuple, ...]
    praise: str
    hint: str
    tolerance: float = 1e-6

    def verdict(self, answer) -> Verdict:
        if not callable(answer):
            raise TypeError(f"answer must be a function, got {answer!r} of type {type(answer).__name__}")
        for point in self.at:
            found, wanted = np.asarray(answer(*point), dtype=float), np.asarray(self.reference(*point), dtype=float)
            if found.shape != wanted.shape or not np.allclose(found, wanted, rtol=self.tolerance, atol=self.tolerance):
                values = ", ".join(f"{value:g}" for value in point)
                return Verdict(False, f"at ({values}) yours gives {found}, it should be {wanted}. {self.hint}")
        return Verdict(True, self.praise)


EXERCISES: dict[str, Number | Function] = {
    "01.degree": Number(1274, "Yes: N(50, 2) = C(51, 2) − C(49, 0).", "Use N(d, k) = C(d+k−1, k) − C(d+k−3, k−2) at d = 50, k = 2.",
                        tolerance=1e-9, slips=((1275, "Nearly: one combination of the products x_i x_j is not harmonic, ‖x‖² itself."),)),
    "01.trace": Number(0.5 - 100 / 400, "Yes: the linear level alone holds half of the trace, at every dimension.",
                       "The trace is ½; level 1 has d functions of eigenvalue 1/(4d). What is left?"),
    "01.share": Function(lambda dim, k: math.comb(dim + k - 1, k) - (math.comb(dim + k - 3, k - 2) if k >= 2 else 0),
                         ((3, 0), (3, 1), (3, 4), (10, 2), (50, 3)), "Yes, and for d = 3 it is the 2k + 1 of the hydrogen atom.",
                         "For k < 2 there is nothing to subtract."),
    "03.width": Number(2**-0.75, "Yes: β^{3/4} in (3). A narrow network shows its spike sooner.",
                       "η_c ∝ β^{3/4} at fixed d, α and target: what does halving β do?",
                       slips=((2**0.75, "The other way round: a narrower network needs a smaller step."),
                              (0.5, "That would be η_c ∝ β; in (3) it is β^{3/4}."))),
    "03.dimension": Number(2.0, "Yes: η_c ~ √d.", "At fixed β and α only √d changes in (3)."),
    "03.overlap": Function(lambda delta, ratio: (1 - ratio / delta**2) / (1 + ratio / delta) if delta > math.sqrt(ratio) else 0.0,
                           ((0.5, 1.0), (1.5, 1.0), (3.0, 0.5), (20.0, 2.0)), "Yes, also inside the bulk.",
                           "Below δ = √φ the outlier has not detached and the overlap is 0."),
    "05.linear": Number(3.0, "Yes: (A + B)/A.", "By (1) the ratio of the two linear levels is (A + B)/A."),
    "05.legs": Number(9.0, "Yes: two legs, twice the factor 1 + B/A.", "The law is (1 + B/A)^l with l = 2.",
                      slips=((3.0, "That is the growth with one leg."), (6.0, "Legs multiply, they do not add."))),
    "05.trace": Function(lambda dim, bulk, spike: (bulk + spike / dim) / 2, ((10, 1.0, 5.0), (300, 1.2, 848.0)),
                         "Yes: no step hides anything from the trace.", "E k₁(x, x) = ½ E xᵀΓx/d for ReLU."),
    "06.saturation": Number(math.degrees(math.atan(math.sqrt(2))), "Yes: tan φ_∞ = p/√2 with p = 2.",
                            "E[|t|^p h₂(t)]/E|t|^p with h₂ = (t² − 1)/√2 is tan φ_∞: Ψ → |t|^p as B → ∞. In degrees.",
                            slips=((math.degrees(math.atan(2**-0.5)), "That is p = 1, ReLU."),
                                   (math.atan(math.sqrt(2)), "Right, in radians; the answer is asked in degrees."))),
    "06.slope": Number(2**-0.5, "Yes: E δ(z)/(√2 E max(z, 0)) = 1/√2, for σ'' is a delta function.",
                       "Put E σ''(z) = 1/√(2π) and E σ(z) = 1/√(2π) into the small-spike law."),
    "06.tangent": Function(lambda dim: math.sqrt((dim - 1) * (dim + 2) / 2) / (dim + 1), ((2,), (10,), (1000,)),
                           "Yes, and 1/√2 as d → ∞.", "tan φ_∞ = ⟨|t|, Q⟩/⟨|t|, R⟩ with R = ‖x‖/√d."),
}


def check(exercise: str, answer) -> Verdict:
    """Whether the answer to an exercise is right, with a message that helps.

    Args:
        exercise: its name, such as "03.width".
        answer: a number or a function, as the exercise asks; None for none yet.

    Raises:
        ValueError: an unknown exercise.
    """
    arguments.choice("exercise", exercise, tuple(EXERCISES))
    if answer is None:
        return Verdict(False, "No answer yet: put yours in the cell above and run both.")
    try:
        return EXERCISES[exercise].verdict(answer)
    except Exception as error:  # the reader's own code may fail in any way: say how, and leave the notebook running
        return Verdict(False, f"{type(error).__name__}: {error}")
