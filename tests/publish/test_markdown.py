"""Markdown as JupyterLab reads it, turned into HTML that needs nothing from outside."""

import base64
from pathlib import Path

import pytest

from fmspace_nb.publish.markdown import Prose, plain

ELSEWHERE = Path(__file__).parent / "elsewhere"


@pytest.fixture
def prose(tmp_path):
    return Prose(tmp_path)


@pytest.mark.parametrize(
    "source, expected",
    [
        (r"so $a<b$ holds", '<p>so <span class="tex">a&lt;b</span> holds</p>'),
        ("$$\na \\\\ b \\tag{1}\n$$", '<span class="tex" data-display>a \\\\ b \\tag{1}</span>'),
        (r"in line $$c$$ on display", '<p>in line <span class="tex" data-display>c</span> on display</p>'),
        (
            "\\begin{align}\na &= b\n\\end{align}",
            '<span class="tex" data-display>\\begin{align*}\na &amp;= b\n\\end{align*}</span>',
        ),
        (r"a_b and $x_1 * y * z_2$", '<p>a_b and <span class="tex">x_1 * y * z_2</span></p>'),
        (r"costs \$5", "<p>costs $5</p>"),
        ("`$not$`", "<p><code>$not$</code></p>"),
    ],
)
def test_mathematics_reaches_the_page_as_tex(prose, source, expected):
    assert prose.render(source).strip() == expected


def test_mathematics_in_tables_and_inside_html_is_found(prose):
    table = prose.render("| a |\n|---|\n| $|z|$ |\n| $\\|x\\|$ |")
    assert '<span class="tex">\\vert z\\vert</span>' in table and '<span class="tex">\\Vert x\\Vert</span>' in table
    folded = prose.render("<details><summary>Proof of $a &lt; b$</summary>\n\nText $y$\n\n</details>")
    assert folded.count('class="tex"') == 2


def test_headings_have_jupyterlabs_anchors_and_are_gathered(prose):
    assert '<h2 id="The-question">' in prose.render("## The question")
    assert '<h2 id="The-question-1">' in prose.render("## The question")
    prose.render("### About $x$ and `code`")
    assert [(h.level, h.anchor) for h in prose.headings] == [
        (2, "The-question"),
        (2, "The-question-1"),
        (3, "About-x-and-code"),
    ]
    assert prose.headings[2].html == 'About <span class="tex">x</span> and <code>code</code>'


def test_pictures_travel_with_the_page(tmp_path):
    prose = Prose(ELSEWHERE)
    svg = base64.b64encode((ELSEWHERE / "shape.svg").read_bytes()).decode()
    assert f'src="data:image/svg+xml;base64,{svg}"' in prose.render("![shape](shape.svg)")
    assert f'src="data:image/svg+xml;base64,{svg}"' in prose.render('<img alt="shape" src="shape.svg">')
    attached = prose.render("![dot](attachment:dot.png)", {"dot.png": {"image/png": "aGk="}})
    assert 'src="data:image/png;base64,aGk="' in attached and prose.warnings == []


def test_what_only_a_network_could_bring_is_left_out_and_said(prose):
    rendered = prose.render('![far](https://example.org/far.png)\n\n<script src="https://example.org/a.js"></script>\n\n![gone](gone.png)')
    assert (
        '<img src="https' not in rendered
        and "<script src" not in rendered
        and '<a href="https://example.org/far.png">' in rendered
    )
    assert [w.split()[2] for w in prose.warnings if w.startswith("the picture")] == [
        "https://example.org/far.png",
        "gone.png",
    ]
    assert any("a.js" in warning for warning in prose.warnings)


def test_links_are_handed_to_the_caller(tmp_path):
    prose = Prose(tmp_path, link=str.upper)
    assert '<a href="A.IPYNB">' in prose.render("[x](a.ipynb)")


def test_plain_text_is_one_line_without_marks():
    assert plain("One *thing*.\nAnother.  A third.") == "One thing. Another. A third."
    assert plain("**The** _spike's_ [emergence](a.md) and `code`") == "The spike's emergence and code"
