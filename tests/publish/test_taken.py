"""Whatever a notebook's text refers to travels in the page or is named, however its HTML is written."""

import base64

import pytest

from fmspace_nb.publish.taken import Taken


@pytest.fixture
def take(tmp_path):
    """take(HTML) -> (HTML, warnings), beside the files dot.png, tone.ogg, clip.webm, data.csv and page.html."""
    for name in ("dot.png", "tone.ogg", "clip.webm", "data.csv", "page.html"):
        (tmp_path / name).write_bytes(name.encode())

    def taken(source):
        said = []
        return Taken(tmp_path, None, lambda address: address.replace(".ipynb", ".html"), said.append).take(source), said

    return taken


def inside(name):
    return base64.b64encode(name.encode()).decode()


@pytest.mark.parametrize("source", [
    '<img src="dot.png">', "<img src='dot.png'>", "<img src=dot.png>", "<IMG SRC='dot.png'>",
    "<img\n  alt='a > b'\n  src='dot.png'/>",
    "<video src='clip.webm' poster='dot.png'></video>", "<audio controls><source src='tone.ogg'></audio>",
    "<picture><source src='dot.png'></picture>", "<svg><image href='dot.png'/></svg>",
])
def test_pictures_sound_and_film_travel(take, source):
    page, said = take(source)
    assert said == [] and "src='" not in page and "data:" in page
    assert any(inside(name) in page for name in ("dot.png", "tone.ogg", "clip.webm"))


@pytest.mark.parametrize(("source", "named"), [
    ("<script src='own.js'></script>", "own.js"), ("<iframe src='page.html'></iframe>", "page.html"),
    ("<link rel=stylesheet href='own.css'>", "own.css"), ("<object data='page.html'></object>", "page.html"),
    ("<embed src='page.html'>", "page.html"), ("<img srcset='dot.png 2x' alt=''>", "dot.png 2x"),
    ("<a href='data.csv'>data</a>", "data.csv"), ("<img src='gone.png'>", "gone.png"),
    ("<video src='https://example.org/a.webm'></video>", "https://example.org/a.webm"),
])
def test_what_cannot_travel_is_named(take, source, named):
    page, said = take(source)
    assert len(said) == 1 and named in said[0]
    assert "<a " in source or named not in page


@pytest.mark.parametrize("source", [
    "<p title='a &amp; b'>1 &lt; 2 &#8212; <b>x</b><br/></p>", "<!-- <img src='gone.png'> -->", "<a href='#here'>x</a>",
    "<a href=\"mailto:a@b.c\">x</a>", "<details><summary>s</summary>\n\n<p>t</p></details>", "a < b and c > d",
    "<style>p > b { color: red }</style>", "<script>if (1 < 2) document.write('<img src=\"x\">')</script>",
    '<img src="data:image/png;base64,aGk=">', "<!doctype html>", "<svg viewBox='0 0 1 1'><path d='M0 0'/></svg>",
])
def test_everything_else_stays_as_it_was_written(take, source):
    assert take(source) == (source, [])


def test_links_to_notebooks_are_led_to_their_pages(take):
    assert take("<a class='x' href='b.ipynb#c'>b</a>") == ('<a class="x" href="b.html#c">b</a>', [])
