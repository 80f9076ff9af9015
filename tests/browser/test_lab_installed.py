"""pip is enough: the wheel, installed elsewhere, opens its own chapters in an empty folder."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.request
import venv
from contextlib import suppress
from pathlib import Path

import pytest
from driving import Driven

ROOT = Path(__file__).parents[2]
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "tests", "site", "build", "student")


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A fresh environment with the wheel in it; only what the package depends on is taken from the environment of the
    tests."""
    folder = tmp_path_factory.mktemp("installed")
    shutil.copytree(ROOT, folder / "source", ignore=LEFT_OUT)
    venv.create(folder / "env", symlinks=True)
    python = folder / "env/bin/python"
    uv = shutil.which("uv")
    install = [uv, "pip", "install", "--python"] if uv else [sys.executable, "-m", "pip", "--python"]
    install += [python] if uv else [python, "install"]
    subprocess.run([*install, "--quiet", "--no-deps", folder / "source"], check=True)
    shutil.rmtree(folder / "source")
    site = sysconfig.get_path("purelib", vars={"base": str(folder / "env")})
    Path(site, "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return folder


def test_the_wheel_opens_its_chapters_in_an_empty_folder_and_a_slider_moves(installed, browser):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token, share = secrets.token_hex(16), Path(sys.prefix, "share/jupyter")
    here = installed / "empty"
    here.mkdir()
    places = {name: str(installed / name.lower()) for name in
              ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR",
               "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR")}
    environment = os.environ | places | {"JUPYTER_PATH": str(share), "JUPYTERLAB_DIR": str(share / "lab")}
    environment.pop("PYTHONPATH", None)
    command = [installed / "env/bin/fmspace-nb", "lab", "--port", str(port), "--no-browser",
               "--LabApp.expose_app_in_browser=True", f"--IdentityProvider.token={token}"]
    with (installed / "log").open("w") as log:
        server = subprocess.Popen(command, cwd=here, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        for _ in range(300):
            with suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=5).close()
                break
            assert server.poll() is None, (installed / "log").read_text()
            time.sleep(0.1)
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{port}/?token={token}")
        page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for(timeout=60_000)
        assert page.url.endswith("/lab/tree/fmspace_nb_course/00_start_here.ipynb")
        page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
        page.locator("[data-explorer][data-state=ready]").nth(4).wait_for(timeout=120_000)  # the whole chapter has run
        explorer = Driven(page, "weights")
        explorer.settle(60)
        before = explorer.at
        explorer.drag("step_size", 0.9)
        explorer.settle()
        assert explorer.at != before
        page.close()
    finally:
        server.terminate()
        server.wait(20)
    assert {path.name for path in here.iterdir()} - {".ipynb_checkpoints"} == {"fmspace_nb_course"}
