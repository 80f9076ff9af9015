"""Whatever Chromium `make test` is content with is the one that the tests drive."""

import subprocess
from pathlib import Path

import pytest
from find_chromium import chromium

INSTALL = Path(__file__).with_name("chromium")


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """programs("a", "b"): a PATH on which only these are found, and an apt-get that takes note of being called."""
    def on_the_path(*names):
        for name in (*names, "apt-get"):
            (tmp_path / name).write_text(f"#!/bin/sh\necho {name} >> {tmp_path}/called\n")
            (tmp_path / name).chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
    return on_the_path


@pytest.mark.parametrize("there, taken", [
    (["chromium"], "chromium"), (["chromium-browser"], "chromium-browser"), (["google-chrome"], "google-chrome"),
    (["google-chrome", "chromium-browser"], "chromium-browser"),
    (["google-chrome", "chromium-browser", "chromium"], "chromium")])
def test_the_first_of_three_is_driven_and_nothing_installed(programs, tmp_path, there, taken):
    programs(*there)
    assert chromium() == str(tmp_path / taken)
    assert subprocess.run([INSTALL], capture_output=True, check=True).stdout == b""
    assert not (tmp_path / "called").exists()


def test_none_is_said_without_installing_one(programs, tmp_path):
    programs()
    with pytest.raises(RuntimeError, match="The browser tests need Chromium: install it"):
        chromium()
    assert not (tmp_path / "called").exists()
