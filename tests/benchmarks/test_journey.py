"""The journey of chapter 00: from an event of its bar to the paint of all five pictures, in a page and in JupyterLab.

Run with `make bench`. Times are printed, none is asserted.
"""

import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHAPTER = ROOT / "notebooks" / "00_start_here.ipynb"
PICTURES, STEPS, DRAWS = 5, 36, 12
ALL_DRAWN = """async ({events, draw, pause}) => {
  const figures = [...document.querySelectorAll('[data-explorer]:has([data-control=step_size])')]
  const bar = figures.find(figure => figure.matches('[data-journey]')), times = [], last = []
  const control = bar.querySelector(draw ? '[data-draw-again]' : '[data-control=step_size]')
  const stops = Number(control.max) + 1, place = [...bar.querySelectorAll('[data-control]')].indexOf(control)
  for (let k = 0; k < events; k++) {
    const way = k % (2 * stops - 2), to = String(way < stops ? way : 2 * stops - 2 - way)
    if (!draw && control.value === to) continue
    const begun = performance.now()
    if (draw) control.click(); else control.value = to, control.dispatchEvent(new Event('input', {bubbles: true}))
    const shown = () => figures.every(figure => figure.dataset.shown.split(',')[place] === control.value)
    while (!shown()) await new Promise(requestAnimationFrame)
    await new Promise(resolve => setTimeout(resolve))
    times.push(performance.now() - begun)
    await new Promise(resolve => setTimeout(resolve, pause))
  }
  return {times, pictures: figures.length - 1}
}"""


def moved(page, where, pause, beside):
    """Print what the moves and the draws take; `pause` ms between them."""
    for draw, events, what in ((False, STEPS, "a step"), (True, DRAWS, "another draw")):
        found = page.evaluate(ALL_DRAWN, {"events": events, "draw": draw, "pause": pause})
        assert found["pictures"] == PICTURES
        times = found["times"]
        print(f"  {where}, {what}: all five painted after median {statistics.median(times):4.0f} ms, "
              f"p95 {statistics.quantiles(times, n=20)[-1]:4.0f} ms ({len(times)} moves)")
        beside(f"journey, {where}, {what}", statistics.median(times), page=page)


@pytest.mark.browser
def test_journey_in_a_page(browser, tmp_path, beside):
    done = subprocess.run([sys.executable, "-m", "fmspace_nb", "html", str(CHAPTER), "--out", str(tmp_path)], cwd=ROOT,
                          capture_output=True, text=True, env=os.environ | {"FMSPACE_NB_CACHE": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    print(f"\nload of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n  {done.stdout.splitlines()[0]}")
    page = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True).new_page()
    page.goto(f"file://{tmp_path / CHAPTER.stem}.html")
    for k in range(PICTURES + 1):
        page.locator(".fm-frozen").nth(k).locator("[data-state='ready']").wait_for(timeout=60_000)
    # so that plotly's own redraw of the picture at rest is no part of the next move
    moved(page, "frozen", 300, beside)
    page.context.close()


@pytest.mark.browser
def test_journey_in_jupyterlab(lab, beside):
    shutil.copy(CHAPTER, lab.folder)
    page = lab.open(CHAPTER.name)
    lab.run_all(page)
    drawn = page.locator("[data-explorer]:has([data-control=step_size])[data-state=ready]")
    drawn.nth(PICTURES).wait_for(timeout=120_000, state="attached")
    print(f"\nload of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    moved(page, "live", 500, beside)
    lab.close(page)
