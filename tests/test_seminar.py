"""The seminar's notes: one for every slide, with its time and a question, 45 minutes in all."""

import re
from pathlib import Path

import jupytext
import pytest

from fmspace_nb.figures import mixing

CELLS = jupytext.read(Path(__file__).parents[1] / "notebooks" / "10_seminar.md").cells
KINDS = [cell.metadata.get("slideshow", {}).get("slide_type") for cell in CELLS]
NOTES = [cell.source for cell, kind in zip(CELLS, KINDS, strict=True) if kind == "notes"]


def test_every_slide_has_its_notes():
    assert [kind for kind in KINDS if kind in ("slide", "notes")] == ["slide", "notes"] * len(NOTES)


def test_the_times_follow_one_another_up_to_45_minutes():
    ends = [tuple(map(int, re.match(r"(\d+)–(\d+) min\. ", note).groups())) for note in NOTES]
    assert [start for start, _ in ends] == [0, *(end for _, end in ends[:-1])] and ends[-1][1] == 45


def test_every_slide_has_a_question_to_ask():
    assert [note for note in NOTES if "?" not in note] == []


def test_the_angles_named_are_those_of_the_picture():
    figure = mixing.angle()
    note = next(note for note in NOTES if "homogeneous of degree p" in note)
    for name, pattern in (("B/(Ad)", r"([\d.]+)° here"), ("η → ∞", r"ends at ([\d.]+)°")):
        drawn = next(trace.y[0] for trace in figure.data if trace.name.startswith(name))
        said = re.search(pattern, note)[1]
        assert f"{drawn:.{len(said.partition('.')[2])}f}" == said


@pytest.mark.parametrize("symbol, defined", [
    (r"\mu_\sigma", r"\mu_\sigma=\mathbb E"), (r"A\,I", "bulk $A$, spike $B$"), ("=p", "homogeneous of degree $p$")])
def test_a_symbol_is_defined_on_the_slide_that_first_shows_it(symbol, defined):
    shown = " ".join(f"{kind} {cell.source}" for kind, cell in zip(KINDS, CELLS, strict=True) if kind != "skip")
    assert defined in next(part for part in re.split("(?:slide|notes) ", shown) if symbol in part)


def test_a_slide_shows_one_explorer():
    slides = re.split("slide ", " ".join(f"{kind} {cell.source}" for kind, cell in zip(KINDS, CELLS, strict=True)))
    assert max(slide.count("explore(") for slide in slides) == 1
