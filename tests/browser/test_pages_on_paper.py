"""Handouts on paper: one sheet of A4 or US letter, printed from a wide window or from a phone, with nothing cut off."""

import re

import pytest
from pages import CHAPTERS, all_drawn, open_file, source

from fmspace_nb.publish.chapters import read

HANDOUTS = [name for name in CHAPTERS if read(source(name)).handout]
WINDOWS = {
    "wide": {"width": 1280, "height": 900},
    "tall": {"width": 800, "height": 1200},
    "phone": {"width": 390, "height": 844},
}
CUT = """([whole, parts]) => [...document.querySelectorAll(parts)].filter(part => {
  const frame = part.closest(whole).getBoundingClientRect(), box = part.getBoundingClientRect()
  const beyond = [frame.left - box.left, box.right - frame.right, frame.top - box.top, box.bottom - frame.bottom]
  return (!(box.width * box.height) || Math.max(...beyond) > 1) && part.textContent.trim()
}).map(part => part.textContent.slice(0, 80))"""
TOO_WIDE = "[...document.querySelectorAll('.tex[data-display]')].filter(e => e.scrollWidth > e.clientWidth).length"
WIDTHS = (
    "[...document.querySelectorAll('article .fm-plot')].map(plot => plot.getBoundingClientRect().width * 25.4 / 96)"
)


@pytest.fixture(scope="module", params=HANDOUTS)
def handout(request):
    return request.param


@pytest.fixture(scope="module", params=WINDOWS)
def page(tabs, site, handout, request):
    found = open_file(tabs, site / f"{handout}.html", viewport=WINDOWS[request.param])
    all_drawn(found)
    yield found
    found.leave()


def test_there_is_a_handout():
    assert HANDOUTS


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_it_prints_on_one_sheet(page, paper):
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format=paper))) == 1


@pytest.mark.parametrize(
    "whole, parts",
    [
        ("article", ".fm-plot .main-svg"),
        ("article", ".tex > .katex"),
        ("article", "figcaption"),
        (".main-svg", ".fm-plot text"),
    ],
)
def test_nothing_is_cut_off_on_paper(page, whole, parts):
    page.emulate_media(media="print")
    assert page.locator(parts).count() > 3
    assert page.evaluate(CUT, [whole, parts]) == [] and page.evaluate(TOO_WIDE) == 0
    page.emulate_media(media="screen")


def test_figures_on_paper_are_as_wide_as_their_column(page):
    page.emulate_media(media="print")
    widths = page.evaluate(WIDTHS)
    assert len(widths) >= 3 and all(abs(width - 92) < 1 for width in widths)
    page.emulate_media(media="screen")
