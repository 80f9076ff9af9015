"""What several folders of tests share: the explorers the notebooks declare, a browser, and a JupyterLab in it."""

import os
import re
import sys
from functools import cache
from pathlib import Path

assert "numpy" not in sys.modules, "BLAS would not see what is set here"
sys.modules.setdefault("rfc3987_syntax", None)  # as our command does: a grammar that nbformat would build for a second
os.environ["OPENBLAS_NUM_THREADS"] = "1"  # two workers on two cores; threads of one would wait for those of the other

import jupytext
import pytest
from find_chromium import chromium
from hypothesis import settings
from jupyterlabs import Lab
from playwright.sync_api import sync_playwright
from tabs import Tabs

import fmspace_nb
from fmspace_nb.explorer.spec import ExplorerSpec

CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync"]
settings.register_profile("steady", deadline=None, derandomize=True)  # no test is a race, and none is another each day
settings.load_profile("steady")
NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.md"))


@cache
def read_explorers(path: Path) -> list[ExplorerSpec]:
    """The explorers of a notebook: its code run with an `explore` that only takes note. The same for all tests, so
    that what one has drawn another can take."""
    found = []

    def note(figure, /, *, caption=None, name=None, leads=False, **controls):
        found.append(ExplorerSpec(figure, controls, caption, name, leads))

    true = fmspace_nb.explore
    fmspace_nb.explore = note
    try:
        exec(
            "\n".join(c.source for c in jupytext.read(path).cells if c.cell_type == "code" and "explore" in c.source),
            {},
        )
    finally:
        fmspace_nb.explore = true
    return found


# Files whose every test takes seconds, or that have hundreds; single tests are marked where they stand.
SLOW = ("course/test_claims", "figures/test_buys", "figures/test_every_explorer", "figures/test_reshaped",
        "figures/test_step", "spectrum/test_labels", "spectrum/test_mercer", "test_expansion", "test_mixing_limits",
        "test_whole_domain")


def pytest_collection_modifyitems(items):
    """Mark as slow what `make quick` leaves out."""
    for item in items:
        if item.path.relative_to(Path(__file__).parent).with_suffix("").as_posix() in SLOW:
            item.add_marker(pytest.mark.slow)


def pytest_ignore_collect(collection_path, config):
    """Benchmarks, other engines and the browser lab run when asked for (make bench, make browsers)."""
    asked = {"benchmarks": config.getoption("benchmark_enable"), "engines": any("engines" in a for a in config.args),
             "test_lite_lab.py": any("lite_lab" in a for a in config.args)}
    return None if asked.get(collection_path.name, True) else True


KINDS = ("browser/test_pages", "browser/test_lab", "")  # of files; a worker takes one kind first, then the rest


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Workers take files, or one chapter of a file; one begins with the pages, one has JupyterLab, others the rest.

    So only one of them waits while the course is exported, and what waits for a browser leaves its core to the others.
    """
    from xdist.scheduler import LoadScopeScheduling

    class KindsApart(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            if nodeid.startswith(f"tests/{KINDS[1]}"):
                return f"tests/{KINDS[1]}"                   # one server for all
            chapter = re.search(r"\[(\d\d_\w+)", nodeid)
            return nodeid.split("::")[0] + (f" {chapter[1]}" if chapter else "")

        def _assign_work_unit(self, node):
            first = min(self.nodes.index(node), len(KINDS) - 1)
            kinds = KINDS[first:] + KINDS[:first]

            def rank(scope):
                file = scope.removeprefix("tests/")
                kind = next(kind for kind in KINDS if file.startswith(kind))
                return kinds.index(kind), not file.startswith(SLOW)

            self.workqueue.move_to_end(min(self.workqueue, key=rank), last=False)
            super()._assign_work_unit(node)

    return KindsApart(config, log)


def pytest_generate_tests(metafunc):
    if "declared" in metafunc.fixturenames:
        specs = [(path.stem, spec) for path in NOTEBOOKS for spec in read_explorers(path)]
        assert specs, "no chapter declares an explorer"
        metafunc.parametrize(
            "declared", [spec for _, spec in specs], ids=[f"{stem}-{spec.name}" for stem, spec in specs]
        )


@pytest.fixture(scope="session")
def browser():
    """The Chromium of this machine, headless: one for the whole session."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM)
        yield found
        found.close()


@pytest.fixture(scope="session")
def tabs(browser):
    """Its tabs, which tests use in turn."""
    return Tabs(browser)


@pytest.fixture(scope="session")
def lab(browser, tmp_path_factory):
    """A JupyterLab in which tests open notebooks of a fresh folder; a fresh kernel a notebook."""
    server = Lab(browser, tmp_path_factory.mktemp("lab"))
    yield server
    server.stop()
