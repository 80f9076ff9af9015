"""Chapter 00 as a page: one bar, which stays in view, moves all five pictures."""

import pytest
from driving import Driven, figure_function
from pages import all_drawn, values

PICTURES = ("weights", "spectrum", "functions", "top_mode", "learning")


@pytest.fixture(params=["00_start_here"])
def page(open_page, request):
    found = open_page(f"{request.param}.html")
    all_drawn(found)
    yield found
    assert found.complaints == []


def test_the_bar_moves_all_pictures_and_the_address_says_so_once(page):
    bar = Driven(page, "bar")
    bar.press("step_size", "End", "ArrowLeft")
    bar.press("width_ratio", "End")
    for name in PICTURES:
        driven = Driven(page, name)
        driven.settle()
        assert values(page, name) == values(page, "bar") == {"step_size": 560, "width_ratio": 8, "seed": 0}
        assert driven.summary() == figure_function(driven)(step_size=560, width_ratio=8).layout.meta["alt"]
    page.wait_for_timeout(500)
    assert page.url.partition("#")[2] == "step_size=560&width_ratio=8"


def test_all_pictures_show_the_bar_s_network(page):
    bar = page.locator("[data-journey]")
    for press, seed in (("[data-draw-again]", 1), ("[data-draw-all]", "all")):
        bar.locator(press).click()
        for name in PICTURES:
            driven = Driven(page, name)
            driven.settle()
            assert driven.summary() == figure_function(driven)(seed=seed).layout.meta["alt"]
    page.wait_for_timeout(500)
    assert page.url.partition("#")[2] == "seed=all"


def test_the_bar_stays_in_view_and_says_where_one_stands(page):
    bar = page.locator("[data-journey]")
    for eta, said in ((10, "Before the first threshold"), (71, "Past the first threshold")):
        page.locator("[data-explorer=learning]").scroll_into_view_if_needed()
        bar.evaluate("(f, eta) => f.explorer.set({step_size: eta})", eta)
        bar.get_by_text(said).wait_for()
        box = bar.bounding_box()
        assert 0 <= box["y"] and box["y"] + box["height"] < 300


def test_the_address_unties_the_pictures(open_page, page):
    apart = open_page("00_start_here.html", "#together=0")
    Driven(apart, "bar").press("step_size", "End")
    Driven(apart, "bar").settle()
    assert values(apart, "bar")["step_size"] == 1000 and values(apart, "weights")["step_size"] == 150


@pytest.fixture(params=["03_spike"])
def spike_page(open_page, request):
    return open_page(f"{request.param}.html")


def test_a_link_to_another_chapter_takes_the_moved_sliders_along(spike_page, open_page):
    Driven(spike_page, "overlap").press("step_size", "End")
    Driven(spike_page, "overlap").settle()
    target = spike_page.locator("article a[href$='02_one_step.html']").first.element_handle()
    target.evaluate("a => { a.addEventListener('click', event => event.preventDefault()); a.click() }")
    assert target.get_attribute("href").endswith("02_one_step.html#step_size=10000")
