"""Cards: what a link to the glossary says, carried by the page that has the link, so that nobody needs to leave it."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from pathlib import Path

from fmspace_nb.publish.chapters import read
from fmspace_nb.publish.markdown import Prose
from fmspace_nb.publish.run import ExportError

_LINK = re.compile(r'<a href="(?P<address>[^"]*)">(?P<words>.*?)</a>', re.DOTALL)
_WORD = re.compile(r"\*\*(?P<names>[^*]+?)[.:]?\*\*:? *(?P<said>.*?)(?=\*\*[^*]+?[.:]?\*\*:? |\Z)", re.DOTALL)


def with_cards(rendered: str, source: str, folder: Path) -> str:
    """The HTML with data-card on its links to words, symbols and references of the glossary, and those at its end.

    rendered: the body of a page. source: the Markdown of its links, which says what glossary. A link whose words the
    glossary does not have stays as it is.
    """
    named = re.search(r"\]\(([\w-]*glossary[\w-]*)\.ipynb", source)
    entries = entries_of(folder / f"{named[1]}.md") if named else {}
    used: dict[str, str] = {}  # what a card says -> its id

    def marked(link):
        said = "".join(dict.fromkeys(entries.get(key, "") for key in keys_of(link["address"], link["words"])))
        if not said:
            return link[0]
        name = used.setdefault(said, f"card-{len(used) + 1}")
        return f'<a href="{link["address"]}" data-card="{name}">{link["words"]}</a>'

    marked_up = _LINK.sub(marked, rendered)
    cards = "".join(f'<div id="{name}">{inside}</div>' for inside, name in used.items())
    return marked_up + (f'<div class="cards" hidden>{cards}</div>' if cards else "")


def keys_of(address: str, words: str) -> list[str]:
    """What a link may be called in the glossary: its words, a symbol's TeX, or the address it leads to."""
    if re.match(r"https?://(arxiv|doi)\.org/", address):
        return [address]
    if "glossary" not in address or "#" not in address:
        return []
    symbols = [f"${html.unescape(found)}$" for found in re.findall(r'class="tex">(.*?)</span>', words)]
    text = re.sub(r"<[^>]*>", "", words).strip().lower()
    return symbols or [key for part in re.split(r" and |, ", text) for key in (part, part.removesuffix("s"))]


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
            for address in re.findall(r"\]\((https?://[^)]*)\)", line) if re.match(r"\d+\. ", line) else ():
                found.setdefault(address, prose.render(re.sub(r"^\d+\. ", "", line)))
    return {key: re.sub(r"</?a\b[^>]*>", "", text) for key, text in found.items()}
