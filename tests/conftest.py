"""Every explorer of every chapter, as the notebooks declare it."""

from pathlib import Path

import jupytext
import pytest

import fmspace_nb.explorer
from fmspace_nb.explorer.spec import ExplorerSpec

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.md"))


def read_explorers(path: Path) -> list[ExplorerSpec]:
    """The explorers of a notebook: its code run with an `explore` that only takes note."""
    found = []

    def note(figure, /, *, caption=None, name=None, **controls):
        found.append(ExplorerSpec(figure, controls, caption, name))

    true = fmspace_nb.explorer.explore
    fmspace_nb.explorer.explore = note
    try:
        exec("\n".join(c.source for c in jupytext.read(path).cells if c.cell_type == "code" and "explore" in c.source), {})
    finally:
        fmspace_nb.explorer.explore = true
    return found


def pytest_generate_tests(metafunc):
    if "declared" in metafunc.fixturenames:
        specs = [(path.stem, spec) for path in NOTEBOOKS for spec in read_explorers(path)]
        assert specs, "no chapter declares an explorer"
        metafunc.parametrize("declared", [spec for _, spec in specs], ids=[f"{stem}-{spec.name}" for stem, spec in specs])
