"""Exporting: both kinds from either half of a pair, failures in words, nothing half written, nothing run twice."""

import re
from datetime import date
from importlib.metadata import metadata
from pathlib import Path

import pytest
from exporting import command, command_here, export_quietly

from fmspace_nb.publish.page import _templates, colophon
from fmspace_nb.publish.run import ExportError
from fmspace_nb.publish.site import write

ELSEWHERE = Path(__file__).parent / "elsewhere"


@pytest.fixture(scope="module")
def membrane(tmp_path_factory):
    """The notebook from elsewhere, exported to a page by the command line, and to slides."""
    out = tmp_path_factory.mktemp("site")
    for run, kind in ((command, "html"), (command_here, "slides")):
        done = run(kind, ELSEWHERE / "membrane.md", "--out", out)
        assert done.returncode == 0, done.stderr
        assert re.search(
            r"membrane[\w.]*html +[\d.]+ MB +[\d.]+ s.*beats 198 pictures in \d+ kB, decay 30 pictures", done.stdout
        )
    return out


def test_a_page_is_one_file_that_asks_for_nothing(membrane):
    assert sorted(path.name for path in membrane.iterdir()) == ["index.html", "membrane.html", "membrane.slides.html"]
    for path in membrane.iterdir():
        text = path.read_text("utf-8")
        assert re.search(r"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;;", text)
        text = re.sub(r"(<script\b[^>]*>).*?</script>", r"\1", text, flags=re.DOTALL)
        assert not re.search(r"<(?:script|img|link|iframe|source)\b[^>]*(?:src|href)=(?![\"']?data:)", text)
        assert not re.search(r"url\((?!data:)[\"']?(?:https?:|//|fonts/)", text)
        assert path.stat().st_size < 6e6


def test_a_page_holds_the_notebook(membrane):
    text = (membrane / "membrane.html").read_text("utf-8")
    body = text[text.index("<article>"):]
    assert '<h1 id="7-·-Beats-and-membranes"><span class="number">7</span> Beats and membranes</h1>' in body
    assert "One minute. Ask what detuning" not in body  # a speaker's note
    assert body.count('<div class="fm-frozen"') == 3
    assert 'href="03_spike.html"' in body and 'href="membrane.html#A-membrane"' in body
    assert '<a href="#The-sum-of-two-tones">' in body and 'href="https://arxiv.org/abs/2605.17718"' in body


def test_a_handout_is_set_for_paper(write_notebook, tmp_path):
    """Metadata `handout` gives the page its class, its style sheet and no list of contents; others have none of it."""
    for name, given in (("chapter", {}), ("sheet", {"handout": True})):
        write_notebook(name, f"# {name}\n\nLead.\n\n## Part", **given)
    chapter, sheet = (report.path.read_text("utf-8") for report in export_quietly(tmp_path, out=tmp_path / "out"))
    assert '<body class="page handout">' in sheet and ".handout article" in sheet
    assert '<body class="page">' in chapter and ".handout" not in chapter
    assert ["Contents of this chapter" in text for text in (chapter, sheet)] == [True, False]


def test_slides_follow_the_slide_types(membrane):
    text = (membrane / "membrane.slides.html").read_text("utf-8")
    slides = text[text.index('<div class="slides">'):text.index('<div class="switches"')]
    assert len(re.findall(r"<section>", slides)) == 5  # title · a stack of two · the membrane
    assert '<aside class="notes">' in slides and '<div class="fragment"><details' in slides
    assert "What else a cell puts out" not in slides


def test_the_index_lists_chapters_with_titles_and_leads(membrane):
    text = (membrane / "index.html").read_text("utf-8")
    assert '<a href="membrane.html">Beats and membranes</a>' in text and 'href="membrane.slides.html"' in text
    assert "a membrane dies away" in text


def test_chapters_know_their_neighbours_and_the_readme_heads_the_index(tmp_path, write_notebook):
    for k in "abc":
        write_notebook(k, f"# Chapter {k}")
    readme = "[![badge](https://x/b.svg)](https://x)\n# The *course*\n\nWhat it is, $x$.\n\n## Commands\n\nNot this.\n"
    (tmp_path / "README.md").write_text(readme)
    out = tmp_path / "out"
    reports = export_quietly(tmp_path / "a.ipynb", tmp_path / "b.ipynb", out=out)
    assert [r.error for r in reports] == ["", ""]
    pages = {k: (out / f"{k}.html").read_text("utf-8") for k in "ab"}
    turn = {k: re.findall(r'rel="(\w+)" href="(\w)\.html"', text) for k, text in pages.items()}
    assert turn == {"a": [("next", "b")], "b": [("prev", "a")]}
    assert '<a class="home" href="index.html">The course</a>' in pages["a"]
    index = (out / "index.html").read_text("utf-8")
    assert (
        "<h1>The <em>course</em></h1>" in index
        and "What it is" in index
        and "Not this" not in index
        and "badge" not in index
    )
    assert "Chapter c" not in index
    export_quietly(tmp_path / "c.ipynb", out=out)
    assert re.findall(r'rel="(\w+)" href="(\w)\.html"', (out / "c.html").read_text("utf-8")) == [("prev", "b")]
    assert "Chapter a" in (out / "index.html").read_text("utf-8")


def test_a_notebook_that_broke_since_its_export_is_left_out_of_the_index(tmp_path, write_notebook):
    out = tmp_path / "out"
    for name in "abc":
        write_notebook(name, f"# Chapter {name}")
    export_quietly(tmp_path, out=out)
    (tmp_path / "a.ipynb").write_text("{")
    [report] = export_quietly(tmp_path / "b.ipynb", out=out)
    assert report.error == "" and (out / "a.html").is_file()
    assert re.findall(r'href="(\w)\.html"', (out / "index.html").read_text("utf-8")) == ["b", "c"]
    assert re.findall(r'rel="(\w+)" href="(\w)\.html"', (out / "b.html").read_text("utf-8")) == [("next", "c")]


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    (tmp_path / "taken").mkdir()
    with pytest.raises(ExportError, match="cannot be written"):
        write(tmp_path / "taken", "text")
    with pytest.raises(ExportError, match=r"b\.html cannot be written: .*surrogates not allowed"):
        write(tmp_path / "b.html", "a\ud800")
    assert list(tmp_path.iterdir()) == [tmp_path / "taken"]


def test_what_did_not_change_is_not_run_again(tmp_path, write_notebook):
    code = (
        "import pathlib; p = pathlib.Path('../runs'); p.write_text(p.read_text() + 'x' if p.exists() else 'x'); "
        "print('hello')"
    )
    (tmp_path / "notebooks").mkdir()
    path = write_notebook("notebooks/a", "# A", code=code)
    out, runs = tmp_path / "out", tmp_path / "runs"

    def exported(**options):
        [report] = export_quietly(path, out=out, **options)
        assert report.error == "" and "hello" in (out / "a.html").read_text("utf-8")
        return len(runs.read_text())

    assert (exported(), exported(), exported(kind="slides")) == (1, 1, 1)
    write_notebook("notebooks/a", "# A, reworded", code=code)
    assert exported() == 1 and "reworded" in (out / "a.html").read_text("utf-8")  # prose is no reason to compute
    write_notebook("notebooks/a", "# A", code=code + "; 1")
    assert exported() == 2
    (path.parent / "beside.py").write_text("x = 1")
    assert exported() == 3
    assert exported(fresh=True) == 4


def test_a_spoiled_cache_is_done_without(tmp_path, write_notebook, monkeypatch):
    path = write_notebook("a", code="print('hello')")
    export_quietly(path, out=tmp_path / "out")
    from fmspace_nb.publish import cache
    [kept] = cache.folder().glob("*.json.gz")
    kept.write_bytes(kept.read_bytes()[:10] + b"\xff" * 20)  # past its header: what zlib complains of, not gzip
    [report] = export_quietly(path, out=tmp_path / "out")
    assert report.ran and not report.error
    monkeypatch.setenv("FMSPACE_NB_CACHE", str(path / "no" / "folder"))
    assert not export_quietly(path, out=tmp_path / "out")[0].error


def test_what_github_publishes_names_its_source(monkeypatch):
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.com")
    monkeypatch.setenv("GITHUB_REPOSITORY", "someone/fmspace_nb")
    line = _templates().get_template("colophon.html.j2").render(title="Two", colophon=colophon.__wrapped__())
    assert '<a href="https://github.com/someone/fmspace_nb">fmspace_nb</a>' in line


def test_every_file_says_what_it_is_and_leads_to_all_chapters(write_notebook, tmp_path):
    for name in ("one", "two", "three"):
        write_notebook(name, f"# {name.title()}\n\nLead.")
    out = tmp_path / "out"
    export_quietly(tmp_path, out=out)
    export_quietly(tmp_path, out=out, kind="slides")
    version = metadata("fmspace-nb")["Version"]
    for path in out.glob("*.html"):
        text = path.read_text("utf-8")
        told = " ".join(re.search(r'<p class="colophon">(.*?)</p>', text, re.DOTALL)[1].split())
        assert f"fmspace_nb {version} (BSD-3-Clause)" in told and "arXiv:2605.17718" in told
        assert str(date.today().year) in told
    course = re.search(r'<details class="course">.*?</details>', (out / "two.html").read_text("utf-8"), re.DOTALL)[0]
    assert re.findall(r'href="(\w+)\.html"', course) == ["one", "three", "two"]
    assert re.findall(r'href="(\w+)\.html" aria-current', course) == ["two"]
