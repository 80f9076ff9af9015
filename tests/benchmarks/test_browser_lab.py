"""The browser lab beside JupyterLab, in one run: when its first figure is there, and a new picture of each explorer.

Run with `make bench`; CHAPTERS=03,06 takes only those. Times are printed, none is asserted.
"""

import os
import shutil
import statistics
import time
from pathlib import Path

import numpy as np
import pytest
from driving import Driven
from hosting import browser_lab, run_all

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
CHAPTERS = [path for path in NOTEBOOKS if path.stem[:2] in os.environ.get("CHAPTERS", path.stem)
            and "explore(" in path.read_text("utf-8")]
MOVES = 3  # a control
IDLE = "#jp-main-statusbar:has-text('| Idle')"
TIMED = """async (figure, moves) => {
  const times = []
  for (const [parameter, stop] of moves) {
    const control = figure.querySelector(`[data-control='${parameter}']`)
    const at = () => [...figure.querySelectorAll('[data-control]')].map(c => Number(c.value)).join()
    if (Number(control.value) === stop) continue
    control.value = String(stop)
    const begun = performance.now()
    control.dispatchEvent(new Event('input', {bubbles: true}))
    while (figure.dataset.state === 'busy' || figure.dataset.shown !== at()) await new Promise(requestAnimationFrame)
    await new Promise(resolve => setTimeout(resolve))
    times.push(performance.now() - begun)
    await new Promise(resolve => setTimeout(resolve, 300))
  }
  return times
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Where the browser lab is served."""
    with browser_lab(tmp_path_factory.mktemp("site")) as found:
        yield found


def timed(page):
    """{explorer: (median, slowest)} in ms of the same moves in both labs, a picture each time."""
    rng, found = np.random.default_rng(0), {}
    for name in page.locator("[data-explorer]:has([data-control])").evaluate_all("f => f.map(e => e.dataset.explorer)"):
        explorer = Driven(page, name)
        explorer.settle(seconds=120)
        stops = {p: explorer.stops(p) for p in explorer.controls}
        moves = [(p, int(k)) for p, count in stops.items() for k in [count - 1, *rng.integers(count, size=MOVES - 1)]]
        times = explorer.ask(TIMED, moves)
        found[name] = statistics.median(times), max(times)
    return found


@pytest.mark.browser
def test_first_figure_of_a_first_and_of_a_second_visit(browser, address):
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    for visit in ("first", "second"):
        page, begun = context.new_page(), time.perf_counter()
        page.goto(f"{address}lab/index.html?path=03_spike.ipynb")
        run_all(page)
        page.locator("[data-explorer][data-state='ready']").first.wait_for(state="attached", timeout=300_000)
        print(f"  {visit} visit: first figure after {time.perf_counter() - begun:.1f} s")
        page.close()
    context.close()


@pytest.mark.browser
def test_a_new_picture_beside_jupyterlab(browser, address, lab, beside):
    ratios, slowest = [], []
    for path in CHAPTERS:
        shutil.copy(path, lab.folder)
        native = lab.open(path.name)
        lab.run_all(native)
        there = timed(native)
        lab.close(native)
        page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
        page.goto(f"{address}lab/index.html?path={path.name}")
        run_all(page)
        page.locator(IDLE).wait_for(timeout=600_000)
        here = timed(page)
        page.context.close()
        for name, (median, most) in here.items():
            ratios.append(median / there[name][0])
            slowest.append((most, path.stem, name))
            print(f"  {path.stem} {name}: {median:.0f} ms, {there[name][0]:.0f} in JupyterLab; at most {most:.0f}")
    print(f"  {len(ratios)} explorers: median ratio {statistics.median(ratios):.2f}; slowest {sorted(slowest)[-6:]}")
    beside("a new picture in the browser lab, against JupyterLab", statistics.median(ratios), unit=1.0)
