"""Notebooks are found and read in either form, and say who they are."""

import os
import shutil
from pathlib import Path

import pytest

from fmspace_nb.publish.chapters import Chapter, find, in_folder, read, unlike_halves
from fmspace_nb.publish.run import ExportError

ELSEWHERE = Path(__file__).parent / "elsewhere"


def test_a_chapter_says_its_title_and_its_lead(write_notebook):
    told = "# 01 · *The* title\n\n**What you will see.** One thing. Another.\n\nMore."
    chapter = read(write_notebook("01_a", "```python\n# not this\n```", told))
    assert (chapter.title, chapter.lead) == ("01 · *The* title", "One thing. Another.")
    assert read(write_notebook("02_no_heading", "Just prose.")).title == "02 no heading"
    assert chapter.language == "ipython3"


def test_a_long_lead_ends_with_a_sentence(write_notebook):
    lead = read(write_notebook("a", "# T\n\n" + "This sentence has thirty-nine characters. " * 20)).lead
    assert lead.endswith("characters.") and 200 < len(lead) <= 280


def test_of_a_pair_the_newer_half_is_read(tmp_path, write_notebook):
    notebook = write_notebook("a", "# Old")
    shutil.copy(ELSEWHERE / "membrane.md", tmp_path / "a.md")
    for newer, older in ((".md", ".ipynb"), (".ipynb", ".md")):
        os.utime(notebook.with_suffix(older), (1e9, 1e9))
        os.utime(notebook.with_suffix(newer), (2e9, 2e9))
        assert find([str(tmp_path)]) == [notebook.with_suffix(newer)]
        assert find([str(notebook), str(notebook.with_suffix(newer))]) == [notebook.with_suffix(newer)]


def test_of_a_pair_that_differs_the_half_that_was_taken_is_named(tmp_path, write_notebook):
    import jupytext
    notebook = write_notebook("a", "# One", "", code="x = 1\n")
    text = notebook.with_suffix(".md")
    assert unlike_halves(read(notebook)) == []
    jupytext.write(jupytext.read(notebook), text)
    assert unlike_halves(read(notebook)) == unlike_halves(read(text)) == []
    text.write_text(text.read_text().replace("x = 1", "x = 2"))
    assert unlike_halves(read(notebook))[0].startswith("a.ipynb and a.md differ: this is a.ipynb")
    assert unlike_halves(read(text))[0].startswith("a.md and a.ipynb differ: this is a.md")
    notebook.write_text("{ not json")
    assert unlike_halves(read(text)) == []


def test_a_markdown_file_that_is_no_notebook_is_not_one(tmp_path, write_notebook):
    (tmp_path / "README.md").write_text("# Read me\n")
    write_notebook("b")
    assert [path.name for path in in_folder(tmp_path)] == ["b.ipynb"]


@pytest.mark.parametrize(
    "name, content, message",
    [
        ("a.ipynb", "{ not json", r"a\.ipynb is not a readable notebook: NotJSONError"),
        ("a.ipynb", "", r"a\.ipynb is not a readable notebook"),
        (
            "a.ipynb",
            '{"cells": 3, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}',
            r"a\.ipynb is not a readable notebook",
        ),
        ("a.ipynb", '{"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "it has no cells"),
        ("a.md", "---\njupytext: [\n---\n", r"a\.md is not a readable notebook"),
    ],
)
def test_what_is_no_notebook_is_named(tmp_path, name, content, message):
    (tmp_path / name).write_text(content)
    with pytest.raises(ExportError, match=message):
        read(tmp_path / name)


@pytest.mark.parametrize(
    "name, message",
    [
        ("nowhere.ipynb", "there is no such file or folder"),
        ("notes.txt", "is not a notebook: expected .ipynb"),
        (".", "holds no notebooks"),
    ],
)
def test_what_cannot_be_found_is_named(tmp_path, name, message):
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(ExportError, match=message):
        find([str(tmp_path / name)])


def test_two_notebooks_of_one_name_are_both_named(tmp_path, write_notebook):
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
    paths = [write_notebook("x/a"), write_notebook("y/a")]
    with pytest.raises(ExportError, match=r"x/a\.ipynb and .*y/a\.ipynb would both be written as a: rename one"):
        find(list(map(str, paths)))
    assert find([str(paths[0]), str(tmp_path / "y" / ".." / "x")]) == [
        paths[0].parent.parent / "y" / ".." / "x" / "a.ipynb"
    ]


def test_what_a_speaker_says_is_no_lead(write_notebook):
    notebook = read(write_notebook("a", "# T", "Ask the audience.", "The lead.")).notebook
    notebook.cells[1].metadata["slideshow"] = {"slide_type": "notes"}
    assert Chapter("a", Path(), notebook).lead == "The lead."


def test_binary_rubbish_is_no_notebook(tmp_path):
    (tmp_path / "a.ipynb").write_bytes(b"\x89PNG\r\n\x00\xff")
    with pytest.raises(ExportError, match="not a readable notebook"):
        read(tmp_path / "a.ipynb")


def test_a_chapter_can_come_from_an_editor_without_a_file(write_notebook):
    notebook = read(write_notebook("a", "# T")).notebook
    assert Chapter("a", Path(), notebook).title == "T"
