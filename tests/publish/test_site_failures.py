"""An export that fails: the place is named in words, the former file stays, the other chapters are written."""

import re

import pytest
from exporting import command, command_here, export_quietly

from fmspace_nb.publish.run import ExportError
from fmspace_nb.publish.site import text_of


def test_a_failing_cell_is_named_and_the_former_file_stays(tmp_path, write_notebook):
    out = tmp_path / "out"
    write_notebook("a", "# A")
    write_notebook("b", "# B", code="1 + 1")
    export_quietly(tmp_path / "a.ipynb", tmp_path / "b.ipynb", out=out)
    before = (out / "a.html").read_text("utf-8")
    write_notebook("a", "# A changed", code=["x = 1", "raise ValueError('spike must be ≥ 0, got -1')"])
    write_notebook("b", "# B changed", code="1 + 2")
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
        done = command_here(kind, tmp_path / "x", tmp_path / "y" / "a.ipynb", "--out", tmp_path / "out")
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
    done = command_here("html", write_notebook("a"), "--out", tmp_path / "file")
    assert done.returncode == 1 and done.stderr.startswith("fmspace_nb html: the folder")


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
def test_a_wrong_command_is_explained(tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    done = command_here(*arguments)
    assert done.returncode in (1, 2) and message in done.stderr
