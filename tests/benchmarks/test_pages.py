"""What a page costs beside stock nbconvert: its size, the first figure, a slider's redraw, the export's seconds.

Run with `make bench`, for every chapter of the course and a notebook from elsewhere. Numbers are printed, times not
asserted.
"""

import gzip
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ELSEWHERE = ROOT / "tests" / "publish" / "elsewhere" / "membrane.md"
COURSE = sorted((ROOT / "notebooks").glob("*.md"))
EVENTS = 100  # moves of each slider

WATCH = """(() => {
  window.marks = {}
  const look = () => {
    if (document.documentElement.dataset.ready !== undefined) marks.text ??= performance.now()
    const figures = [...document.querySelectorAll('.fm-frozen')]
    const ready = figure => figure.querySelector('[data-state=ready]')
    if (marks.text && figures.some(ready)) marks.first ??= performance.now()
    if (marks.text && figures.every(ready)) marks.all ??= performance.now()
  }
  new MutationObserver(look).observe(document, {subtree: true, childList: true, attributes: true})
})()"""
REDRAW = """async (figure, events) => {
  const controls = [...figure.querySelectorAll('[data-control]')], times = []
  const slider = controls.find(c => c.type === 'range'), place = controls.indexOf(slider)
  for (let k = 0; k < events; k++) {
    const up = Math.floor(k / slider.max) % 2 === 0
    slider.value = Number(slider.value) + (up ? 1 : -1)
    const wanted = slider.value
    if (figure.dataset.shown.split(',')[place] === wanted) continue
    const begun = performance.now()
    slider.dispatchEvent(new Event('input', {bubbles: true}))
    await new Promise(drawn => {
      const observer = new MutationObserver(() => {
        if (figure.dataset.shown.split(',')[place] === wanted) { observer.disconnect(); setTimeout(drawn) }
      })
      observer.observe(figure, {attributes: true, attributeFilter: ['data-shown']})
    })
    times.push(performance.now() - begun)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  return times
}"""


def export(notebooks, out, cache, kind="html"):
    """Seconds the export command takes."""
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "fmspace_nb", kind, *map(str, notebooks), "--out", str(out)], cwd=ROOT,
                          text=True, capture_output=True, check=False,
                          env=os.environ | {"FMSPACE_NB_CACHE": str(cache)})
    assert done.returncode == 0, done.stderr
    return time.perf_counter() - begun


def stock(notebook, out):
    """The page `nbconvert --to html --execute` makes, and the seconds it takes."""
    copy = out / notebook.parent.name
    shutil.copytree(notebook.parent, copy, dirs_exist_ok=True)
    subprocess.run([sys.executable, "-m", "jupytext", "--to", "ipynb", notebook.name], cwd=copy, check=True,
                   capture_output=True)
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-m", "nbconvert", "--to", "html", "--execute", f"{notebook.stem}.ipynb",
                    "--output-dir", str(out)],
                   cwd=copy, check=True, capture_output=True)
    return out / f"{notebook.stem}.html", time.perf_counter() - begun


def size(path):
    data = path.read_bytes()
    return f"{len(data) / 1e6:4.1f} MB ({len(gzip.compress(data, 6)) / 1e6:3.1f} MB gzipped)"


def opened(browser, path):
    """A page opened without a network, and the addresses it asked for."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True).new_page()
    asked = []
    page.on("request", lambda r: asked.append(r.url) if not r.url.startswith(("data:", "blob:", "file:")) else None)
    page.add_init_script(WATCH)
    page.goto(f"file://{path}")
    return page, asked


@pytest.mark.browser
@pytest.mark.parametrize("what", ["a notebook from elsewhere", "the course"])
def test_pages(browser, tmp_path, what, beside):
    notebooks = COURSE if what == "the course" else [ELSEWHERE]
    cold, warm = (export(notebooks, tmp_path / "out", tmp_path / "cache") for _ in range(2))
    print(f"\n{what}: {len(notebooks)} chapters exported in {cold:.1f} s cold, {warm:.1f} s when nothing changed")
    beside(f"export of {what} again, against cold", warm, unit=cold)
    for notebook in notebooks:
        path = tmp_path / "out" / f"{notebook.stem}.html"
        page, asked = opened(browser, path)
        figures = page.locator(".fm-frozen")
        for k in range(figures.count()):
            figures.nth(k).locator("[data-state='ready']").wait_for(timeout=60_000)
        page.wait_for_function("window.marks.all")
        marks = page.evaluate("window.marks")
        times = []
        for figure in page.locator(".fm-explorer:has(input)").all():
            figure.scroll_into_view_if_needed()
            page.wait_for_timeout(500)
            times += figure.evaluate(REDRAW, EVENTS)
        print(f"  {notebook.stem:22} {size(path)}  text {marks['text']:5.0f} ms, first figure "
              f"{marks.get('first', 0):5.0f} ms, "
              f"all {marks['all']:5.0f} ms  {redraws(times)}  "
              f"{len(asked)} requests, {page.locator('.tex .katex').count()} equations, {figures.count()} figures, "
              f"{len(times)} moves")
        beside(f"{notebook.stem}, text", marks["text"], page=page)
        if figures.count():
            beside(f"{notebook.stem}, first figure", marks["first"], page=page)
        if times:
            beside(f"{notebook.stem}, redraw", statistics.median(times), page=page)
        assert not asked
        page.context.close()
    if what != "the course":
        compare(browser, ELSEWHERE, tmp_path)


def redraws(times):
    """What the moves of a page took; a page without sliders (a handout, a glossary) has none."""
    if not times:
        return "no sliders"
    assert len(times) >= EVENTS / 2
    return f"redraw median {statistics.median(times):3.0f} ms, p95 {statistics.quantiles(times, n=20)[-1]:3.0f} ms"


def compare(browser, notebook, folder):
    """The same notebook by stock nbconvert: what is left of it without a network."""
    path, seconds = stock(notebook, folder)
    page, asked = opened(browser, path)
    page.wait_for_timeout(3000)
    shown = page.locator(".main-svg").count()
    typeset = page.locator("mjx-container, .katex").count()
    sliders = page.locator("input[type=range], .noUi-handle").count()
    written = len(re.findall(r"\$[^$\n]+\$|\\begin\{", notebook.read_text("utf-8")))
    print(f"  stock nbconvert       {size(path)}  {seconds:.1f} s  {len(asked)} requests that fail, {typeset} of "
          f"{written} equations, "
          f"{shown} figures, {sliders} sliders")
    page.context.close()
