"""Evidence: what a claim needs to hold, the fitted exponent with its error, and how numbers are shown."""

import numpy as np
import pytest

from fmspace_nb.course.evidence import Claim, ClaimTable, Rate, fitted_rate, number


def test_fitted_exponent_is_that_of_a_power_law():
    at = np.array([1.0, 2.0, 4.0, 8.0])
    rate = fitted_rate("d", at, 3 * at**-1.5, errors=0.03 * at**-1.5, stated=-1.5)
    assert rate.fitted == pytest.approx(-1.5, abs=1e-12)
    noise = np.random.default_rng(0).standard_normal((4000, 4))
    spread = np.std([fitted_rate("d", at, 3 * at**-1.5 * (1 + 0.01 * z), stated=0).fitted for z in noise])
    assert rate.error == pytest.approx(spread, rel=0.05)


@pytest.mark.parametrize("relation, stated, fitted, holds", [
    ("=", 1, 1.04, True), ("=", 1, 1.1, False), ("≤", -2, -1.0, False), ("≤", -2, -3.0, True), ("<", -0.5, -0.5, False),
    ("<", -0.5, -0.9, True)])
def test_a_rate_holds_as_its_relation_says(relation, stated, fitted, holds):
    assert Rate("d", stated, fitted, relation=relation).holds is holds


@pytest.mark.parametrize(
    "value, error, text",
    [
        (104.61, 1.1, "104.6"),
        (0.43279, 0.0042, "0.4328"),
        (1.305e-6, 5.1e-8, "1.305×10⁻⁶"),
        (0.0, 1.0, "0"),
        (4.0, 0.0, "4"),
        (-0.5079, 0.0, "−0.5079"),
        (4.81e-16, 1e-15, "5×10⁻¹⁶"),
        (152.28, 0.0, "152.3"),
        (12345.6, 300.0, "12346"),
    ],
)
def test_numbers_are_shown_to_the_second_digit_of_their_error(value, error, text):
    assert number(value, error) == text


def test_claims_table_states_the_allowance_that_a_row_is_given():
    rate = Rate("d", 0.5, 0.55, error=0.02, allowed=0.06)
    row = ClaimTable([Claim("eq.", "s", "q", 1.02, 0.01, "02_one_step", 1.0, 0.03, rate)])._repr_html_()
    assert "(±\u00a03\u00a0%)" in row and "(±\u00a00.06)" in row
    bare = ClaimTable([Claim("eq.", "s", "q", 1.02, 0.01, "02_one_step", 1.0)])._repr_html_()
    assert "%" not in bare


@pytest.mark.parametrize(
    "measured, predicted, tolerance, holds",
    [
        (1.29, 1.0, 0.0, True),
        (1.31, 1.0, 0.0, False),
        (0.69, 1.0, 0.0, False),
        (1.33, 1.0, 0.05, True),
        (1.36, 1.0, 0.05, False),
        (-1.33, -1.0, 0.05, True),
        (7.0, None, 0.0, True),
    ],
)
def test_a_claim_holds_within_three_errors_and_its_tolerance(measured, predicted, tolerance, holds):
    claim = Claim("eq.", "s", "q", measured, 0.1, "02_one_step", predicted, tolerance)
    assert claim.holds is holds
    row = ClaimTable([claim])._repr_html_()
    assert ("<td>yes</td>" in row) is holds and ("<b>no</b>" in row) is not holds


def test_a_claim_holds_no_better_than_its_rate():
    good, bad = Rate("d", -1, -1.02), Rate("d", -1, -0.8)
    assert [Claim("eq.", "s", "q", 1.0, 0.1, "02_one_step", 1.0, rate=rate).holds for rate in (good, bad)] == [
        True,
        False,
    ]


def test_texts_are_raised_and_lowered_and_nothing_else():
    row = ClaimTable(
        [Claim("Theorem 1", "η^{4}/d^{5} < λ_{max}", "q", 2.0, 0.0, "02_one_step", note="<i>")]
    )._repr_html_()
    assert "η<sup>4</sup>/d<sup>5</sup> &lt; λ<sub>max</sub>" in row and "&lt;i&gt;" in row and "<i>" not in row
    assert '<a href="02_one_step.ipynb">Theorem 1</a>' in row


@pytest.mark.parametrize(
    "at, values", [([1.0, 2.0], [1.0, 0.0]), ([0.0, 2.0], [1.0, 1.0]), ([1.0, 2.0], [1.0, np.nan])]
)
def test_no_exponent_is_fitted_to_what_has_no_logarithm(at, values):
    with pytest.raises(ValueError, match="must be"):
        fitted_rate("d", at, values, stated=1)


def test_a_browser_lab_counts_the_claims_and_others_do_not(monkeypatch, capsys):
    tested = [lambda: "first", lambda: "second"]
    assert ClaimTable.tested(tested) == ["first", "second"] and capsys.readouterr().out == ""
    monkeypatch.setattr("sys.platform", "emscripten")
    assert ClaimTable.tested(tested) == ["first", "second"]
    assert [part.strip() for part in capsys.readouterr().out.split("\r")] == [
        "", "0 of 2 claims tested …", "1 of 2 claims tested …", "", ""]
