"""Markdown cells to HTML: CommonMark and tables, mathematics left as TeX for KaTeX, pictures taken into the page."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from markdown_it import MarkdownIt
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin

from fmspace_nb.publish.taken import Taken

MATHEMATICS = ("math_inline", "math_inline_double", "math_block", "amsmath")


@dataclass(frozen=True)
class Heading:
    """A heading of a page: its level (1 is the title), its anchor, its text as HTML and as plain text."""

    level: int
    anchor: str
    html: str
    text: str


@dataclass
class Prose:
    """The Markdown of one notebook: `render` turns its cells into HTML one by one and gathers what they hold on the
    way.

    folder: where pictures are looked for; link: maps the address of a link to the one the page shall carry.
    """

    folder: Path
    link: Callable[[str], str] = str
    headings: list[Heading] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def __post_init__(self):
        self._markdown = MarkdownIt("commonmark", {"html": True, "typographer": True})
        self._markdown.enable(["table", "strikethrough", "replacements", "smartquotes"])
        self._markdown.use(dollarmath_plugin, double_inline=True, allow_labels=False).use(amsmath_plugin)
        for rule in MATHEMATICS:
            self._markdown.renderer.rules[rule] = _mathematics
        for rule in ("html_block", "html_inline"):
            self._markdown.renderer.rules[rule] = _mathematics_between_tags

    def render(self, source: str, attachments: dict | None = None) -> str:
        """The HTML of one cell."""
        tokens = self._markdown.parse(_keep_bars_of_mathematics(source))
        for position, token in enumerate(tokens):
            if token.type == "heading_open":
                token.attrSet("id", self._heading(int(token.tag[1]), tokens[position + 1]))
        rendered = self._markdown.renderer.render(tokens, self._markdown.options, {})
        rendered = rendered.replace("<table>", '<div class="table" tabindex="0"><table>').replace(
            "</table>", "</table></div>"
        )
        return self.take_in(rendered, attachments)

    def take_in(self, rendered: str, attachments: dict | None = None) -> str:
        """The HTML with its links led where `link` says and its pictures, sound and film inside it; of what else it
        refers to there is a warning."""
        return Taken(self.folder, attachments, self.link, self.warnings.append).take(rendered)

    def _heading(self, level: int, inline) -> str:
        text = "".join(child.content for child in inline.children if child.type != "html_inline")
        taken = {heading.anchor for heading in self.headings}
        # JupyterLab's rule, so that links work on both sides
        anchor = stem = re.sub(r"\s", "-", text.strip()) or "section"
        for count in range(1, len(taken) + 1):
            if anchor not in taken:
                break
            anchor = f"{stem}-{count}"
        rendered = self._markdown.renderer.render(inline.children, self._markdown.options, {})
        self.headings.append(Heading(level, anchor, re.sub(r"</?a\b[^>]*>", "", rendered), text))
        return anchor


def tex(source: str, *, display: bool) -> str:
    """The element that the page's KaTeX fills: the TeX is its text, so it stays legible if scripts are off."""
    # no numbers but \tag's
    source = re.sub(r"\\(begin|end)\{(align|equation|gather|alignat)\}", r"\\\1{\2*}", source.strip())
    return f'<span class="tex"{" data-display" if display else ""}>{html.escape(source, quote=False)}</span>'


def plain(source: str) -> str:
    """A Markdown paragraph as plain text on one line: without its marks, its links by their words."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", source)
    return re.sub(r"\s+", " ", re.sub(r"(\*\*|__|`|(?<!\w)[*_]|[*_](?!\w))", "", text)).strip()


def _mathematics(tokens, position, options, environment):
    return tex(tokens[position].content, display=tokens[position].type != "math_inline")


def _mathematics_between_tags(tokens, position, options, environment):
    """HTML as it is, but JupyterLab also typesets mathematics inside it (a <summary>, a <td>): so do we."""
    content = tokens[position].content
    if re.match(r"\s*<(script|style|pre|code)\b", content, re.IGNORECASE):
        return content
    parts = re.split(r"(<[^>]*>)", content)
    return "".join(part if part.startswith("<") else _dollars(part) for part in parts)


def _dollars(text: str) -> str:
    return re.sub(r"(?<!\\)(\$\$?)([^$]+)\1", lambda m: tex(html.unescape(m[2]), display=len(m[1]) == 2), text)


def _keep_bars_of_mathematics(source: str) -> str:
    """In a row of a table a bar inside $…$ is mathematics, as JupyterLab reads it, not the next column."""
    def bars(match):
        return match[0].replace(r"\|", r"\Vert ").replace("|", r"\vert ")

    rows = (
        re.sub(r"(?<!\\)\$[^$]+\$", bars, line) if line.lstrip().startswith("|") else line
        for line in source.split("\n")
    )
    return "\n".join(rows)
