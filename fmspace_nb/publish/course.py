"""The chapters this package carries: in a clone they lie beside it, in a wheel inside it."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from fmspace_nb.publish import NOTEBOOKS

COURSE = Path("fmspace_nb_course")
PACKAGE = Path(__file__).parents[1]
CARRIED = next((f for f in (PACKAGE / NOTEBOOKS, PACKAGE.parent / NOTEBOOKS) if f.is_dir()), PACKAGE / NOTEBOOKS)


def chapters() -> list[Path]:
    """The chapters, in order."""
    return sorted(CARRIED.glob("*.ipynb"))


def lay_out() -> Path:
    """The first chapter to open: that of ./notebooks or of ./fmspace_nb_course, laid there where neither has it.

    Nothing is ever replaced, and the folder appears whole. Raises OSError: it cannot be written, or another thing has
    its name.
    """
    first = chapters()[0].name
    for folder in (Path(NOTEBOOKS), COURSE):
        if (folder / first).is_file():
            return folder / first
    if COURSE.exists():
        raise FileExistsError(f"the folder {COURSE} must hold {first} or not be there, but it is there without it")
    with TemporaryDirectory(prefix=f".{COURSE}", dir=".") as aside:
        whole = shutil.copytree(CARRIED, Path(aside) / COURSE, ignore=shutil.ignore_patterns("*.md", ".*", "__*"))
        whole.rename(COURSE)
    return COURSE / first
