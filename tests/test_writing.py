"""A file is written whole or not at all, whatever comes in between."""

from pathlib import Path

import pytest

from fmspace_nb.writing import write_whole


def test_text_and_bytes_replace_what_was_there(tmp_path):
    path = tmp_path / "a"
    assert write_whole(path, "η = 3\n") == path and path.read_bytes() == b"\xce\xb7 = 3\n"
    write_whole(path, b"\xff")
    assert path.read_bytes() == b"\xff" and list(tmp_path.iterdir()) == [path]


def interrupted(path, data):
    with path.open("wb") as file:
        file.write(data[:1])
    raise KeyboardInterrupt


def full(path, target):
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("error, content, broken", [
    (UnicodeEncodeError, "a\ud800", {}), (OSError, "new", {"replace": full}),
    (KeyboardInterrupt, "new", {"write_bytes": interrupted})])
def test_a_failure_leaves_the_former_file_and_nothing_beside_it(tmp_path, monkeypatch, error, content, broken):
    path = tmp_path / "a"
    path.write_text("former")
    for method, failing in broken.items():
        monkeypatch.setattr(Path, method, failing)
    with pytest.raises(error):
        write_whole(path, content)
    assert path.read_text() == "former" and list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_none_is_said(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(NotADirectoryError):
        write_whole(tmp_path / "file" / "a", "text")
