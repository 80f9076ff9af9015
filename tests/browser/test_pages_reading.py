"""What a reader does with a page beside moving sliders: read in the dark, look into the code, link to a moment,
print."""

import io
import re

import pandas as pd
import pytest
from driving import Driven
from pages import all_drawn, values

from fmspace_nb.explorer import Log


@pytest.fixture
def page(open_page):
    page = open_page("membrane.html")
    yield page
    assert page.complaints == [] and len(page.requests) == 1


def background(page):
    return page.evaluate("getComputedStyle(document.documentElement).backgroundColor")


def tick_colour(page):
    return page.locator("[data-explorer=beats] .xtick text").first.evaluate("t => getComputedStyle(t).fill")


def test_light_and_dark_by_the_system_and_by_the_switch_and_figures_follow(open_page):
    seen = {}
    for scheme in ("light", "dark"):
        page = open_page("membrane.html", media={"color_scheme": scheme})
        Driven(page, "beats").settle()
        seen[scheme] = background(page), tick_colour(page)
        page.locator("#theme").click()
        page.wait_for_timeout(400)
        seen[f"switched from {scheme}"] = background(page), tick_colour(page)
        assert page.complaints == []
    assert seen["light"] == seen["switched from dark"] != seen["dark"] == seen["switched from light"]
    assert seen["light"][1] != seen["dark"][1]


def test_one_switch_opens_all_code(page):
    opened = lambda: page.locator("details.code").evaluate_all("all => all.map(d => d.open)")  # noqa: E731
    assert set(opened()) == {False} and len(opened()) == 5
    page.get_by_role("button", name="Code").click()
    assert set(opened()) == {True}
    assert page.locator("details.code .kn").count() > 0  # highlighted
    page.get_by_role("button", name="Code").click()
    assert set(opened()) == {False}


def test_the_contents_follow_the_scroll_and_lead_to_their_sections(page):
    all_drawn(page)
    current = page.locator(".contents a[aria-current]")
    page.locator("#A-membrane").evaluate("h => h.scrollIntoView()")
    page.wait_for_timeout(200)
    assert current.all_inner_texts() == ["A membrane"]
    page.get_by_role("link", name="The sum of two tones").first.click()
    page.wait_for_timeout(200)
    assert page.url.endswith("#The-sum-of-two-tones") and current.all_inner_texts() == ["The sum of two tones"]
    # not under the bar
    assert page.locator("#The-sum-of-two-tones").evaluate("h => h.getBoundingClientRect().top") >= 45


def test_the_state_of_sliders_is_in_the_address(page):
    beats, decay = Driven(page, "beats"), Driven(page, "decay")
    beats.settle()
    decay.settle()
    beats.press("detuning", "End")
    beats.control("envelope").select_option("hidden")
    beats.settle()
    page.wait_for_timeout(500)
    assert page.url.endswith("#detuning=0.5&envelope=hidden")
    decay.press("frequency", "Home")
    decay.settle()
    page.wait_for_timeout(500)
    assert page.url.endswith("#detuning=0.5&envelope=hidden&decay.frequency=0.5")  # two explorers have a frequency
    decay.figure.get_by_role("button", name="Back to the start").click()
    page.wait_for_timeout(500)
    assert page.url.endswith("#detuning=0.5&envelope=hidden")


def test_an_address_leads_to_its_moment(open_page):
    page = open_page("membrane.html", "#frequency=4&detuning=0.5&envelope=hidden&decay.frequency=1&figure=decay")
    for name in ("beats", "decay"):
        Driven(page, name).settle()
    assert values(page, "beats") == {"frequency": 4, "detuning": 0.5, "envelope": "hidden"}
    assert values(page, "decay")["frequency"] == Log(0.5, 4, start=2).thinned(5).nearest("frequency", 1)
    assert Driven(page, "beats").summary() == "Two tones of 4 Hz, detuned by 0.5; the envelope is hidden."
    page.evaluate("location.hash = '#detuning=0.2'")
    Driven(page, "beats").settle()
    assert values(page, "beats")["detuning"] == 0.2 and values(page, "beats")["envelope"] == "hidden"
    assert page.complaints == []


def test_an_address_scrolls_to_the_figure_it_names(open_page):
    page = open_page("membrane.html", "#figure=decay")
    all_drawn(page)
    inside = "f => { const box = f.getBoundingClientRect(); return box.top < innerHeight && box.bottom > 0 }"
    assert page.locator("[data-explorer=decay]").evaluate(inside)


NONSENSE = ["frequency=1e9&detuning=-3", "frequency=NaN&detuning=Infinity", "frequency=&detuning=%20",
            "envelope=__proto__", "=&&&==", "frequency=%E0%A4%A", "constructor=1&toString=2&__proto__=3",
            "frequency=<img src=x onerror=alert(1)>", "figure=nowhere", "detuning=0.1%00",
            "beats.frequency=bad&nobody.frequency=2", "slide=9.9", "no-such-section", "x=1&" * 5000]


@pytest.mark.parametrize("first", ["no-such-section", "figure=nowhere", "&".join(NONSENSE)],
                         ids=["no section", "no figure", "all of it"])
def test_nonsense_in_an_address_is_ignored(open_page, first):
    """In the address that a page is opened at, and in those that follow."""
    page = open_page("membrane.html", f"#{first}")
    for nonsense in (first, *NONSENSE):
        page.evaluate("nonsense => { location.hash = nonsense }", nonsense)
        page.evaluate("new Promise(go => setTimeout(go, 20))")
        for name in ("beats", "decay"):
            Driven(page, name).settle()
        assert values(page, "beats") == {"frequency": 2, "detuning": 0.1, "envelope": "shown"}, nonsense
    assert page.complaints == [] and len(page.requests) == 1


def test_a_plain_figure_is_drawn_described_and_downloaded(page):
    plain = page.locator("[data-explorer=figure]")
    plain.scroll_into_view_if_needed()
    plain.locator(".main-svg").first.wait_for()
    assert plain.locator(".fm-plot").get_attribute("aria-label") == "A plain figure"
    assert plain.locator(".trace").count() == 1
    saved = {}
    for kind in ("CSV", "SVG", "PNG"):
        with page.expect_download() as download:
            plain.get_by_role("button", name=kind).click()
        saved[kind] = download.value.path().read_bytes()
    table = pd.read_csv(io.BytesIO(saved["CSV"]))
    assert saved["CSV"].startswith(b"\xef\xbb\xbf")  # by which Excel knows UTF-8
    told = {"figure": ["figure"] * 3, "trace": ["plain"] * 3}
    assert table.to_dict("list") == told | {"x": [1, 2, 3], "y": [1.5, 4, 9.5]}
    assert b"<svg" in saved["SVG"][:200] and saved["PNG"].startswith(b"\x89PNG")


def test_captions_are_numbered_and_widgets_that_cannot_live_say_so(page):
    numbers = page.locator(".fm-frozen figcaption").evaluate_all(
        "all => all.map(c => getComputedStyle(c, '::before').content)"
    )
    assert [n for n in numbers if n != "none"] == [f'"Figure {k}.\u2002"' for k in (1, 2)]
    assert page.get_by_text("This control needs a running kernel").count() == 1


def test_values_are_announced(page):
    beats = Driven(page, "beats")
    beats.settle()
    beats.press("detuning", "End")
    beats.settle()
    page.locator("[data-explorer=beats] [aria-live=polite]").get_by_text("detuned by 0.5").wait_for(state="attached")
    assert beats.control("detuning").get_attribute("aria-valuetext") == "0.5"


def test_a_page_prints_with_its_figures_and_without_its_buttons(page):
    all_drawn(page)
    page.emulate_media(media="print")
    assert not page.locator(".bar, .fm-tools >> visible=true").first.is_visible()
    assert page.locator(".katex").first.is_visible() and page.locator(".fm-plot").first.is_visible()
    pdf = page.pdf(format="A4")
    assert 2 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 8


def test_without_scripts_the_text_is_still_there(tabs, site):
    page = tabs.open(java_script_enabled=False, offline=True)
    page.goto(f"file://{site}/membrane.html")
    text = page.locator("article").inner_text()
    assert "Two tones a little apart beat" in text
    assert "Two tones of 2 Hz" in page.locator(".fm-sheet title").first.text_content()
    page.leave()
