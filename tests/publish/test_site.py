"""Exporting: both kinds from either half of a pair, failures in words, nothing half written, nothing run twice."""

import re
import subprocess
import sys
from datetime import date
from importlib.metadata import metadata
from pathlib import Path

import pytest

from fmspace_nb.publish.run import ExportError
from fmspace_nb.publish.site import export, text_of, write

ELSEWHERE = Path(__file__).parent / "elsewhere"


def export_quietly(*names, out, **options):
    return export(list(map(str, names)), out, progress=False, **options)


def command(*arguments, **options):
    said = [sys.executable, "-m", "fmspace_nb", *map(str, arguments)]
    return subprocess.run(said, capture_output=True, text=True, check=False, **options)


@pytest.fixture(scope="module")
def membrane(tmp_path_factory):
    """The notebook from elsewhere, exported to pages and slides by the command line."""
    out = tmp_path_factory.mktemp("site")
    for kind in ("html", "slides"):
        done = command(kind, ELSEWHERE / "membrane.md", "--out", out)
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


def test_a_failing_cell_is_named_and_the_former_file_stays(tmp_path, write_notebook):
    out = tmp_path / "out"
    write_notebook("a", "# A")
    write_notebook("b", "# B")
    export_quietly(tmp_path / "a.ipynb", tmp_path / "b.ipynb", out=out)
    before = (out / "a.html").read_text("utf-8")
    write_notebook("a", "# A changed", code=["x = 1", "raise ValueError('spike must be ≥ 0, got -1')"])
    write_notebook("b", "# B changed")
    done = command("html", tmp_path / "a.ipynb", tmp_path / "b.ipynb", "--out", out)
    assert done.returncode == 1
    assert re.search(
        r"a\.ipynb, cell 3 of 3 \(raise ValueError\(.*\) failed: ValueError: spike must be ≥ 0, got -1", done.stderr
    )
    assert (out / "a.html").read_text("utf-8") == before and "B changed" in (out / "b.html").read_text("utf-8")
    assert [path.name for path in out.iterdir() if path.name.startswith(".")] == []


def test_a_figure_that_fails_is_named_with_its_values(tmp_path, write_notebook):
    code = ("from fmspace_nb.explorer import explore, Linear\nimport plotly.graph_objects as go\ndef bars(spike=1.0):\n"
            "    return go.Figure() if spike < 2 else 1 / 0\nexplore(bars, spike=Linear(0, 4, start=1, steps=5))")
    [report] = export_quietly(write_notebook("a", code=code), out=tmp_path / "out")
    assert (
        "ZeroDivisionError" in report.error and "explorer 'bars' could not be drawn at {'spike': 2.0}" in report.error
    )


def test_a_notebook_that_hangs_is_stopped_and_said_so(tmp_path, write_notebook):
    path = write_notebook("a", code=["import time", "time.sleep(1000)"])
    done = command("html", path, "--out", tmp_path / "out", "--timeout", 4, timeout=60)
    assert done.returncode == 1 and not (tmp_path / "out" / "a.html").exists()
    assert re.search(
        r"a\.ipynb, cell 2 of 2 \(time\.sleep\(1000\)\) was stopped: the notebook had run for 4 s", done.stderr
    )


def test_a_corrupt_notebook_does_not_keep_the_others_back(tmp_path, write_notebook):
    write_notebook("a", "# A")
    (tmp_path / "b.ipynb").write_text("{")
    reports = export_quietly(tmp_path, out=tmp_path / "out")
    assert [bool(r.error) for r in reports] == [False, True] and (tmp_path / "out" / "a.html").exists()


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


def test_an_error_nobody_foresaw_is_that_chapters_report_and_the_others_are_written(
    tmp_path, write_notebook, monkeypatch
):
    for name in "abc":
        write_notebook(name, f"# Chapter {name}")

    def failing(chapter, *arguments, **options):
        if chapter.name == "b":
            raise RecursionError("too deep")
        return text_of(chapter, *arguments, **options)

    monkeypatch.setattr("fmspace_nb.publish.site.text_of", failing)
    reports = export_quietly(tmp_path, out=tmp_path / "out")
    assert [report.error for report in reports] == ["", f"{tmp_path / 'b.ipynb'}: RecursionError: too deep", ""]
    assert str(reports[1]) == f"failed: {reports[1].error}"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.html", "c.html", "index.html"]


def test_an_index_that_cannot_be_made_does_not_silence_the_reports(tmp_path, write_notebook):
    (tmp_path / "out" / "index.html").mkdir(parents=True)
    page, index = export_quietly(write_notebook("a", "# A"), out=tmp_path / "out")
    assert page.error == "" and page.path.is_file()
    assert re.fullmatch(r".*index\.html cannot be written: Is a directory", index.error)


def test_two_notebooks_of_one_name_are_refused_before_anything_is_written(tmp_path, write_notebook):
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        write_notebook(f"{folder}/a", f"# From {folder}")
    for kind in ("html", "slides", "student"):
        done = command(kind, tmp_path / "x", tmp_path / "y" / "a.ipynb", "--out", tmp_path / "out")
        assert done.returncode == 1
        assert re.match(
            rf"fmspace_nb {kind}: .*x/a\.ipynb and .*y/a\.ipynb would both be written as a: rename one", done.stderr
        )
    assert not (tmp_path / "out").exists()


def test_a_notebook_called_like_the_index_is_refused_as_a_page(tmp_path, write_notebook):
    path = write_notebook("index", "# A")
    with pytest.raises(
        ExportError, match=r"index\.ipynb would be written as index\.html, which is the list of chapters"
    ):
        export_quietly(path, out=tmp_path / "out")
    [report] = export_quietly(path, out=tmp_path / "out", kind="slides")
    assert report.path.name == "index.slides.html"


def test_a_folder_that_cannot_be_written_is_said_before_anything_runs(tmp_path, write_notebook):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ExportError, match=r"the folder .*file/site cannot be written"):
        export_quietly(write_notebook("a"), out=tmp_path / "file" / "site")
    done = command("html", write_notebook("a"), "--out", tmp_path / "file")
    assert (
        done.returncode == 1
        and done.stderr.startswith("fmspace_nb html: the folder")
        and "Traceback" not in done.stderr
    )


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


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["html", "nowhere.ipynb"], "there is no such file or folder"),
        (["html", "--timeout", "0"], "must be a number of seconds > 0"),
        (["html", "--jobs", "0"], "must be a whole number"),
        (["html", "--frobnicate"], "unrecognized arguments: --frobnicate"),
        (["paint"], "invalid choice"),
        ([], "required: COMMAND"),
        (["html"], "notebooks: there is no such"),
    ],
)
def test_a_wrong_command_is_explained(tmp_path, arguments, message):
    done = command(*arguments, cwd=tmp_path)
    assert done.returncode in (1, 2) and message in done.stderr and "Traceback" not in done.stderr


def test_every_file_says_what_it_is_and_leads_to_all_chapters(write_notebook, tmp_path):
    for name in ("one", "two", "three"):
        write_notebook(name, f"# {name.title()}\n\nLead.")
    out = tmp_path / "out"
    export_quietly(tmp_path, out=out)
    export_quietly(tmp_path, out=out, kind="slides")
    version = metadata("fmspace-nb")["Version"]
    for path in out.glob("*.html"):
        text = path.read_text("utf-8")
        told = re.search(r'<p class="colophon">(.*?)</p>', text)[1]
        assert f"fmspace_nb {version} (BSD-3-Clause)" in told and "arXiv:2605.17718" in told
        assert str(date.today().year) in told
    course = re.search(r'<details class="course">.*?</details>', (out / "two.html").read_text("utf-8"), re.DOTALL)[0]
    assert re.findall(r'href="(\w+)\.html"', course) == ["one", "three", "two"]
    assert re.findall(r'href="(\w+)\.html" aria-current', course) == ["two"]
