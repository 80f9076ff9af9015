"""A real JupyterLab and a real Chromium for the tests of this folder: one of each a session, a fresh kernel a notebook."""

import os
import shutil

import pytest
from jupyterlabs import FLAGS, Lab
from pages import open_page, site  # noqa: F401 (fixtures of the tests of exported pages)
from playwright.sync_api import sync_playwright


def pytest_collection_modifyitems(items):
    for item in items:
        if os.sep + "browser" + os.sep in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium, headless."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield found
        found.close()


@pytest.fixture(scope="session")
def lab(browser, tmp_path_factory):
    """A JupyterLab in which tests open notebooks of a fresh folder."""
    server = Lab(browser, tmp_path_factory.mktemp("lab"))
    yield server
    server.stop()
