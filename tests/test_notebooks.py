"""Notebooks: pairs in sync, no outputs, short cells, and each runs alone from top to bottom."""

import os
import re
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
IDS = [p.stem for p in NOTEBOOKS]


def test_there_are_chapters_and_each_is_a_pair():
    assert NOTEBOOKS
    assert IDS == sorted(p.stem for p in (ROOT / "notebooks").glob("*.md"))


@pytest.mark.slow
@pytest.mark.parametrize("newer", [".ipynb", ".md"])
def test_pairs_are_in_sync(newer, tmp_path):
    """jupytext --sync changes neither half, whichever of the two it takes for the source."""
    shutil.copy(ROOT / "jupytext.toml", tmp_path)
    for path in NOTEBOOKS:
        for half in (path, path.with_suffix(".md")):
            shutil.copy(half, tmp_path)
            age = 1_700_000_000 + (3600 if half.suffix == newer else 0)
            os.utime(tmp_path / half.name, (age, age))
    copies = sorted(str(p) for p in tmp_path.glob("*.ipynb"))
    subprocess.run([sys.executable, "-m", "jupytext", "--sync", *copies], check=True, capture_output=True, cwd=tmp_path)
    for copy in sorted(tmp_path.glob("*.ipynb")) + sorted(tmp_path.glob("*.md")):
        assert copy.read_text("utf-8") == (ROOT / "notebooks" / copy.name).read_text("utf-8"), copy.name


@pytest.mark.slow
def test_no_outputs_and_no_volatile_metadata():
    subprocess.run([sys.executable, "-m", "nbstripout", "--verify", "--keep-id", *map(str, NOTEBOOKS)], check=True)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=IDS)
def test_one_cell_one_thought(path):
    lengths = [len(cell.source.splitlines()) for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    assert max(lengths, default=0) <= 20 and statistics.median(lengths or [0]) <= 6


def test_references_are_the_same_in_both_forms():
    bib = (ROOT / "notebooks" / "references.bib").read_text("utf-8")
    glossary = (ROOT / "notebooks" / "11_glossary.md").read_text("utf-8").partition("## References")[2]
    titles = [title.lower() for title in re.findall(r"^  title = \{(.*)\}", bib, re.MULTILINE)]
    listed = re.findall(r"^\d+\. .*?\*(.*?)\*", glossary, re.MULTILINE)
    assert [title.lower() for title in listed] == titles
    assert [int(k) for k in re.findall(r"^(\d+)\. ", glossary, re.MULTILINE)] == list(range(1, len(titles) + 1))


@pytest.mark.parametrize("path", [path for path in NOTEBOOKS if "01" <= path.stem[:2] <= "09"],
                         ids=lambda path: path.stem)
def test_statements_name_tests_that_exist_and_figures_that_are_there(path):
    text = path.with_suffix(".md").read_text("utf-8")
    behind = text.partition("## What stands behind it")[2]
    table = re.findall(r"^\| (.+) \| (.*) \| `(test_\w+)` \|$", behind, re.MULTILINE)
    sources = [source.read_text("utf-8") for source in Path(__file__).parent.rglob("test_*.py")]
    written = {name for source in sources for name in re.findall(r"^def (test_\w+)", source, re.MULTILINE)}
    assert len(table) >= 5 and {name for *_, name in table} <= written
    figures = len(re.findall(r"^explore\(", text, re.MULTILINE))
    numbers = [int(n) for _, place, _ in table for n in re.findall(r"\d+", re.sub(r"\[.*\)", "", place))]
    assert all(1 <= number <= figures for number in numbers)
