"""Cells of a run notebook to HTML: prose, code, and of each output the form that lives in a page."""

from __future__ import annotations

import html
import json
import re

from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from fmspace_nb.explorer.still.standing import standing
from fmspace_nb.publish.markdown import Prose, tex

PLOTLY = "application/vnd.plotly.v1+json"
WIDGET = "application/vnd.jupyter.widget-view+json"
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
ASKED = 'class="fm-answer'  # an exercise's field: what checks it is no code for the reader
NO_WIDGET = "This control needs a running kernel. Open the notebook in JupyterLab to use it."


def cell_html(cell: NotebookNode, prose: Prose, language: str = "python") -> str:
    """The HTML of a cell; "" where its tags (remove-cell, remove-input, remove-output) leave nothing. Tag solution:
    folded."""
    tags = set(cell.metadata.get("tags", []))
    if "remove-cell" in tags:
        return ""
    if cell.cell_type == "markdown":
        inside = prose.render(cell.source, cell.get("attachments"))
    elif cell.cell_type == "code":
        out = "" if "remove-output" in tags else "".join(output_html(output, prose) for output in cell.outputs)
        inside = out if "remove-input" in tags or ASKED in out else code_html(cell.source, language) + out
    else:
        inside = cell.source if cell.metadata.get("raw_mimetype", cell.metadata.get("format")) == "text/html" else ""
    if inside.startswith("<details>") and "solution" in tags:  # it is folded, under a name of its own
        return inside.replace("<details>", '<details class="solution">', 1) + "\n"
    if inside and "solution" in tags:
        return f'<details class="solution"><summary>Solution</summary>{inside}</details>\n'
    return inside + "\n" if inside else ""


def code_html(source: str, language: str = "python") -> str:
    """Highlighted code, folded until the reader asks for it; "" for none."""
    if not source.strip():
        return ""
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        lexer = get_lexer_by_name("text")
    marked = highlight(source, lexer, HtmlFormatter(nowrap=True))
    return f'<details class="code"><summary>Code</summary><pre tabindex="0"><code>{marked}</code></pre></details>'


def output_html(output: NotebookNode, prose: Prose) -> str:
    """The HTML of one output."""
    if output.output_type == "stream":
        return f'<pre class="output {output.name}" tabindex="0">{html.escape(_text(output.text))}</pre>'
    if output.output_type == "error":
        return f'<pre class="output stderr" tabindex="0">{html.escape(_text(chr(10).join(output.traceback)))}</pre>'
    data = output.data
    if PLOTLY in data:
        return figure_html(data[PLOTLY])
    if "text/html" in data:
        shown = _text(data["text/html"], ansi=False)
        return (
            shown
            if 'class="fm-frozen"' in shown or ASKED in shown
            else f'<div class="output table" tabindex="0">{prose.take_in(shown)}</div>'
        )
    if WIDGET in data:
        return f'<p class="output note">{NO_WIDGET}</p>'
    return _simple(data, prose)


def figure_html(figure: dict) -> str:
    """A plain plotly figure as an explorer without controls, so that page.js draws both alike."""
    layout = dict(figure.get("layout", {}))
    title = layout.get("title", "")
    title = title.get("text", "") if isinstance(title, dict) else title
    meta = layout.get("meta")
    said = meta if isinstance(meta, dict) else {}
    alt = said.get("alt") or re.sub(r"<[^>]*>", "", title or "") or "Figure"
    spec = {
        "name": "figure",
        "function": "",
        "caption": said.get("caption", ""),
        "alt": alt,
        "controls": [],
        "slots": [],
        "figure": {"data": figure.get("data", []), "layout": layout},
    }
    inert = json.dumps(spec, separators=(",", ":")).replace("<", "\\u003c")
    return (f'<div class="fm-frozen" data-plain><script type="application/json" class="fm-spec">{inert}</script>'
            f"{standing(spec['figure'], alt, spec['caption'])}</div>")


def _simple(data: dict, prose: Prose) -> str:
    """Outputs that are what they are: pictures, formulas, text."""
    if "image/svg+xml" in data:
        return f'<div class="output picture">{_text(data["image/svg+xml"], ansi=False)}</div>'
    for kind in PICTURES:
        if kind in data:
            encoded = _text(data[kind], ansi=False).replace("\n", "")
            alt = html.escape(_text(data.get("text/plain", "Figure")))
            return f'<p class="output picture"><img src="data:{kind};base64,{encoded}" alt="{alt}"></p>'
    if "text/markdown" in data:
        return f'<div class="output">{prose.render(_text(data["text/markdown"], ansi=False))}</div>'
    if "text/latex" in data:
        return (
            f'<div class="output">{tex(_text(data["text/latex"], ansi=False).strip().strip("$"), display=True)}</div>'
        )
    plain = _text(data.get("text/plain", ""))
    return f'<pre class="output" tabindex="0">{html.escape(plain)}</pre>' if plain else ""


def _text(text, *, ansi: bool = True) -> str:
    """An output's text in one piece, without the terminal's colours."""
    text = "".join(text)
    return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text) if ansi else text
