"""Outputs are kept as long as what they depend on stays, and a damaged store is done without."""

import gzip
import os

import nbformat
import pytest
from nbformat import v4

from fmspace_nb.publish import cache


def notebook(*, code="print(1)", prose="# A", tags=(), kernel="python3", outputs=()):
    first = v4.new_code_cell(code, metadata={"tags": list(tags)}, outputs=list(outputs))
    cells = [v4.new_markdown_cell(prose), first, v4.new_code_cell("2")]
    return v4.new_notebook(cells=cells, metadata={"kernelspec": {"name": kernel, "display_name": kernel}})


OUTPUTS = [v4.new_output("stream", text="η = 1\n"), v4.new_output("display_data", {"text/html": "<b>1</b>"})]


@pytest.mark.parametrize("changed, counts", [
    ({}, False), ({"prose": "# B"}, False), ({"outputs": OUTPUTS}, False),
    ({"code": "print(2)"}, True), ({"tags": ["raises-exception"]}, True), ({"kernel": "julia"}, True)])
def test_outputs_depend_on_code_and_kernel_but_not_on_prose(tmp_path, changed, counts):
    assert (cache.key(notebook(**changed), tmp_path) != cache.key(notebook(), tmp_path)) is counts


@pytest.mark.parametrize(
    "name, counts", [("helper.py", True), ("table.csv", True), ("other.ipynb", False), ("README.md", False)]
)
def test_outputs_depend_on_the_files_beside_the_notebook(tmp_path, name, counts):
    before = cache.key(notebook(), tmp_path)
    (tmp_path / name).write_text("x = 1")
    assert (cache.key(notebook(), tmp_path) != before) is counts


@pytest.mark.parametrize(("name", "counts"), [("parts/helper.py", True), ("parts/deep/table.csv", True),
                                             (".git/index", False), ("__pycache__/helper.pyc", False)])
def test_outputs_depend_on_what_lies_below_the_notebook(tmp_path, name, counts):
    before = cache.key(notebook(), tmp_path)
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_text("x = 1")
    made = cache.key(notebook(), tmp_path)
    (tmp_path / name).write_text("x = 2")
    assert (made != before) is counts and (cache.key(notebook(), tmp_path) != made) is counts


def test_outputs_depend_on_packages_installed_where_they_are_written(tmp_path, monkeypatch):
    package, beside = tmp_path / "package", tmp_path / "beside"
    package.mkdir(), beside.mkdir()
    (package / "module.py").write_text("x = 1")
    monkeypatch.setattr(cache, "_editable", lambda: [package])
    before = cache.key(notebook(), beside)
    (package / "module.py").write_text("x = 2")
    assert cache.key(notebook(), beside) != before


def test_an_unreadable_or_a_large_neighbour_does_no_harm(tmp_path, monkeypatch):
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop").symlink_to(tmp_path)
    for k in range(30):
        (tmp_path / f"{k:02d}.bin").write_bytes(b"x" * 100)
    monkeypatch.setattr(cache, "READ", 300)
    before = cache.key(notebook(), tmp_path)
    (tmp_path / "29.bin").write_bytes(b"y" * 100)
    os.utime(tmp_path / "29.bin", (1, 1))
    assert cache.key(notebook(), tmp_path) != before


def test_what_was_remembered_is_recalled():
    cache.remember("k", notebook(outputs=OUTPUTS))
    fresh = notebook()
    assert cache.recall("k", fresh) and not cache.recall("other", notebook())
    assert [cell.get("outputs") for cell in fresh.cells] == [None, OUTPUTS, []]
    nbformat.validate(fresh)
    assert [path.name for path in cache.folder().iterdir()] == ["k.json.gz"]


def flipped(start, stop):
    return lambda kept: kept[:start] + bytes(byte ^ 0xFF for byte in kept[start:stop]) + kept[stop:]


@pytest.mark.parametrize(
    "damage",
    [
        flipped(0, 4),
        flipped(10, 20),
        flipped(11, 12),
        flipped(-8, -4),
        lambda kept: kept[:-6],
        lambda kept: b"",
        lambda kept: b"spoiled",
        lambda kept: gzip.compress(b"3"),
        lambda kept: gzip.compress(b"{"),
        lambda kept: gzip.compress(b"[[]]"),
    ],
    ids=[
        "header",
        "past the header",
        "one byte",
        "checksum",
        "cut",
        "empty",
        "foreign",
        "number",
        "no JSON",
        "other cells",
    ],
)
def test_a_damaged_store_is_done_without_and_the_notebook_untouched(damage):
    cache.remember("k", notebook(outputs=OUTPUTS))
    path, = cache.folder().iterdir()
    path.write_bytes(damage(path.read_bytes()))
    fresh = notebook()
    assert cache.recall("k", fresh) is False and fresh.cells[1].outputs == []
    cache.remember("k", notebook(outputs=OUTPUTS))
    assert cache.recall("k", fresh) is True


def test_the_notebooks_used_last_are_kept(monkeypatch):
    monkeypatch.setattr(cache, "KEPT", 2)
    for age, key in enumerate("abc"):
        cache.remember(key, notebook())
        os.utime(cache.folder() / f"{key}.json.gz", (1e9 + age, 1e9 + age))
        if key == "b":
            assert cache.recall("a", notebook())  # used now
    assert sorted(path.name for path in cache.folder().iterdir()) == ["a.json.gz", "c.json.gz"]


def test_a_store_that_cannot_be_written_is_done_without(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("FMSPACE_NB_CACHE", str(tmp_path / "file" / "cache"))
    cache.remember("k", notebook())
    assert cache.recall("k", notebook()) is False
