"""Exported pages to drive: the fixtures of every test that opens one as a file."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest
from driving import Driven

ROOT = Path(__file__).parents[2]
ELSEWHERE = ROOT / "tests" / "publish" / "elsewhere"
CHAPTERS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.md"))
PAGES = [*CHAPTERS, "membrane"]


def source(name):
    """The notebook of a page, in its text form."""
    return (ELSEWHERE if name == "membrane" else ROOT / "notebooks") / f"{name}.md"


@pytest.fixture(scope="session")
def site(tmp_path_factory, request):
    """The chapters that this run opens, exported by the command a reader would type: once for all workers."""
    alone = "PYTEST_XDIST_WORKER" not in os.environ
    out = (tmp_path_factory.getbasetemp() if alone else tmp_path_factory.getbasetemp().parent) / "site"
    with out.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not out.exists():
            export(out, request.session.items)
    return out


def export(out, items):
    """Write the pages and the slides of the chapters that these tests name."""
    opened = {
        value
        for item in items
        for value in getattr(getattr(item, "callspec", None), "params", {}).values()
        if isinstance(value, str) and value in PAGES
    } | {"membrane"}
    notebooks = [str(source(name)) for name in sorted(opened)]
    for kind in ("html", "slides"):
        done = subprocess.run([sys.executable, "-m", "fmspace_nb", kind, *notebooks, "--out", str(out)], cwd=ROOT,
                              capture_output=True, text=True)
        print(done.stdout, done.stderr)  # a chapter that fails leaves its own tests without a page, not the others


def open_file(tabs, file, query="", **tab):
    """A page from its file, without a network, in a tab with these options."""
    page = tabs.open(offline=True, **tab)
    page.goto(f"file://{file}{query}")
    page.locator("html[data-ready]").wait_for(state="attached")
    return page


@pytest.fixture
def open_page(tabs, site):
    """open_page("03_spike.html", "#figure=overlap"): `open_file` for the site's, until the test has ended."""
    pages = []

    def opened(name, query="", **tab):
        pages.append(open_file(tabs, site / name, query, **tab))
        return pages[-1]

    yield opened
    for page in pages:
        page.leave()


# The page itself looks, twenty times a second: a locator would search it at every frame while it draws.
DRAWN = """async () => {
  const figures = [...document.querySelectorAll('.fm-frozen')]
  const missing = () => figures.filter(f => !f.querySelector("[data-state='ready']"))
  for (const end = performance.now() + 30000; missing().length && performance.now() < end;) {
    await new Promise(go => setTimeout(go, 50))
  }
  return missing().map(f => f.innerText)
}"""


def all_drawn(page):
    assert page.evaluate(DRAWN) == []


def values(page, name):
    """What the controls of an explorer stand at: {parameter: value}."""
    return Driven(page, name).values()
