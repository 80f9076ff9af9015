"""The browser's half of an explorer, as text: one view for both lives, its style, and what ties it to a kernel."""

from importlib.resources import files


def _text(name: str) -> str:
    return (files(__package__) / "browser" / name).read_text(encoding="utf-8")


VIEW_FILES = ("plot.js", "theme.js", "glide.js", "field.js", "table.js", "controls.js", "drive.js",
              "together.js", "gif.js", "film.js", "view.js")
# An ES module without imports: export function mount(host, {…})
VIEW = "\n".join(map(_text, VIEW_FILES))
STYLE = _text("view.css")
LIVE = "\n".join((VIEW, *map(_text, ("numbers.js", "shelf.js", "live.js"))))
