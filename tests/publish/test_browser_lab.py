"""The browser lab's build: what it packs, and how a bad wish ends in one sentence with the old site in its place."""

import json
import zipfile

import pytest

from fmspace_nb.__main__ import main
from fmspace_nb.publish import lite, wheels
from fmspace_nb.publish.pyodide import VERSION


def pyodide(folder, version):
    folder.mkdir()
    (folder / "pyodide-lock.json").write_text(json.dumps({"info": {"version": version}, "packages": {}}))
    return str(folder)


@pytest.fixture
def former(tmp_path):
    (tmp_path / "site" / "lite").mkdir(parents=True)
    (tmp_path / "site" / "lite" / "index.html").write_text("former")
    return tmp_path / "site"


def refused(capsys, out, *wishes):
    """What is said of a wish that cannot be met; the former site is as it was, and nothing lies beside it."""
    assert main(["lite", "--out", str(out), *wishes]) == 1
    assert [path.name for path in out.iterdir()] == ["lite"]
    assert (out / "lite" / "index.html").read_text() == "former"
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    return said


def test_a_folder_without_pyodide_is_refused(capsys, former, tmp_path):
    assert "pyodide-lock.json, got nowhere" in refused(capsys, former, "--pyodide", "nowhere")


def test_a_pyodide_of_another_version_is_refused(capsys, former, tmp_path):
    said = refused(capsys, former, "--pyodide", pyodide(tmp_path / "other", "0.28.0"))
    assert "must be Pyodide 0.27.7" in said and "got 0.28.0" in said


def test_a_file_that_is_no_tarball_is_refused(capsys, former, tmp_path):
    (tmp_path / "file").write_text("no tarball")
    assert "must be a folder, an address or a tarball" in refused(capsys, former, "--pyodide", str(tmp_path / "file"))


def test_an_address_that_does_not_answer_is_refused(capsys, former):
    assert "http://127.0.0.1:9/pyodide-lock.json could not be fetched" in refused(
        capsys, former, "--pyodide", "http://127.0.0.1:9/")


def test_a_builder_that_fails_leaves_the_former_site(capsys, former, monkeypatch, tmp_path):
    monkeypatch.setattr(lite, "_builder", lambda: tmp_path)
    monkeypatch.setattr(lite, "write_wheels", lambda folder: [])
    refused(capsys, former, "--pyodide", pyodide(tmp_path / "same", VERSION))


def test_no_network_for_the_builder_is_one_sentence(capsys, former, monkeypatch, tmp_path):
    monkeypatch.setattr(lite, "user_cache_path", lambda name: tmp_path / "cache")
    monkeypatch.setattr(lite.shutil, "which", lambda name: None)
    monkeypatch.setattr(lite.sys, "executable", "false")
    monkeypatch.setattr(lite, "write_wheels", lambda folder: [])
    assert "jupyterlite-core==0.6.4" in refused(capsys, former)


def test_a_site_without_its_own_pyodide_is_small(tmp_path):
    """What is carried along is half of it; 35 MB is what a slow connection and a free host bear."""
    assert sum(path.stat().st_size for path in wheels.write_wheels(tmp_path)) < 8e6


def test_wheels_hold_the_package_its_chapters_and_no_compiled_file(tmp_path):
    found = {path.name.partition("-")[0]: path for path in wheels.write_wheels(tmp_path)}
    assert set(found) == {"fmspace_nb", *wheels.CARRIED_ALONG}
    names = {name: set(zipfile.ZipFile(path).namelist()) for name, path in found.items()}
    assert {"fmspace_nb/learning.py", "fmspace_nb/explorer/browser/view.js",
            "fmspace_nb/notebooks/00_start_here.ipynb"} <= names["fmspace_nb"]
    assert not [n for inside in names.values() for n in inside if n.endswith((".so", ".pyc")) or "__pycache__" in n]
