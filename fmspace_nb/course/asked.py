"""An exercise in an exported page: a field, and all that is needed to check an answer without a kernel."""

from __future__ import annotations

import base64
import html
import json
import math

from fmspace_nb.course.verdicts import Function, Number

_FINE = 20  # bins of the logarithm in one tolerance: an answer is right to within a twentieth of the tolerance


class Asked:
    """An exercise as HTML: the field of a number with its check, or where to go with a function.

    The page gets the messages, and of the right and the often met wrong numbers only hashes: of the exercise's name and
    of the number of the bin that ln |answer| falls in. answers.js has the other end.
    """

    def __init__(self, name: str, exercise: Number | Function):
        self.name, self.exercise = name, exercise

    def __repr__(self) -> str:
        return "Put your answer in the field." if isinstance(self.exercise, Number) else self._elsewhere()

    def _repr_html_(self) -> str:
        if isinstance(self.exercise, Function):
            return f'<p class="fm-answer note">{html.escape(self._elsewhere())}</p>'
        packed = base64.b64encode(json.dumps(self.check()).encode()).decode()
        return (f'<div class="fm-answer" data-answer="{html.escape(self.name)}" data-check="{packed}">'
                f'<label>Your answer <input type="text" inputmode="decimal" autocomplete="off"></label> '
                f'<button type="button">Check</button><p role="status"></p></div>')

    def check(self) -> dict:
        """{"step", "right", "slips", "praise", "hint"}: step is a bin's width, the others are hashes and messages."""
        exercise = self.exercise
        step = exercise.tolerance / _FINE
        right = hashes(self.name, exercise.value, exercise.tolerance, step)
        slips = [[sorted(set(hashes(self.name, value, exercise.tolerance, step)) - set(right)), why]
                 for value, why in exercise.slips]
        return {"step": step, "right": right, "slips": slips, "praise": exercise.praise, "hint": exercise.hint}

    def _elsewhere(self) -> str:
        return "This exercise asks for a function: check yours in the notebook, where a kernel can run it."


def hashes(salt: str, value: float, tolerance: float, step: float) -> list[int]:
    """The hashes of all bins within the tolerance of a value."""
    if value == 0:
        return [hashed(f"{salt}:0")]
    middle, sign = math.log(abs(value)), "-" if value < 0 else "+"
    reach = -math.log1p(-tolerance)
    first, last = math.ceil((middle - reach) / step), math.floor((middle + reach) / step)
    return sorted(hashed(f"{salt}:{sign}{k}") for k in range(first, last + 1))


def hashed(text: str) -> int:
    """A hash of 53 bits (cyrb53's two multiplications), the same in answers.js."""
    high, low, word = 0xDEADBEEF, 0x41C6CE57, 0xFFFFFFFF
    for code in text.encode():
        high = ((high ^ code) * 2654435761) & word
        low = ((low ^ code) * 1597334677) & word
    high = (((high ^ (high >> 16)) * 2246822507) ^ ((low ^ (low >> 13)) * 3266489909)) & word
    low = (((low ^ (low >> 16)) * 2246822507) ^ ((high ^ (high >> 13)) * 3266489909)) & word
    return (low & 0x1FFFFF) * 2**32 + high
