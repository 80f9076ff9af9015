"""A page carries what its chapter needs and leads where its readers can follow."""

import re
import shutil
from pathlib import Path

import pytest
from nbformat import v4

from fmspace_nb.course.asked import Asked
from fmspace_nb.course.exercises import EXERCISES
from fmspace_nb.publish.chapters import Chapter
from fmspace_nb.publish.deck import slides
from fmspace_nb.publish.page import PAGE, SLIDES, inline, page, prose_of

ELSEWHERE = Path(__file__).parent / "elsewhere"
FIGURE = v4.new_output("display_data", {"application/vnd.plotly.v1+json": {"data": [], "layout": {}}})


def chapter(*cells, folder=Path(), **metadata):
    cells = [v4.new_markdown_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    return Chapter("a", folder, v4.new_notebook(cells=cells, metadata=metadata))


@pytest.mark.parametrize(
    "cell, katex, plotly",
    [
        ("Prose, `code`.", False, False),
        ("A formula: $x$.", True, False),
        (v4.new_code_cell("f", outputs=[FIGURE]), False, True),
    ],
)
def test_a_page_carries_katex_and_plotly_only_where_they_are_needed(cell, katex, plotly):
    text = page(chapter("# Title", cell))
    assert ("katex.render" in text or "KaTeX_Main" in text, 'id="plotly"' in text) == (katex, plotly)


def test_mathematics_in_the_contents_brings_katex_too():
    assert "KaTeX_Main" in page(chapter("# Title", "## About $x$"))


@pytest.mark.parametrize("ending", [PAGE, SLIDES])
def test_links_to_notebooks_lead_to_what_is_made_of_them(tmp_path, ending):
    shutil.copy(ELSEWHERE / "membrane.md", tmp_path)
    (tmp_path / "notes.md").write_text("# No notebook\n")
    link = prose_of(chapter(folder=tmp_path), ending).link
    assert link("03_spike.ipynb#The-question") == f"03_spike{ending}#The-question"
    assert link("membrane.md") == f"membrane{ending}"
    for untouched in (
        "notes.md",
        "https://example.org/a.ipynb",
        "//example.org/a.ipynb",
        "#here",
        "mailto:a@example.org",
    ):
        assert link(untouched) == untouched


def test_what_a_speaker_says_is_not_on_the_page():
    said = v4.new_markdown_cell("Ask the audience.", metadata={"slideshow": {"slide_type": "notes"}})
    text = page(chapter("# Title", said, "Shown."))
    assert "Shown." in text and "Ask the audience" not in text


def test_a_title_in_a_link_is_one_line_without_links():
    assert inline("03 · The *spike* of [Γ](a.md)") == "03 · The <em>spike</em> of Γ"


def test_a_page_knows_its_neighbours_and_its_home():
    text = page(chapter("# Title"), previous=Chapter("z", Path(), v4.new_notebook()), home="The course")
    assert re.findall(r'rel="(\w+)" href="([\w.]+)"', text) == [("prev", "z.html")]
    assert '<a class="home" href="index.html">The course</a>' in text and 'href="index.html"' not in page(
        chapter("# Title")
    )


def test_a_complaint_is_made_once():
    warnings = []
    page(chapter("# Title", "![gone](gone.png)", "![gone](gone.png) ![too](too.png)"), warnings=warnings)
    assert warnings == ["the picture gone.png is not there", "the picture too.png is not there"]


@pytest.mark.parametrize("lab, leads", [("", False), ("lite/notebooks/index.html?path=a&b.ipynb", True)])
@pytest.mark.parametrize("form", [page, slides])
def test_an_exercise_that_asks_for_a_function_leads_to_the_browser_lab_where_the_site_has_one(form, lab, leads):
    asked = v4.new_output("display_data", {"text/html": Asked("01.share", EXERCISES["01.share"])._repr_html_()})
    found = chapter("# Title")
    found.notebook.cells.append(v4.new_code_cell("check()", outputs=[asked]))
    [said] = re.findall(r'<p class="fm-answer note">(.*?)</p>', form(found, lab=lab))
    link = '<a class="lab" href="lite/notebooks/index.html?path=a&amp;b.ipynb">the browser lab</a>'
    assert said == (f"This exercise asks for a function: check yours in {link if leads else 'the notebook'}, "
                    "where a kernel can run it.")


def test_a_page_links_to_the_browser_lab_where_the_site_has_one():
    assert 'class="lab"' not in page(chapter("# Title"))
    assert '<a class="lab" href="lite/notebooks/index.html?path=x.ipynb">Open in the browser lab</a>' in page(
        chapter("# Title"), lab="lite/notebooks/index.html?path=x.ipynb")
