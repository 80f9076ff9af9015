"""What a lecturer does with slides whose sliders live: turn them, link to one, speak from the notes, print them."""

import re

import pytest
from driving import Driven
from pages import values
from tabs import stopped_clock


@pytest.fixture
def deck(open_page):
    page = open_page("membrane.slides.html")
    yield page
    assert page.complaints == [] and len(page.requests) == 1


def number(page):
    return page.locator(".slide-number").inner_text().split()[0]


def test_arrow_keys_turn_slides_but_not_while_a_slider_has_them(deck):
    assert number(deck) == "1"
    deck.keyboard.press("ArrowRight")
    deck.keyboard.press("ArrowRight")  # the fragment with the explorer
    assert number(deck) == "2"
    beats = Driven(deck, "beats")
    beats.settle()
    before = beats.at
    beats.press("frequency", "ArrowRight", "ArrowUp", "ArrowLeft", "End")
    beats.press("envelope", "ArrowDown")
    beats.settle()
    assert number(deck) == "2" and beats.at != before
    deck.keyboard.press("Escape")
    deck.keyboard.press("ArrowRight")
    assert number(deck) == "4"


@pytest.mark.parametrize("name", ["00_start_here"])
def test_a_deck_leads_to_the_other_decks(open_page, name):
    deck = open_page(f"{name}.slides.html")
    menu = deck.locator("details.course")
    menu.locator("summary").focus()
    deck.keyboard.press("Enter")
    assert name in menu.locator("[aria-current=page]").get_attribute("href") and number(deck) == "1"
    menu.get_by_role("link").last.click()
    deck.wait_for_url("**/membrane.slides.html*")
    assert deck.complaints == []


def test_a_clicker_turns_slides_whatever_has_the_focus(deck):
    deck.keyboard.press("PageDown")
    deck.keyboard.press("PageDown")
    beats = Driven(deck, "beats")
    beats.settle()
    beats.drag("frequency", 0.6)
    before = beats.at
    deck.keyboard.press("PageDown")
    assert number(deck) == "3" and beats.at == before
    deck.keyboard.press("PageUp")
    assert number(deck) == "2" and beats.at == before
    for key in ("b", "."):
        beats.control("envelope").focus()
        deck.keyboard.press(key)
        deck.locator(".reveal.paused").wait_for()
        deck.keyboard.press(key)
        deck.locator(".reveal:not(.paused)").wait_for()


def test_the_key_p_plays_the_slider_of_the_slide(deck):
    deck.keyboard.press("PageDown")
    deck.keyboard.press("PageDown")
    beats = Driven(deck, "beats")
    beats.settle()
    before = beats.at
    deck.keyboard.press("p")
    beats.figure.locator("[data-play][aria-pressed=true]").first.wait_for()
    deck.wait_for_timeout(600)
    deck.keyboard.press("Shift")
    beats.settle()
    assert beats.at != before and beats.figure.locator("[data-play][aria-pressed=true]").count() == 0


def swipe(page, x, y):
    """A finger put down at a place moves 300 pixels to the left."""
    touch = page.context.new_cdp_session(page)
    points = [{"x": x - 30 * k, "y": y} for k in range(11)]
    for kind, point in [("touchStart", points[0]), *(("touchMove", p) for p in points[1:]), ("touchEnd", None)]:
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point] if point else []})


def test_a_finger_turns_slides_but_not_while_it_moves_a_slider(open_page):
    page = open_page("membrane.slides.html", has_touch=True)
    swipe(page, 900, 150)
    swipe(page, 900, 150)
    assert number(page) == "2"
    beats = Driven(page, "beats")
    beats.settle()
    box, before = beats.control("frequency").bounding_box(), beats.at
    swipe(page, box["x"] + 0.9 * box["width"], box["y"] + box["height"] / 2)
    beats.settle()
    assert number(page) == "2" and beats.at != before


POINT = """gd => {
  const k = gd._fullData.findIndex(({type, visible}) => type === "scatter" && visible === true)
  const {x, y, xaxis, yaxis} = gd._fullData[k], {_offset: left, l2p: across, d2l} = gd._fullLayout.xaxis
  const up = gd._fullLayout.yaxis, n = Array.from(x).findIndex((v, n) => n > x.length / 3 && Number.isFinite(y[n]))
  const box = gd.getBoundingClientRect(), scale = box.width / gd.offsetWidth
  const place = {x: left + across(d2l(x[n])), y: up._offset + up.l2p(up.d2l(y[n]))}
  return {x: box.left + scale * place.x, y: box.top + scale * place.y, at: x[n]}
}"""


HELD = """inside => {
  const stage = document.querySelector(".slides").getBoundingClientRect(), box = inside.getBoundingClientRect()
  const sizes = [...inside.querySelectorAll(".fm-plot")].flatMap(gd => [...gd.querySelectorAll("text")]
    .filter(text => text.textContent.trim())
    .map(text => parseFloat(getComputedStyle(text).fontSize) * gd.getBoundingClientRect().width / gd.offsetWidth))
  const held = box.bottom <= stage.bottom + 1 && inside.scrollWidth <= inside.clientWidth + 1
  return [held, sizes.length ? Math.min(...sizes) : null]
}"""


@pytest.mark.parametrize("name, ending, width", [("membrane", ".slides.html", 1280), ("membrane", ".slides.html", 1920),
                                                 ("12_handout", ".html", 1600), ("12_handout", ".html", 1000),
                                                 ("membrane", ".html", 390)])
def test_the_pointer_finds_the_point_it_is_over_however_a_figure_is_scaled(open_page, name, ending, width):
    page = open_page(name + ending, viewport={"width": width, "height": 900})
    for _ in range(2 if "slides" in ending else 0):
        page.keyboard.press("PageDown")
    driven = Driven(page, page.locator("[data-explorer]").first.get_attribute("data-explorer"))
    driven.settle()
    page.wait_for_timeout(300)  # what glided is drawn by plotly
    point = driven.plot.evaluate(POINT)
    page.mouse.move(point["x"] - 5, point["y"])
    page.mouse.move(point["x"], point["y"])
    page.wait_for_timeout(200)
    found = driven.plot.evaluate("gd => gd._hoverdata?.map(({x}) => x) ?? []")
    assert any(abs(x - point["at"]) <= 1e-6 * abs(point["at"]) for x in found), (found, point)


def test_the_address_of_a_deck_holds_slide_and_sliders(deck, open_page):
    deck.keyboard.press("ArrowRight")
    deck.keyboard.press("ArrowRight")
    beats = Driven(deck, "beats")
    beats.settle()
    beats.press("detuning", "End")
    beats.settle()
    deck.wait_for_timeout(500)
    address = deck.url.partition("#")[2]
    assert address == "slide=1.0.0&detuning=0.5"
    again = open_page("membrane.slides.html", f"#{address}")
    Driven(again, "beats").settle()
    assert number(again) == "2" and values(again, "beats")["detuning"] == 0.5
    assert again.complaints == []


def test_an_address_turns_to_the_slide_of_the_figure_it_names(open_page):
    page = open_page("membrane.slides.html", "#figure=decay&damping=4")
    Driven(page, "decay").settle()
    assert number(page) == "4" and values(page, "decay")["damping"] == 4
    assert page.complaints == []


def test_the_speaker_has_notes_and_the_next_slide(deck):
    with deck.expect_popup() as opened:
        deck.keyboard.press("s")
    speaker = opened.value
    assert speaker.title() == f"Speaker · {deck.title()}"
    assert "Ask what detuning does to the sum" in speaker.locator(".notes").inner_text()
    assert "The sum of two tones" in speaker.locator(".next").inner_text()
    assert speaker.locator(".number").inner_text() == "1 / 4"
    speaker.keyboard.press("ArrowRight")
    deck.wait_for_timeout(300)
    assert number(deck) == "2" and speaker.locator(".now").inner_text() == "The sum of two tones"
    assert "Several lines at once" in speaker.locator(".next").inner_text()
    speaker.close()


def test_the_speaker_sees_how_long_the_talk_has_taken(deck):
    clock = stopped_clock(deck)
    with deck.expect_popup() as opened:
        deck.keyboard.press("s")
    elapsed = opened.value.locator(".elapsed")
    assert elapsed.inner_text() == "00:00"
    clock.run_for(75_000)
    assert elapsed.inner_text() == "01:15"
    opened.value.locator(".restart").click()
    assert elapsed.inner_text() == "00:00"
    opened.value.close()


def test_nothing_of_a_slide_is_cut_off(deck):
    for _ in range(8):
        deck.wait_for_timeout(500)
        below = deck.locator("section.present .inside").last.evaluate(
            "e => e.getBoundingClientRect().bottom - document.querySelector('.slides').getBoundingClientRect().bottom")
        assert below <= 0, number(deck)
        deck.keyboard.press("ArrowDown" if number(deck) == "2" else "ArrowRight")


@pytest.mark.parametrize("name", ["05_reshaped_spectrum", "08_where_it_breaks", "10_seminar"])
def test_a_slide_is_cut_nowhere_and_labels_of_its_figure_are_legible_from_the_back_row(open_page, name):
    page = open_page(f"{name}.slides.html", viewport={"width": 1280, "height": 720})
    count, figures = int(page.locator(".slide-number").inner_text().split("/")[1]), 0
    for k in range(1, count + 1):
        slide = page.locator("section.present:not(:has(> section)) .inside")
        if slide.locator(".fm-frozen").count():
            slide.locator("[data-state=ready]").first.wait_for()
            figures += 1
        held, smallest = slide.evaluate(HELD)
        assert held, (k, "is cut")
        assert smallest is None or smallest >= 18, (k, smallest)
        page.keyboard.press("PageDown")
    assert figures >= 3 and page.complaints == []


def test_slides_print_one_to_a_page_with_their_figures_and_notes(open_page):
    page = open_page("membrane.slides.html", "?print-pdf")
    all_in_deck = page.locator(".fm-frozen")
    for k in range(all_in_deck.count()):
        all_in_deck.nth(k).locator("[data-state='ready']").wait_for()
    page.wait_for_timeout(500)
    pdf = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 5  # four slides and a page of notes
    assert page.complaints == []
