"""Exercises in an exported page: a field, the notebook's check and its messages, a hint after two misses."""

import pytest

from fmspace_nb.course.exercises import EXERCISES


@pytest.fixture(params=["00_start_here.html", "00_start_here.slides.html"])
def page(open_page, request):
    found = open_page(request.param)
    yield found
    assert found.complaints == []


@pytest.fixture(params=["00_start_here"])
def article(open_page, request):
    return open_page(f"{request.param}.html")


def answer(page, name, text):
    """What the page says to an answer."""
    group = page.locator(f"[data-answer='{name}']")
    group.evaluate("(g, text) => { g.querySelector('input').value = text; g.querySelector('button').click() }", text)
    return group.locator("[role=status]").text_content()


def test_nothing_is_said_before_the_reader_has_tried(article):
    assert article.locator("[data-answer]").count() == 3 and "✓" not in article.locator("article").inner_text()
    assert article.locator("details.solution[open]").count() == 0


def test_enter_in_the_field_is_an_answer(article):
    article.locator("[data-answer='00.width'] input").fill("14.7")
    article.keyboard.press("Enter")
    article.locator("[data-answer='00.width'][data-state=right]").wait_for()


def test_an_answer_gets_the_notebooks_message(page):
    right = EXERCISES["00.width"]
    for text in ("14.7", "14,7", "42.4 / 2.89", "1.47e1"):
        assert answer(page, "00.width", text) == f"✓ {right.praise}"
    assert answer(page, "00.width", "4") == f"✗ {right.slips[0][1]}"


def test_two_misses_bring_the_hint(page):
    assert answer(page, "00.stretch", "3") == "✗ Not yet."
    assert answer(page, "00.stretch", "5") == f"✗ {EXERCISES['00.stretch'].hint}"


def test_what_is_no_number_is_said_and_is_no_miss(page):
    assert "not “many”" in answer(page, "00.missing", "many")
    assert answer(page, "00.missing", "7") == "✗ Not yet."
