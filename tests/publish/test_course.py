"""The chapters come with the package: laid into an empty folder once, and never over anything."""

from pathlib import Path

import pytest

from fmspace_nb.__main__ import main
from fmspace_nb.publish import course


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_an_empty_folder_gets_every_chapter_and_what_they_show():
    first = course.lay_out()
    assert first == course.COURSE / course.chapters()[0].name
    laid = {path.relative_to(course.COURSE) for path in course.COURSE.rglob("*") if path.is_file()}
    assert laid >= {Path(path.name) for path in course.chapters()} | {Path("references.bib")}
    assert not [path for path in laid if path.suffix == ".md"]
    assert [path.name for path in Path().iterdir()] == [course.COURSE.name]


def test_what_a_reader_wrote_stays():
    first = course.lay_out()
    first.write_text("mine")
    Path(course.COURSE, course.chapters()[1].name).unlink()
    assert course.lay_out() == first and first.read_text() == "mine"
    assert not Path(course.COURSE, course.chapters()[1].name).exists()


def test_in_a_clone_its_own_notebooks_are_opened():
    Path("notebooks").mkdir()
    mine = Path("notebooks", course.chapters()[0].name)
    mine.write_text("mine")
    assert course.lay_out() == mine and not course.COURSE.exists()


def test_another_thing_of_that_name_is_left_alone(capsys):
    course.COURSE.mkdir()
    assert main(["lab"]) == 1
    said = capsys.readouterr().err
    assert str(course.COURSE) in said and said.count("\n") == 1 and not list(course.COURSE.iterdir())
