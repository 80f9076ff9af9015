"""A chapter as one HTML file to read."""

from __future__ import annotations

import html
import itertools
import os
import re
from datetime import date
from functools import cache
from importlib.metadata import metadata
from pathlib import Path
from urllib.parse import unquote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from fmspace_nb.publish import assets
from fmspace_nb.publish.cards import with_cards
from fmspace_nb.publish.cells import ASKED, cell_html
from fmspace_nb.publish.chapters import Chapter, is_notebook, is_spoken
from fmspace_nb.publish.live import parts as live_parts
from fmspace_nb.publish.live import policy
from fmspace_nb.publish.markdown import Prose, plain

PAGE, SLIDES = ".html", ".slides.html"
FIGURES = '"function":"fmspace_nb.figures.'  # those that a page may compute
CONTENTS = (2, 3)  # the levels of headings in the table of contents


def page(chapter: Chapter, *, previous: Chapter | None = None, next: Chapter | None = None, home: str = "",
         course: list[Chapter] = (), lab: str = "", live: str = "", warnings: list[str] | None = None) -> str:
    """The chapter, run, as an article. home: the title of the index page beside it ("" when there is none).

    course: all chapters beside it, for its navigation. lab: the address of the chapter in the browser lab, if there.
    live: where the page may fetch Python once its reader asks (`live.address`); "" for a page that is closed.
    """
    prose = prose_of(chapter, PAGE)
    spoken = {k for k, cell in enumerate(chapter.notebook.cells) if is_spoken(cell)}
    text = "\n".join(cell.source for cell in chapter.notebook.cells if cell.cell_type == "markdown")
    body = "".join(with_cards(led("".join(bodies(chapter, prose, spoken)), lab), text, chapter.folder))
    body = numbered(re.sub(r"(<h1\b[^>]*>)(\d+)\s*[·.:]\s*", r'\1<span class="number">\2</span> ', body, count=1))
    listed = [] if chapter.handout else [heading for heading in prose.headings if heading.level in CONTENTS]
    hand_on(prose, warnings)
    carried = live_parts(live) if live and FIGURES in body else None
    return render("page", "compute" if carried else "page", body, carried, title=plain(chapter.title),
                  description=plain(chapter.lead), home=home,
                  lab=lab, previous=_link(previous), next=_link(next), handout=chapter.handout, colophon=colophon(),
                  course=links(course, chapter), ending=PAGE,
                  contents=[{"level": h.level, "anchor": h.anchor, "html": Markup(h.html)} for h in listed])


def render(template: str, entry: str, body: str, live: dict | None = None, **context) -> str:
    """A template filled in, with what its body needs: KaTeX where there is mathematics, plotly.js where there are
    figures."""
    shown = body + "".join(str(value) for value in context.values())
    needs_katex, needs_plotly = 'class="tex"' in shown, 'class="fm-frozen"' in body
    names = {"page": ("prose", "page"), "slides": ("prose", "slides"), "index": ("prose", "page", "index")}[template]
    names += ("handout",) if context.get("handout") else ()
    sheets = assets.text("vendor", "reveal", "reveal.css") if template == "slides" else ""
    return (
        _templates()
        .get_template(f"{template}.html.j2")
        .render(
            policy=policy(live["address"]) if live else assets.POLICY,
            live=live,
            entry=entry,
            body=Markup(body),
            style=Markup(sheets + assets.style(*names)),
            modules=Markup(assets.modules(entry)),
            katex_css=Markup(assets.katex_css()) if needs_katex else "",
            katex_js=Markup(assets.katex_js()) if needs_katex else "",
            plotly=Markup(assets.plotly()) if needs_plotly else "",
            **context,
        )
    )


def led(body: str, lab: str) -> str:
    """The body with its exercises that ask for a function leading to the browser lab, where there is one."""
    there = f'<a class="lab" href="{html.escape(lab)}">the browser lab</a>'
    return re.sub(rf'({ASKED} note">[^<]*)the notebook', rf"\1{there}", body) if lab else body


def numbered(body: str) -> str:
    """The body with its figures' captions numbered, as page.js will number them."""
    count = itertools.count(1)
    return re.sub(r'(?<=fm-foot">)<figcaption>(?!<)', lambda _: f'<figcaption data-number="{next(count)}">', body)


def bodies(chapter: Chapter, prose: Prose, left_out: set[int] = frozenset()) -> list[str]:
    """The HTML of each cell; "" for those left out."""
    cells = enumerate(chapter.notebook.cells)
    return ["" if k in left_out else cell_html(cell, prose, chapter.language) for k, cell in cells]


def prose_of(chapter: Chapter, ending: str) -> Prose:
    """What renders the chapter's Markdown. Links to notebooks become links to their pages (to other slides, in
    slides)."""
    here = {path.name for path in chapter.folder.glob("*.md") if is_notebook(path)}

    def link(address: str) -> str:
        path, mark, rest = address.partition("#")
        target = re.fullmatch(r"(?![a-z]+:|//)([^?]+)\.(ipynb|md)", path)
        leads_to_one = target and (target[2] == "ipynb" or unquote(path) in here)
        return f"{target[1]}{ending}{mark}{rest}" if leads_to_one else address

    return Prose(chapter.folder, link)


def _link(chapter: Chapter | None):
    if chapter is None:
        return None
    return {"name": chapter.name, "title": inline(chapter.title)}


def links(course: list[Chapter], here: Chapter) -> list[dict]:
    """All chapters, for the navigation of one of them."""
    return [_link(other) | {"here": other.name == here.name} for other in course]


def inline(source: str) -> Markup:
    """A line of Markdown as HTML, without a paragraph around it and without links."""
    rendered = Prose(Path()).render(source).strip()
    return Markup(re.sub(r"^<p>|</p>$|</?a\b[^>]*>", "", rendered))


def hand_on(prose: Prose, warnings: list[str] | None) -> None:
    """Append what the prose complained of, each complaint once."""
    if warnings is not None:
        warnings += dict.fromkeys(prose.warnings)


@cache
def colophon() -> dict:
    """What made a file, for its last line: the package's version, licence and source address, and today's date.

    The source is the package's own where it names one, or the repository that GitHub publishes the site from.
    """
    about, today = metadata("fmspace-nb"), date.today()
    addresses = dict(line.split(", ", 1) for line in about.get_all("Project-URL") or ())
    published = "/".join(os.environ.get(f"GITHUB_{part}", "") for part in ("SERVER_URL", "REPOSITORY"))
    return {"version": about["Version"], "license": about["License-Expression"] or about["License"],
            "source": addresses.get("Source", published.strip("/")), "date": f"{today.day} {today:%B %Y}"}


@cache
def _templates() -> Environment:
    return Environment(loader=PackageLoader("fmspace_nb.publish"), autoescape=True, undefined=StrictUndefined)
