"""What the HTML of a notebook refers to, taken into its page: pictures, sound and film beside it; the rest is named."""

from __future__ import annotations

import base64
import html
import mimetypes
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

CARRIED = {("img", "src"), ("source", "src"), ("video", "src"), ("video", "poster"), ("audio", "src"), ("track", "src"),
           ("image", "href"), ("input", "src")}
LEFT = {("script", "src"), ("iframe", "src"), ("embed", "src"), ("link", "href"), ("object", "data"), ("img", "srcset"),
        ("source", "srcset")}


class Taken(HTMLParser):
    """HTML written again with its references led or taken in; `.html` is the result.

    folder: where files are looked for. attachments: of the cell. link: what becomes of a link's address. warn: called
    with a sentence for whatever cannot travel.
    """

    def __init__(self, folder: Path, attachments: dict | None, link: Callable[[str], str], warn: Callable[[str], None]):
        super().__init__(convert_charrefs=False)
        self.folder, self.attachments, self.link, self.warn = folder, attachments or {}, link, warn
        self.parts: list[str] = []

    def take(self, source: str) -> str:
        """The HTML, taken in."""
        self.feed(source)
        self.close()
        return "".join(self.parts)

    def handle_starttag(self, tag, attributes):
        """A tag as it was, but for what it refers to."""
        raw = self.get_starttag_text()
        kept, changed = [], False
        for name, value in attributes:
            new = self._taken(tag, name, value, attributes)
            changed |= new != value
            kept += [] if new is None and value is not None else [(name, new)]
        if not changed:
            self.parts.append(raw)
        elif tag == "img" and not any(name == "src" for name, _ in kept):
            self.parts += self._in_its_place(dict(attributes))
        else:
            shown = "".join(f" {name}" + ("" if v is None else f'="{html.escape(v)}"') for name, v in kept)
            self.parts.append(f"<{tag}{shown}{' /' if raw.endswith('/>') else ''}>")

    handle_startendtag = handle_starttag

    def _taken(self, tag: str, name: str, value: str | None, attributes) -> str | None:
        """The value an attribute has in the page; None for an attribute that is left out."""
        if not value or value.startswith(("data:", "#")):
            return value
        if (tag, name) == ("a", "href"):
            return self._led(value)
        if tag == "link" and dict(attributes).get("rel") not in ("stylesheet", "icon", "preload", "modulepreload"):
            return value
        if (tag, name) in LEFT:
            self.warn(f"<{tag} {name}={value}> stays outside: a page takes in pictures, sound and film only")
            return None
        return self._inside(tag, value) if (tag, name) in CARRIED else value

    def _led(self, address: str) -> str:
        led = self.link(address)
        path = self.folder / unquote(address.partition("#")[0].partition("?")[0])
        if led == address and not re.match(r"[a-z][a-z0-9+.-]*:|//", address, re.IGNORECASE) and path.is_file():
            self.warn(f"the link to {address} leads to a file that does not travel in the page")
        return led

    def _inside(self, tag: str, source: str) -> str | None:
        """The file as a data: address; None where it cannot be had."""
        what = "picture" if tag in ("img", "image", "input") else tag
        if source.startswith("attachment:"):
            bundle = self.attachments.get(source.removeprefix("attachment:"), {})
            for kind, data in bundle.items():
                return f"data:{kind};base64,{data}"
        if re.match(r"(?!attachment:)[a-z][a-z0-9+.-]*:|//", source, re.IGNORECASE):
            self.warn(f"the {what} {source} is on the network: the page only links to it" if tag == "img" else
                      f"the {what} {source} is on the network: left out of the page")
            return None
        path = self.folder / unquote(source)
        if not path.is_file():
            self.warn(f"the {what} {source} is not there")
            return None
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"

    def _in_its_place(self, attributes: dict) -> list[str]:
        """What stands where a picture cannot: a link to the network's, nothing for one that is missing."""
        source = attributes.get("src") or ""
        on_the_network = re.match(r"(?!attachment:)[a-z][a-z0-9+.-]*:|//", source, re.IGNORECASE)
        return [f'<a href="{html.escape(source)}">picture: {html.escape(source)}</a>'] if on_the_network else []

    def handle_endtag(self, tag):
        self.parts.append(f"</{tag}>")

    def handle_data(self, data):
        self.parts.append(data)

    def handle_entityref(self, name):
        self.parts.append(f"&{name};")

    def handle_charref(self, name):
        self.parts.append(f"&#{name};")

    def handle_comment(self, data):
        self.parts.append(f"<!--{data}-->")

    def handle_decl(self, decl):
        self.parts.append(f"<!{decl}>")

    def handle_pi(self, data):
        self.parts.append(f"<?{data}>")

    def unknown_decl(self, data):
        self.parts.append(f"<![{data}]>")
