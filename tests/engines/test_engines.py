"""Every page and every deck in Firefox and in WebKit: no error, figures ready and numbered, the data of Chromium."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from engines import Chromium, Firefox, WebKit, missing
from hosting import served
from pyodide_folder import NoPyodide, pyodide_folder

from fmspace_nb.figures.spike import weight_spectrum

ROOT = Path(__file__).parents[2]
CHAPTERS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.md"))
ENGINES = {engine.__name__: engine for engine in (Firefox, WebKit)}
FILES = [f"{name}{ending}" for name in CHAPTERS for ending in (".html", ".slides.html")] + ["index.html"]

READY = """(within => {
  const all = [...document.querySelectorAll(`${within}.fm-frozen`)], shown = f => f.dataset.state === 'error' ||
    f.dataset.shown === [...f.querySelectorAll('[data-control]')].map(c => c.value).join()
  const explorers = all.map(e => e.querySelector('[data-explorer]'))
  return document.documentElement.dataset.ready === '' && explorers.every(f => f && shown(f))
})"""
SLIDE = "section.present:not(.stack) "                     # of a stack, only one is on show
TURNED = "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'PageDown', bubbles: true}))"
DRAWN = """[...document.querySelectorAll('[data-explorer]')].map(f => {
  const {data} = f.querySelector('.fm-plot'), found = {}
  const numbers = (value, path) => {
    if (ArrayBuffer.isView(value) || Array.isArray(value)) {
      const flat = Array.from(value).flatMap(v => ArrayBuffer.isView(v) ? Array.from(v) : v)
      const finite = flat.filter(v => typeof v === 'number' && Number.isFinite(v))
      found[path] = [flat.length, finite.length, finite.reduce((a, b) => a + b, 0)]
    } else if (value && typeof value === 'object') for (const key in value) numbers(value[key], `${path}.${key}`)
  }
  data?.forEach((trace, k) => numbers({x: trace.x, y: trace.y, z: trace.z, error: trace.error_y?.array}, String(k)))
  return {name: f.dataset.explorer, state: f.dataset.state, said: f.querySelector('[role=alert]').textContent,
    text: f.querySelector('.fm-plot').getAttribute('aria-label'), found}
})"""
MOVED = """[...document.querySelectorAll('[data-explorer]')].map(f => {
  const control = f.querySelector('[data-control]')
  if (!control) return 0
  control.value = control.max ?? control.options.length - 1
  control.dispatchEvent(new Event('input', {bubbles: true}))
  return 1
})"""
FIRST = "document.querySelector('[data-explorer]')"
TO_21 = f"""{FIRST}.querySelector('[data-control]').value = 21,
  {FIRST}.querySelector('[data-control]').dispatchEvent(new Event('input', {{bubbles: true}})), 1"""
NUMBERS = """[...document.querySelectorAll('.page figcaption[data-number]')].map(c => Number(c.dataset.number))"""
BARE_TEX = "document.querySelectorAll('.tex:not(:has(.katex))').length"


@pytest.fixture(scope="session")
def site(request, tmp_path_factory):
    """The folder with the files that are asked for."""
    out = tmp_path_factory.mktemp("site")
    asked = {item.callspec.params["file"] for item in request.session.items if "file" in item.fixturenames}
    for kind, ending in (("slides", ".slides.html"), ("html", ".html")):
        files = sorted(f for f in asked if f.endswith(ending) and (ending != ".html" or ".slides" not in f))
        names = [] if "index.html" in files else [ROOT / f"notebooks/{f.removesuffix(ending)}.md" for f in files]
        if files:
            subprocess.run([sys.executable, "-m", "fmspace_nb", kind, *names, "--out", out], cwd=ROOT, check=True,
                           capture_output=True)
    return out


@pytest.fixture(scope="session", params=ENGINES)
def engine(request):
    lacks = missing(ENGINES[request.param])
    if lacks:
        pytest.skip(f"no {', '.join(lacks)} here (Debian: firefox-esr, webkit2gtk-driver, xvfb, xauth)")
    found = ENGINES[request.param]()
    yield found
    found.close()


@pytest.fixture(scope="session")
def seen_in_chromium(browser, site):
    """What Chromium shows of a file, at the start and moved."""
    chromium, known = Chromium(browser), {}

    def look(file):
        if file not in known:
            known[file] = seen(chromium, f"file://{site}/{file}")
        return known[file]

    yield look
    chromium.close()


def settle(engine, within="", seconds=60):
    end = time.monotonic() + seconds
    while not engine.evaluate(f"{READY}('{within}')"):
        assert time.monotonic() < end, engine.evaluate(DRAWN)
        time.sleep(0.1)


def seen(engine, url):
    engine.open(url)
    settle(engine, SLIDE if "slides" in url else "")
    for _ in range(60 if "slides" in url else 0):  # figures of a deck are drawn once their slide is on show
        engine.evaluate(TURNED)
        settle(engine, SLIDE)
        number, _, count = engine.evaluate("document.querySelector('.slide-number').innerText").partition("/")
        if number.strip() == count.strip():
            break
    settle(engine)
    start = engine.evaluate(DRAWN)
    engine.evaluate(MOVED)
    settle(engine)
    return start, engine.evaluate(DRAWN)


@pytest.mark.parametrize("file", FILES)
def test_a_file_is_the_same_in_every_engine(engine, seen_in_chromium, site, file):
    found = seen(engine, f"file://{site}/{file}")
    for here, there in zip(found, seen_in_chromium(file), strict=True):
        assert [f["name"] for f in here] == [f["name"] for f in there]
        for one, other in zip(here, there, strict=True):
            if one["said"].startswith("This surface needs WebGL"):  # as a headless Firefox has none
                continue
            assert (one["state"], one["said"]) == ("ready", ""), one["name"]
            assert one["text"] == other["text"] and one["found"].keys() == other["found"].keys()
            for path, values in one["found"].items():
                assert values == pytest.approx(other["found"][path], rel=1e-9, abs=1e-9), (one["name"], path)
    numbers = engine.evaluate(NUMBERS)
    assert numbers == list(range(1, len(numbers) + 1))
    assert engine.evaluate(BARE_TEX) == 0 and engine.complaints() == []


def test_a_live_page_computes_from_its_file_in_every_engine(engine, tmp_path):
    try:
        folder = pyodide_folder()
    except NoPyodide as reason:
        pytest.skip(str(reason))
    with served(folder) as host:
        wish = ["notebooks/03_spike.md", "--out", tmp_path, "--live", "--pyodide", host]
        subprocess.run([sys.executable, "-m", "fmspace_nb", "html", *wish], cwd=ROOT, check=True, capture_output=True)
        engine.open(f"file://{tmp_path}/03_spike.html")
        settle(engine)
        engine.evaluate("document.getElementById('compute').click()")
        end = time.monotonic() + 200
        while "Python runs in this page now" not in (said := engine.evaluate("document.body.innerText")):
            assert time.monotonic() < end and "did not come" not in said, said[:400]
            time.sleep(0.5)
        engine.evaluate(TO_21)
        settle(engine)
        step_size, text = engine.evaluate(f"{FIRST}.explorer.values().step_size"), engine.evaluate(DRAWN)[0]["text"]
    assert text == weight_spectrum(step_size=step_size, width_ratio=2.0, activation="relu").layout.meta["alt"]
