"""Tests of this folder drive a real Chromium; `browser` and `lab` are in the conftest above."""

import os

import pytest

pytest.register_assert_rewrite("driving", "labs", "pages")  # their asserts say what they found

from labs import figures, opened, page  # noqa: F401 (fixtures of the tests in JupyterLab)
from pages import open_page, site  # noqa: F401 (fixtures of the tests of exported pages)


def pytest_collection_modifyitems(items):
    for item in items:
        if os.sep + "browser" + os.sep in str(item.path):
            item.add_marker(pytest.mark.browser)
