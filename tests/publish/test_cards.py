"""What a page's links to the glossary say travels in the page: the entries it refers to, and no others."""

import re
from pathlib import Path

import pytest

from fmspace_nb.publish.cards import entries_of, with_cards
from fmspace_nb.publish.chapters import read
from fmspace_nb.publish.deck import slides
from fmspace_nb.publish.page import PAGE, prose_of

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.md"))
GLOSSARY = """# Glossary

## Symbols

| symbol | meaning | in code |
|---|---|---|
| $a,\\ b$ | two numbers | `ab` |
| $\\beta=m/d$ | a ratio | `ratio` |

## Words

**Spike.** What sticks [out](here.md). **Legs**: how many.

## References

1. A. Author, *A title* (2020). [arXiv:2001.00001](https://arxiv.org/abs/2001.00001)
"""


@pytest.fixture
def carded(write_notebook, tmp_path):
    """carded(Markdown): the page's body with its cards, beside a small glossary."""
    (tmp_path / "glossary.md").write_text(f"---\njupytext:\n  formats: ipynb,md:myst\n---\n\n{GLOSSARY}")

    def render(source):
        write_notebook("chapter", f"# T\n\n{source}")
        chapter = read(next(path for path in tmp_path.iterdir() if path.stem == "chapter"))
        return "".join(with_cards(prose_of(chapter, PAGE).render(source), source, tmp_path))

    return render


@pytest.mark.parametrize("link, said", [
    ("[spike](glossary.ipynb#Words)", "What sticks"), ("[**Spikes**](glossary.ipynb#Words)", "What sticks"),
    ("[legs](glossary.ipynb#Words)", "how many"), ("[$b$](glossary.ipynb#Symbols)", "two numbers"),
    ("[ratio $\\beta$](glossary.ipynb#Symbols)", "a ratio"),
    ("[Author et al. (2020)](glossary.ipynb#References)", "A title"),
    ("[spike](glossary.ipynb#Words) [Author](https://arxiv.org/abs/2001.00001)", "A title"),
])
def test_a_link_to_the_glossary_has_its_entry(carded, link, said):
    body = carded(link)
    names = re.findall(r'data-card="(card-\d+)"', body)
    assert names and said in re.search(rf'<div id="{names[-1]}">.*?</div>', body, re.DOTALL)[0]


def test_two_words_in_one_link_have_both_entries(carded):
    [card] = re.findall(r'<div id="card-1">.*?</div>', carded("[spike and legs](glossary.ipynb#Words)"), re.DOTALL)
    assert "What sticks" in card and "how many" in card and "<a" not in card


@pytest.mark.parametrize("told", ["[chapter 2](two.ipynb), (7)", "(7) of [chapter 2](two.ipynb)"])
def test_the_number_of_another_chapter_s_equation_has_that_equation(carded, tmp_path, told):
    formula = "a<b \\tag{7}"
    (tmp_path / "two.md").write_text(f"---\njupytext:\n  formats: md:myst\n---\n\n# Two\n\n$$\n{formula}\n$$\n")
    body = carded(f"It is {told}. [chapter 2](two.ipynb), (8)")
    assert '<a class="number" href="two.html" data-card="card-1">(7)</a>' in body and "(8)" in body
    assert '<div id="card-1"><span class="tex" data-display>a&lt;b \\tag{7}</span></div>' in body
    assert body.count("data-card") == 1


def test_a_deck_has_its_cards_beside_its_slides(write_notebook, tmp_path):
    (tmp_path / "glossary.md").write_text(f"---\njupytext:\n  formats: ipynb,md:myst\n---\n\n{GLOSSARY}")
    write_notebook("chapter", "# T\n\n[spike](glossary.ipynb#Words)")
    text = slides(read(next(path for path in tmp_path.iterdir() if path.stem == "chapter")))
    assert 'href="glossary.slides.html#Words" data-card="card-1"' in text
    assert "What sticks" in text[text.index("</main>"):]


def test_only_what_is_referred_to_travels_and_each_entry_once(carded):
    body = carded("[spike](glossary.ipynb#Words), [spikes](glossary.ipynb#Words), [unknown](glossary.ipynb#Words)")
    assert body.count('data-card="card-1"') == 2 and body.count("What sticks") == 1 and "how many" not in body
    assert '<a href="glossary.html#Words">unknown</a>' in body


def test_a_notebook_without_a_glossary_stays_as_it_is(carded):
    assert "cards" not in carded("[spike](nowhere.ipynb#Words) [a](https://arxiv.org/abs/2001.00001)")


def test_the_courses_links_to_words_have_cards():
    """Few links have words that are no entry: those to the glossary itself, and three that say it in other words."""
    bare = []
    for path in NOTEBOOKS:
        chapter = read(path)
        source = "\n".join(cell.source for cell in chapter.notebook.cells if cell.cell_type == "markdown")
        prose = prose_of(chapter, PAGE)
        body = "".join(prose.render(c.source) for c in chapter.notebook.cells if c.cell_type == "markdown")
        bare += re.findall(r'<a href="[^"]*glossary[^"#]*#[^"]*">(.*?)</a>', with_cards(body, source, path.parent)[0])
    assert len(entries_of(NOTEBOOKS[0].parent / "11_glossary.md")) > 80 and len(bare) <= 5, bare
