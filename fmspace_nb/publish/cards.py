"""Cards: what a link to the glossary or the number of another chapter's equation says, carried by the page that has it:
nobody needs to leave it."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from pathlib import Path

from fmspace_nb.publish.chapters import read
from fmspace_nb.publish.markdown import Prose, tex
from fmspace_nb.publish.run import ExportError

_LINK = re.compile(r'<a href="(?P<address>[^"]*)">(?P<words>.*?)</a>', re.DOTALL)
_TO_CHAPTER = r'<a href="(?P<address>(?P<chapter>[\w-]+)(?:\.slides)?\.html)">[^<]*</a>'
_EQUATION = re.compile(rf"(?:\((?P<before>\d+)\) of )?(?P<link>{_TO_CHAPTER})(?:, \((?P<after>\d+)\))?")
_WORD = re.compile(r"\*\*(?P<names>[^*]+?)[.:]?\*\*:? *(?P<said>.*?)(?=\*\*[^*]+?[.:]?\*\*:? |\Z)", re.DOTALL)


def with_cards(rendered: str, source: str, folder: Path) -> tuple[str, str]:
    """The HTML with data-card on its links to words, symbols and references of the glossary and on the numbers of other
    chapters' equations; and what those cards say, as HTML ("" for none).

    rendered: the body of a page. source: the Markdown of its links, which says what glossary. A link whose words the
    glossary does not have stays as it is.
    """
    named = re.search(r"\]\(([\w-]*glossary[\w-]*)\.ipynb", source)
    entries = entries_of(folder / f"{named[1]}.md") if named else {}
    used: dict[str, str] = {}  # what a card says -> its id

    def link_to(said, address, words, more=""):
        name = used.setdefault(said, f"card-{len(used) + 1}")
        return f'<a{more} href="{address}" data-card="{name}">{words}</a>'

    def marked(link):
        said = "".join(dict.fromkeys(entries.get(key, "") for key in keys_of(link["address"], link["words"])))
        return link_to(said, link["address"], link["words"]) if said else link[0]

    def numbered(place):
        number = place["after"] or place["before"]
        said = equations_of(folder / f"{place['chapter']}.md").get(number)
        if not said:
            return place[0]
        words = link_to(said, place["address"], f"({number})", ' class="number"')
        return f"{place['link']}, {words}" if place["after"] else f"{words} of {place['link']}"

    marked_up = _EQUATION.sub(numbered, _LINK.sub(marked, rendered))
    cards = "".join(f'<div id="{name}">{inside}</div>' for inside, name in used.items())
    return marked_up, f'<div class="cards" hidden>{cards}</div>' if cards else ""


def keys_of(address: str, words: str) -> list[str]:
    """What a link may be called in the glossary: its words, a symbol's TeX, the address it leads to, or of a citation
    the first name and the year."""
    if re.match(r"https?://(arxiv|doi)\.org/", address):
        return [address]
    if "glossary" not in address or "#" not in address:
        return []
    symbols = [f"${html.unescape(found)}$" for found in re.findall(r'class="tex">(.*?)</span>', words)]
    text = re.sub(r"<[^>]*>", "", words).strip().lower()
    if cited := re.fullmatch(r"(\w+)\b.*\b(\d{4})\W*", text):
        return [" ".join(cited.groups())]
    return symbols or [key for part in re.split(r" and |, ", text) for key in (part, part.removesuffix("s"))]


@lru_cache(maxsize=32)
def equations_of(path: Path) -> dict[str, str]:
    """{number: HTML} of the equations with a \\tag in a chapter; {} where there is none."""
    try:
        source = "\n".join(cell.source for cell in read(path).notebook.cells if cell.cell_type == "markdown")
    except (ExportError, OSError):
        return {}
    displays = re.findall(r"\$\$(.*?)\$\$", source, re.DOTALL)
    return {tag[1]: tex(display, display=True) for display in displays
            if (tag := re.search(r"\\tag\{?(\d+)\}?", display))}


@lru_cache(maxsize=8)
def entries_of(path: Path) -> dict[str, str]:
    """{word, $symbol$ or address: HTML} of a glossary; {} where there is none."""
    try:
        source = "\n\n".join(cell.source for cell in read(path).notebook.cells if cell.cell_type == "markdown")
    except (ExportError, OSError):
        return {}
    prose, found = Prose(path.parent), {}
    for block in re.split(r"\n\n+", source):
        if block.startswith("**"):
            for entry in _WORD.finditer(block):
                said = prose.render(f"**{entry['names'].strip('.:')}.** {entry['said']}")
                for name in entry["names"].lower().split(","):
                    found.setdefault(name.strip(" .:"), said)
        for line in block.split("\n"):
            if line.startswith("| $"):
                cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
                for symbol in re.split(r",\\ |, ", cells[0].strip("$")):
                    for name in (symbol.strip("$ "), symbol.strip("$ ").partition("=")[0]):
                        found.setdefault(f"${name}$", prose.render(f"{cells[0]}: {cells[1]}"))
            if cited := re.match(r"\d+\. (?:\S+\. )*(\w+)", line):
                said, year = prose.render(re.sub(r"^\d+\. ", "", line)), re.search(r"\((\d{4})\)", line)
                for name in (*re.findall(r"\]\((https?://[^)]*)\)", line), f"{cited[1].lower()} {year and year[1]}"):
                    found.setdefault(name, said)
    return {key: re.sub(r"</?a\b[^>]*>", "", text) for key, text in found.items()}
