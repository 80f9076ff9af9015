"""A word, a symbol or the number of an equation shows what it stands for, to a pointer, a keyboard and a finger."""

import pytest


@pytest.fixture(params=["03_spike"])
def page(open_page, request):
    found = open_page(f"{request.param}.html", has_touch=True)
    yield found
    assert found.complaints == []


def test_a_word_shows_its_entry_under_the_pointer(page):
    word = page.locator("[data-card]").first
    word.hover()
    card = page.locator("#card")
    card.get_by_text("leaves the Marchenko").wait_for()
    assert card.locator(".katex").count() == 1 and word.get_attribute("aria-describedby") == "card"
    box = card.bounding_box()
    assert 0 <= box["x"] and box["x"] + box["width"] <= 1280
    page.mouse.move(5, 5)
    card.wait_for(state="hidden")


def test_a_card_stays_while_the_pointer_is_on_it(page):
    page.locator("[data-card]").first.hover()
    card = page.locator("#card")
    card.wait_for()
    box = card.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 10)
    page.wait_for_timeout(500)  # twice the moment it has to get there
    assert card.is_visible()
    page.mouse.move(5, 5)
    card.wait_for(state="hidden")


def test_the_keyboard_opens_a_card_and_escape_closes_it(page):
    page.locator("[data-card]").first.focus()
    page.locator("#card").wait_for()
    page.keyboard.press("Escape")
    page.locator("#card").wait_for(state="hidden")


def test_a_number_shows_its_equation(page):
    number = page.locator("a.number:visible").first
    number.scroll_into_view_if_needed()
    page.wait_for_timeout(300)  # scrolling closes cards
    number.hover()
    page.locator("#card .katex-display").wait_for()
    shown = page.locator("#card annotation").text_content()
    assert f"\\tag{{{number.inner_text().strip('()')}}}" in shown


def test_a_first_tap_shows_and_a_second_follows(page):
    word = page.locator("[data-card]").first
    word.evaluate("a => { a.href = '#Exercises' }")
    word.tap()
    page.locator("#card").wait_for()
    assert "#Exercises" not in page.url
    word.tap()
    page.wait_for_url("**#Exercises")


@pytest.fixture(params=["03_spike"])
def deck(open_page, request):
    found = open_page(f"{request.param}.slides.html", has_touch=True)
    yield found
    assert found.complaints == []


def turned_to(deck, link):
    """The link, on the slide that has it."""
    deck.evaluate("""link => {
      const place = node => [...node.parentElement.children].indexOf(node)
      const section = document.querySelector(`section ${link}`).closest("section"), above = section.parentElement
      location.hash = `slide=${above.matches("section") ? `${place(above)}.${place(section)}` : place(section)}`
    }""", link)
    return deck.locator(f"section.present {link}").first


def test_a_deck_shows_words_and_equations_and_a_turn_of_the_slide_closes_the_card(deck):
    card = deck.locator("#card")
    words, equation = "a[data-card^=card-]:not(.number)", "a.number[href$='.html']"
    for link, said in ((words, "p"), (equation, ".katex-display")):
        turned_to(deck, link).focus()
        card.locator(said).first.wait_for()
        assert deck.locator(f"section.present {link}").first.get_attribute("aria-describedby") == "card"
        deck.keyboard.press("PageDown")
        card.wait_for(state="hidden")


def test_escape_closes_a_card_and_leaves_the_slide_as_it_is(deck):
    turned_to(deck, "a[data-card]").focus()
    deck.locator("#card").wait_for()
    deck.keyboard.press("Escape")
    deck.locator("#card").wait_for(state="hidden")
    assert deck.locator(".reveal.overview").count() == 0


def test_a_number_leads_to_the_slide_of_its_equation(deck):
    number = turned_to(deck, "a.number[href^='#equation']")
    equation = number.get_attribute("href")
    number.press("Enter")
    deck.locator(f"section.present {equation}").wait_for()
