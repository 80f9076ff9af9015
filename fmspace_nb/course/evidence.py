"""What a claim of the paper is here: a statement, a number that theory predicts, the number found, and how it
scales."""

from __future__ import annotations

import html
import math
import re
import sys
from dataclasses import dataclass

import numpy as np

from fmspace_nb import arguments

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Rate:
    """A power law: how the quantity scales with `variable`, stated (relation "=", "≤" or "<") and fitted with its
    standard error.

    allowed: how far corrections of higher order may keep the fit from the stated exponent at the sizes used.
    """

    variable: str
    stated: float
    fitted: float
    error: float = 0.0
    relation: str = "="
    allowed: float = 0.05

    @property
    def holds(self) -> bool:
        margin = 3 * self.error + self.allowed
        above = self.fitted - self.stated
        return bool({"=": abs(above) <= margin, "≤": above <= margin, "<": above < -margin}[self.relation])


@dataclass(frozen=True)
class Claim:
    """One claim of the paper and its test; in its texts ^{…} is raised and _{…} lowered.

    predicted, measured, error: the quantity by theory, as found, and the standard error of that (0: no chance in it);
    predicted is None where the paper states a rate alone. tolerance: what theory leaves out at these sizes, as a share
    of the prediction.
    """

    source: str
    statement: str
    quantity: str
    measured: float
    error: float
    chapter: str
    predicted: float | None = None
    tolerance: float = 0.0
    rate: Rate | None = None
    note: str = ""

    @property
    def holds(self) -> bool:
        """Whether the value lies within 3 standard errors (and the tolerance) of theory, and the exponent where it is
        stated to."""
        if self.predicted is not None and abs(self.measured - self.predicted) > 3 * self.error + self.tolerance * abs(
            self.predicted
        ):
            return False
        return self.rate is None or self.rate.holds


def fitted_rate(variable: str, at, values, errors=None, **more) -> Rate:
    """The exponent of a power law through values (n,) at `at` (n,), by least squares on logarithms; its error from
    those of the values.

    Raises:
        ValueError: a value or a place that is not positive and finite.
    """
    at, values = arguments.array("at", at, minimum=1e-300), arguments.array("values", values, minimum=1e-300)
    x, y = np.log(at) - np.mean(np.log(at)), np.log(values)
    error = 0.0 if errors is None else math.sqrt(np.sum((x * np.divide(errors, values)) ** 2)) / (x @ x)
    return Rate(variable, fitted=float(x @ y / (x @ x)), error=error, **more)


class ClaimTable(list):
    """A list of claims that a notebook shows as a table, each linked to its chapter."""

    @classmethod
    def tested(cls, claims) -> ClaimTable:
        """The claims that these functions give; in a browser lab, where they take a while, they are counted."""
        found = cls()
        for claim in claims:
            _count(f"{len(found)} of {len(claims)} claims tested …")
            found.append(claim())
        _count("")
        return found

    def _repr_html_(self) -> str:
        head = "".join(
            f"<th>{name}</th>" for name in ("", "claim", "tested by", "predicted", "measured", "scaling", "holds")
        )
        return f'<table class="claims"><thead><tr>{head}</tr></thead><tbody>{"".join(map(_row, self))}</tbody></table>'


def _count(said: str) -> None:
    if sys.platform == "emscripten":
        print(f"\r{said:40}", end="" if said else "\r", flush=True)


def _row(claim: Claim) -> str:
    chapter = f'<a href="{claim.chapter}.ipynb">{_marked(claim.source)}</a>'
    tested = _marked(claim.quantity) + (f"<br><small>{_marked(claim.note)}</small>" if claim.note else "")
    found = number(claim.measured, claim.error) + (f"\u00a0± {number(claim.error, claim.error)}" if claim.error else "")
    predicted = "" if claim.predicted is None else number(claim.predicted, claim.error) + _allowance(claim)
    cells = (
        chapter,
        _marked(claim.statement),
        tested,
        predicted,
        found,
        _scaling(claim.rate),
        "yes" if claim.holds else "<b>no</b>",
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _allowance(claim: Claim) -> str:
    return f"<br><small>(±\u00a0{100 * claim.tolerance:g}\u00a0%)</small>" if claim.tolerance else ""


def _scaling(rate: Rate | None) -> str:
    if rate is None:
        return ""
    error = f" (±\u00a0{rate.error:.2f})" if rate.error >= 0.005 else ""
    relation = "" if rate.relation == "=" else f"{rate.relation} "
    stated = _marked(f"{relation}{rate.variable}^{{{rate.stated:.2f}}}").replace("-", "−")
    return _marked(f"∝\u00a0{rate.variable}^{{{rate.fitted:.2f}}}{error}").replace("-", "−") + \
        f"<br><small>stated: {stated} (±\u00a0{rate.allowed:g})</small>"


def _marked(text: str) -> str:
    """The text as HTML, nothing in it taken for tags but ^{…} and _{…}."""
    return re.sub(r"_\{([^}]*)\}", r"<sub>\1</sub>", re.sub(r"\^\{([^}]*)\}", r"<sup>\1</sup>", html.escape(text)))


def number(value: float, error: float = 0.0) -> str:
    """The value to the second digit of its error (four digits where it has none): 104.6, 0.433, 1.31×10⁻⁶."""
    if value == 0:
        return "0"
    sure = math.floor(math.log10(abs(value))) - math.floor(math.log10(error)) + 2 if error else 4
    digits = min(max(sure, 1), 6)
    if 1e-3 <= abs(value) < 1e5:
        places = max(digits - 1 - math.floor(math.log10(abs(value))), 0)
        text = f"{value:.{places}f}"
        text = text if error else text.rstrip("0").rstrip(".") if "." in text else text
    else:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        text = f"{mantissa}×10{str(int(exponent)).translate(_SUPERSCRIPT)}"
    return text.replace("-", "−")
