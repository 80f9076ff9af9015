"""Cells become slides by their slide types, or by the headings where they have none."""

from pathlib import Path

from nbformat import v4

from fmspace_nb.publish.chapters import Chapter
from fmspace_nb.publish.deck import by_headings, slides, stack

EXPLORER = '<div class="fm-frozen"></div>'


def bodies(*cells):
    return [[slide["body"] for slide in column] for column in stack(cells)]


def test_slides_stand_side_by_side_and_subslides_below():
    assert bodies(("slide", "a"), ("-", "b"), ("subslide", "c"), ("", "d"), ("slide", "e")) == [["ab", "cd"], ["e"]]


def test_what_comes_before_the_first_slide_is_a_slide_and_skipped_cells_are_gone():
    assert bodies(("-", "a"), ("skip", "b"), ("slide", "")) == [["a"]]


def test_notes_are_the_speakers_and_fragments_wait():
    [[slide]] = stack([("slide", "a"), ("notes", "say it"), ("fragment", "later")])
    assert slide == {"body": 'a<div class="fragment">later</div>', "notes": "say it"}


def test_a_deck_that_is_mailed_can_do_without_notes():
    cells = [v4.new_markdown_cell(text, metadata={"slideshow": {"slide_type": kind}})
             for text, kind in (("# T", "slide"), ("say it", "notes"))]
    chapter = Chapter("a", Path(), v4.new_notebook(cells=cells))
    assert "say it" in slides(chapter) and "say it" not in slides(chapter, notes=False)


def test_an_explorer_shares_a_slide_with_a_heading_and_code_only():
    code = '<details class="code"><summary>Code</summary><pre>b = 1</pre></details>'
    cells = ("slide", "<h2>a</h2>"), ("figure", EXPLORER), ("figure", code), ("text", "c"), ("figure", EXPLORER)
    assert bodies(*cells) == [[f"<h2>a</h2>{EXPLORER}{code}", "c", EXPLORER]]


def test_a_lecturer_who_gives_slide_types_decides_what_stands_together():
    assert bodies(("slide", "a"), ("-", EXPLORER), ("-", "b"), ("fragment", EXPLORER)) == [
        [f'a{EXPLORER}b<div class="fragment">{EXPLORER}</div>']
    ]


def test_a_notebook_without_slide_types_is_cut_at_its_headings():
    cell = v4.new_markdown_cell("before\n\n## One\n\ntext\n\n```\n# no heading\n```\n\n### Below\n\nmore\n\n## Two")
    assert [(kind, part.source.split("\n")[0]) for kind, part in by_headings(cell)] == [
        ("text", "before"), ("slide", "## One"), ("subslide", "### Below"), ("slide", "## Two")]
    text = slides(Chapter("a", Path(), v4.new_notebook(cells=[v4.new_markdown_cell("# T\n\nlead\n\n## One"), cell])))
    deck = text[text.index('<div class="slides">'):text.index('<div class="switches"')]
    assert deck.count("<section>") == 6  # T · One · a column around One and Below · Two
