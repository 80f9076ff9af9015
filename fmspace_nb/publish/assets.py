"""What a page carries with it: type, KaTeX, reveal.js, plotly.js, the explorer's view, each once and without a
network."""

from __future__ import annotations

import base64
import json
import re
import zlib
from functools import cache
from importlib.resources import files

from fmspace_nb.explorer import assets as explorer

HERE = files("fmspace_nb.publish")
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' data:; style-src 'unsafe-inline'; img-src data: blob:; "
    "font-src data:; media-src data: blob:; worker-src blob:; connect-src 'none'; form-action 'none'; base-uri 'none'"
)
LATIN = ("U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+2000-206F,U+20AC,U+2122,"
         "U+2191,U+2193,U+2212,U+2215")
FACES = (("latin", "normal", LATIN), ("latin", "italic", LATIN), ("greek", "normal", "U+0370-03FF"))


def text(*path: str) -> str:
    """A text file of this package."""
    return HERE.joinpath(*path).read_text(encoding="utf-8")


@cache
def type_css() -> str:
    """The page's serif, Source Serif 4, with its fonts inside."""
    rule = ('@font-face{{font-family:"Source Serif 4";font-style:{style};font-weight:200 900;font-display:swap;'
            "src:url({font}) format('woff2');unicode-range:{points}}}")
    return "".join(
        rule.format(
            style=style, points=points, font=_font("source_serif", f"source-serif-4-{script}-wght-{style}.woff2")
        )
        for script, style, points in FACES
    )


@cache
def katex_css() -> str:
    """KaTeX's style sheet with its fonts inside."""
    sheet = text("vendor", "katex", "katex.min.css")
    sheet = re.sub(r',url\(fonts/[^)]*\.(?:woff|ttf)\) format\("[a-z]*"\)', "", sheet)
    return re.sub(r"url\(fonts/([^)]*)\)", lambda match: f"url({_font('katex', 'fonts', match[1])})", sheet)


def katex_js() -> str:
    """KaTeX."""
    return script(text("vendor", "katex", "katex.min.js"))


@cache
def plotly() -> str:
    """The plotly.js of the installed plotly, deflated, as base64: page.js inflates it when the first figure needs
    it."""
    from plotly.offline import get_plotlyjs
    return base64.b64encode(zlib.compress(get_plotlyjs().encode(), 9)).decode()


@cache
def modules(entry: str) -> str:
    """The import map of a page's modules, as JSON: they are addresses that hold their text."""
    frozen = (files("fmspace_nb.explorer") / "browser" / "frozen.js").read_text(encoding="utf-8")
    names = ("reading", "figures", "address", "answers", "card", *(("page",) if entry == "compute" else ()), entry)
    sources = {"view": explorer.VIEW, "frozen": frozen} | {name: text("static", f"{name}.js") for name in names}
    address = {f"fmspace/{name}": f"data:text/javascript;base64,{base64.b64encode(source.encode()).decode()}"
               for name, source in sources.items()}
    return json.dumps({"imports": address})


def style(*names: str) -> str:
    """Style sheets of this package, and the explorer's, one after another."""
    own = "\n".join(text("static", f"{name}.css") for name in names)
    dark = re.search(r':root\[data-theme="dark"\] (\{[^}]*\})', own)
    system = f"@media screen and (prefers-color-scheme: dark) {{ :root:not([data-theme]) {dark[1]} }}" if dark else ""
    return "\n".join([type_css(), explorer.STYLE, own, system])     # the last is for a reader without scripts


def script(source: str) -> str:
    """A script's text such that no tag in it ends the element it stands in."""
    return source.replace("</script", r"<\/script").replace("<!--", r"<\!--")


def _font(*path: str) -> str:
    data = HERE.joinpath("vendor", *path).read_bytes()
    return f"data:font/woff2;base64,{base64.b64encode(data).decode()}"
