"""A chapter as reveal.js slides in one HTML file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from markupsafe import Markup
from nbformat import NotebookNode, from_dict

from fmspace_nb.publish import assets
from fmspace_nb.publish.cards import with_cards
from fmspace_nb.publish.cells import cell_html
from fmspace_nb.publish.chapters import Chapter
from fmspace_nb.publish.markdown import plain
from fmspace_nb.publish.page import SLIDES, colophon, hand_on, led, links, prose_of, render

EXPLORER = 'class="fm-frozen"'
_BREAK = "\0"  # between cells: HTML may not hold it


def slides(chapter: Chapter, *, course: list[Chapter] = (), notes: bool = True, lab: str = "",
           warnings: list[str] | None = None) -> str:
    """The chapter, run, as slides by the slide types of its cells; by its headings where no cell has one.

    course: all chapters beside it, for its navigation. notes: whether the speaker's notes travel in the file. lab: the
    address of the chapter in the browser lab, if there.
    """
    prose = prose_of(chapter, SLIDES)
    typed = [(cell.metadata.get("slideshow", {}).get("slide_type", ""), cell) for cell in chapter.notebook.cells]
    if not any(kind for kind, _ in typed):
        typed = [pair for _, cell in typed for pair in by_headings(cell)]
    typed = [(kind, cell) for kind, cell in typed if notes or kind != "notes"]
    rendered = _BREAK.join(cell_html(cell, prose, chapter.language).replace(_BREAK, "") for _, cell in typed)
    source = "\n".join(cell.source for _, cell in typed if cell.cell_type == "markdown")
    marked, cards = with_cards(led(rendered, lab), source, chapter.folder)
    stacks = stack(zip((kind for kind, _ in typed), marked.split(_BREAK), strict=True))
    hand_on(prose, warnings)
    whole = "".join(slide["body"] + slide["notes"] for column in stacks for slide in column)
    return render("slides", "slides", whole + cards, cards=Markup(cards), stacks=stacks, title=plain(chapter.title),
                  description=plain(chapter.lead), colophon=colophon(), course=links(course, chapter), ending=SLIDES,
                  reveal_js=Markup(assets.script(assets.text("vendor", "reveal", "reveal.js"))))


def by_headings(cell: NotebookNode) -> Iterator[tuple[str, NotebookNode]]:
    """(slide type, part of the cell): a slide at every heading of the first two levels, one below it at the third."""
    if cell.cell_type != "markdown":
        yield "figure", cell
        return
    fences, start, lines = 0, 0, cell.source.split("\n")
    for k, line in enumerate([*lines, "# "]):
        fences += line.startswith("```")
        if k == len(lines) or (k and fences % 2 == 0 and re.match(r"#{1,3} ", line)):
            level = len(re.match(r"#*", lines[start])[0])
            kind = "slide" if level in (1, 2) else "subslide" if level == 3 else "text"
            yield kind, from_dict({**cell, "source": "\n".join(lines[start:k])})
            start = k


def is_seen(*parts: str) -> bool:
    """Whether each of these parts of a slide has more than headings and code, which is folded."""
    return all(re.sub(r'<(h[1-3]|details class="code").*?</(h[1-3]|details)>', "", part, flags=re.DOTALL).strip()
               for part in parts)


def stack(cells: Iterable[tuple[str, str]]) -> list[list[dict]]:
    """Columns of slides, each slide {"body", "notes"}, from (slide type, HTML) of the cells.

    Types are nbconvert's: "slide", "subslide", "fragment", "-" or "" (goes on), "notes", "skip"; and "text" and
    "figure", which go on, but text and an explorer never share a slide: what comes second is a slide below.
    """
    columns: list[list[dict]] = []
    for kind, html in cells:
        if kind == "skip" or not html:
            continue
        before = columns[-1][-1]["body"] if columns else ""
        crowded = kind in ("text", "figure") and (EXPLORER in html or EXPLORER in before) and is_seen(before, html)
        if kind == "slide" or not columns:
            columns.append([{"body": "", "notes": ""}])
        elif kind == "subslide" or crowded:
            columns[-1].append({"body": "", "notes": ""})
        slide = columns[-1][-1]
        part = "notes" if kind == "notes" else "body"
        slide[part] += f'<div class="fragment">{html}</div>' if kind == "fragment" else html
    return [[{part: Markup(html) for part, html in slide.items()} for slide in column] for column in columns]
