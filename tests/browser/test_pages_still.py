"""Before any script runs each explorer of an exported file is there: its picture, its caption, its room."""

import gzip
import re

import pytest
from pages import CHAPTERS, all_drawn

LARGEST = 40_000        # bytes, compressed, on average
SHIFT = 0.02
PRINTED = CHAPTERS[3:5]
WATCH = """
window.shift = 0
new PerformanceObserver(list => list.getEntries().forEach(e => { window.shift += e.value }))
  .observe({type: 'layout-shift', buffered: true})
const inflate = Response.prototype.arrayBuffer
window.held = new Promise(go => { window.release = go })
Response.prototype.arrayBuffer = async function () { await window.held; return inflate.call(this) }
"""
BOXES = """all => all.map(e => {
  const {y, width, height} = e.getBoundingClientRect()
  return [y + scrollY, width, height]
})"""


def without_scripts(tabs, path, **media):
    page = tabs.open(media=media, offline=True, java_script_enabled=False)
    page.goto(f"file://{path}")
    return page


def watched(tabs, viewport=None):
    """A tab whose pages keep what they unpack until window.release(), and add up how far their parts jump."""
    page = tabs.open(viewport, offline=True)
    page.spoiled = True
    page.add_init_script(WATCH)
    return page


@pytest.mark.parametrize("name", CHAPTERS)
@pytest.mark.parametrize("ending", [".html", ".slides.html"])
def test_without_scripts_every_explorer_shows_its_picture_and_its_caption(tabs, site, name, ending):
    page = without_scripts(tabs, site / f"{name}{ending}")
    if name in PRINTED:
        page.emulate_media(media="print")
    places = page.locator(".fm-frozen")
    for place in places.all():
        svg = place.locator(".fm-sheet > svg")
        box = svg.bounding_box()
        assert box["width"] > 200 and box["height"] > 30 and svg.locator("> title").text_content()
        captioned = "data-plain" not in place.evaluate("e => e.getAttributeNames()") and not place.locator(
            "[data-journey]").count()
        caption = place.locator("figcaption")
        assert not captioned or caption.is_visible() and caption.inner_text()
    page.leave()


def test_the_pictures_of_the_course_are_small(site):
    """What stands in the page for each explorer, picture, controls and caption."""
    pages = [(site / f"{name}.html").read_text("utf-8") for name in CHAPTERS]
    standing = re.compile(r'<figure class="fm-explorer fm-standing".*?</figure>')
    found = [still for page in pages for still in standing.findall(page)]
    assert len(found) > 40
    assert sum(len(gzip.compress(still.encode())) for still in found) / len(found) < LARGEST / 8


@pytest.mark.parametrize("name", ["00_start_here", "03_spike"])
@pytest.mark.parametrize("size", [(1280, 900), (390, 844)])
def test_nothing_jumps_when_plotly_comes(tabs, site, name, size):
    page = watched(tabs, dict(zip(("width", "height"), size, strict=True)))
    page.goto(f"file://{site / name}.html")
    page.locator("html[data-ready]").wait_for(state="attached")
    page.wait_for_timeout(500)
    plots, sheets = page.locator(".fm-frozen .fm-plot"), page.locator(".fm-sheet")
    assert sheets.count() == plots.count() == page.locator(".fm-frozen").count()
    before, standing = page.evaluate("window.shift"), plots.evaluate_all(BOXES)
    page.evaluate("window.release()")
    all_drawn(page)
    page.wait_for_timeout(300)
    assert sheets.count() == 0 and plots.evaluate_all(BOXES) == standing
    assert page.evaluate("window.shift") - before <= SHIFT
    page.leave()


def test_a_caption_has_the_number_that_the_script_gives_it(tabs, site, open_page):
    still = without_scripts(tabs, site / "03_spike.html")
    numbered = "all => all.map(c => c.dataset.number + c.textContent)"
    live = open_page("03_spike.html").locator(".fm-frozen figcaption").evaluate_all(numbered)
    assert [t for t in re.findall(r'data-number="(\d+)">([^<]*)<', still.content()) if t] == [
        (text[0], text[1:].replace("&", "&amp;")) for text in live]
    still.leave()


def test_without_scripts_a_page_is_dark_where_the_system_is(tabs, site):
    for scheme, light in (("light", True), ("dark", False)):
        page = without_scripts(tabs, site / "03_spike.html", color_scheme=scheme)
        shown = page.locator("html").evaluate("e => getComputedStyle(e).backgroundColor")
        assert (int(re.search(r"\d+", shown)[0]) > 128) is light
        page.leave()


def test_a_page_opened_at_other_values_does_not_show_the_start(tabs, site):
    page = watched(tabs)
    page.goto(f"file://{site}/03_spike.html#weight_spectrum.step_size=300")
    page.locator("html[data-ready]").wait_for(state="attached")
    assert page.locator("[data-explorer=weight_spectrum] .fm-sheet").count() == 0
    assert page.locator("[data-explorer=overlap] .fm-sheet").count() == 1
    page.leave()


