"""Pages exported with --live: closed and asleep until the reader asks, then Python computes every stop in a worker."""

import html
import re

import pytest
from driving import Driven, assert_draws, figure_function
from hosting import served
from pyodide_folder import NoPyodide, pyodide_folder

from fmspace_nb.__main__ import main

NOTEBOOK = """---
kernelspec: {name: python3, display_name: Python 3, language: python}
---

# A page that computes

<script type="text/plain" id="worker">importScripts("http://127.0.0.1:9/")</script>

```{code-cell}
import plotly.graph_objects as go
from fmspace_nb import Choice, Log, explore
from fmspace_nb.figures.spike import weight_spectrum

explore(weight_spectrum, step_size=Log(1, 1e4, start=100, frozen=3), activation=Choice("relu", "erf"))
```

```{code-cell}
def mine(*, step_size):
    return go.Figure(go.Scatter(x=[1, 2], y=[step_size, 2]))

explore(mine, step_size=Log(1, 100, start=10, frozen=3))
```
"""
HELD = 120_000  # milliseconds: on a busy machine Pyodide starts slowly


@pytest.fixture(scope="module")
def host():
    """The address of a Pyodide."""
    try:
        folder = pyodide_folder()
    except NoPyodide as reason:
        pytest.skip(str(reason))
    with served(folder) as address:
        yield address


@pytest.fixture(scope="module")
def folder(tmp_path_factory, host):
    """The page as live.html, the same without --live as plain.html, and frame.html, the first in a sandbox."""
    folder = tmp_path_factory.mktemp("live")
    for name, wishes in (("live", ["--live", "--pyodide", host]), ("plain", [])):
        (folder / f"{name}.md").write_text(NOTEBOOK, "utf-8")
        assert main(["html", str(folder / f"{name}.md"), "--out", str(folder), *wishes]) == 0
    inside = html.escape((folder / "live.html").read_text("utf-8"))
    frame = f'<iframe sandbox="allow-scripts" width="1200" height="900" srcdoc="{inside}"></iframe>'
    (folder / "frame.html").write_text(f'<!doctype html><meta charset="utf-8">{frame}', "utf-8")
    return folder


def fetched(page):
    """The addresses that the page asked for, beside its own."""
    return [address for address in page.requests if not address.startswith("file:")]


@pytest.fixture
def opened(tabs, folder):
    """opened(name): the page from its file, with a network."""
    pages = []

    def open_it(name):
        pages.append(tabs.open())
        pages[-1].goto(f"file://{folder / name}")
        return pages[-1]

    yield open_it
    for page in pages:
        page.leave()


def test_after_the_click_every_stop_and_the_reader_s_own_function_are_computed_even_in_a_sandbox(opened, host):
    page = opened("frame.html")
    inside = page.frames[1]
    picture = Driven(inside, "weight_spectrum")
    picture.settle()
    picture.send("step_size", 2)
    picture.settle()
    assert picture.stops("step_size") == 3 and fetched(page) == []
    page.route(f"{host}**", lambda route: route.abort())
    inside.get_by_role("button", name="Compute here").click()
    inside.get_by_text("Python did not come, the pictures stay as they are").wait_for(timeout=HELD)
    page.unroute_all()
    inside.get_by_role("button", name="Compute here").click()
    inside.get_by_role("progressbar").wait_for()
    inside.get_by_text("Python runs in this page now").wait_for(timeout=HELD)
    assert "1 of its pictures is the notebook's own" in inside.locator("#computing").inner_text()
    assert fetched(page) and all(address.startswith(host) for address in fetched(page))
    assert picture.at == [picture.stops("step_size") - 1, 0] and picture.stops("step_size") > 50
    picture.send("step_size", 45)
    picture.settle(seconds=60)
    eta = float(re.sub(r"\s", "", picture.control("step_size").get_attribute("aria-valuetext")))
    draw = figure_function(picture)
    assert_draws(picture, draw(step_size=eta, activation="relu"))

    own, wrong = picture.figure.locator(".fm-own"), picture.figure.locator(".fm-wrong")
    for typed, said in (("lambda z: z +", "is no formula"), ("lambda z: nothing(z)", "nothing is not known"),
                        ("lambda z: np.exp(z**2)", "square-integrable"), ("__import__('js')", "a function of one")):
        own.fill(typed)
        own.press("Enter")
        wrong.get_by_text(said).wait_for(timeout=10_000)
    own.fill("lambda z: np.maximum(z, 0.1*z)")
    own.press("Enter")
    inside.locator("[data-explorer='weight_spectrum'][data-shown='45,2']").wait_for(timeout=60_000)
    picture.settle()
    assert wrong.inner_text() == ""
    native = draw(step_size=eta, activation=lambda z: (z > 0) * z + (z <= 0) * 0.1 * z)
    assert picture.summary().replace("lambda z: np.maximum(z, 0.1*z)", "<lambda>") == native.layout.meta["alt"]
    assert [said for said in page.complaints if "ERR_FAILED" not in said] == []  # of what did not come


def test_a_page_exported_without_live_is_as_closed_as_ever(opened, folder):
    page = opened("plain.html")
    Driven(page, "weight_spectrum").settle()
    assert page.get_by_role("button", name="Compute here").count() == 0
    policies = {name: re.search('Content-Security-Policy" content="([^"]*)"', (folder / name).read_text("utf-8"))[1]
                for name in ("plain.html", "index.html")}
    assert all("connect-src &#39;none&#39;" in policy and "http" not in policy and "wasm" not in policy
               for policy in policies.values())
