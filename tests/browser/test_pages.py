"""Every exported chapter, opened as a file without a network: it is quiet, whole, legible, and its sliders tell the
truth."""

import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from driving import Driven, figure_function
from pages import CHAPTERS, ELSEWHERE, PAGES, all_drawn, open_file, source
from photographs import HOLD, LETTER, OWED, apart, photograph

from fmspace_nb.explorer.traces import take_apart

POINTS = 4  # random grid points an explorer
PHOTOGRAPHED = 2  # of them, while they glide and when they are drawn
GLIDING = [name for name in CHAPTERS if name[:2] < "10"]  # the seminar has the chapters' explorers
FORMULAS = "06_mixing"  # all formulas are KaTeX's, and axe would take most of its time for them: it sees one page's


@pytest.fixture(scope="module", params=PAGES)
def page(tabs, site, request):
    """A chapter with all its figures drawn; that pictures move together is seen elsewhere."""
    found = open_file(tabs, site / f"{request.param}.html", "#together=0")
    all_drawn(found)
    found.chapter = request.param
    yield found
    found.leave()


def explorers(page):
    """Every explorer of the page that has controls, settled."""
    for name in page.locator("[data-explorer]:has([data-control])").evaluate_all(
        "all => all.map(f => f.dataset.explorer)"
    ):
        explorer = Driven(page, name)
        explorer.settle()
        yield explorer


@pytest.fixture(autouse=True)
def figures_from_elsewhere(monkeypatch):
    monkeypatch.syspath_prepend(ELSEWHERE)


def assert_true(explorer):
    """What the page draws is the figure function at its values: to 2e-4 of each number, or to a pixel of its linear
    axis."""
    figure = figure_function(explorer)(**explorer.values())
    tree, arrays, alt = take_apart(figure)
    titles = {path: path.split(".") for path in ("layout.title.text", "layout.xaxis.title.text", "data.0.name")}
    drawn = dict(zip([*arrays, *titles], explorer.drawn([*arrays, *titles]), strict=True))
    for path in arrays:
        expected = np.where(np.isfinite(arrays[path]), arrays[path], np.nan).astype(float)
        allowed = np.maximum(2e-4 * np.abs(expected), pixel(path, tree, expected))
        got = np.array(drawn[path], dtype=float)
        np.testing.assert_array_equal(np.isnan(got), np.isnan(expected), err_msg=f"{explorer.name}: gaps of {path}")
        worst = np.nanmax(np.abs(got - expected) - allowed, initial=-np.inf)
        assert worst <= 0, f"{explorer.name}: {path} is off by {worst:g} more than allowed"
    for path in titles:
        node = tree
        for key in titles[path]:
            node = (node[int(key)] if isinstance(node, list) else node.get(key)) if node is not None else None
        assert drawn[path] == node, path
    assert explorer.summary() == alt


def pixel(path, tree, values):
    """The length of a pixel on the linear axis that an array is drawn along (of a thousand on the axis); 0 where there
    is none."""
    trace, _, key = path.removeprefix("data.").partition(".")
    colours = (
        tree["data"][int(trace)]
        if key == "z"
        else tree["data"][int(trace)].get("marker", {})
        if key == "marker.color"
        else {}
    )
    low, high = (colours.get(f"{'z' if key == 'z' else 'c'}{end}") for end in ("min", "max"))
    if low is not None and high is not None:
        return abs(high - low) / 1000
    if key not in ("x", "y"):
        return 0.0
    name = tree["data"][int(trace)].get(f"{key}axis", key)
    axis = tree["layout"].get(f"{key}axis{name[1:]}", {})
    if axis.get("type") == "log":
        return 0.0
    ends = axis.get("range") or [np.nanmin(values, initial=np.inf), np.nanmax(values, initial=-np.inf)]
    return abs(ends[1] - ends[0]) / 1000 if np.isfinite(ends).all() else 0.0


def test_there_are_chapters():
    assert CHAPTERS, "no notebooks: nothing of the course would be tested"
    assert any("explore(" in source(name).read_text("utf-8") for name in CHAPTERS)


def test_a_page_is_quiet_and_whole(page):
    assert [url for url in page.requests if not url.startswith("file:")] == [] and len(page.requests) == 1
    assert page.complaints == []
    assert page.locator(".katex-error").count() == 0
    assert page.locator(".tex:not(:has(.katex))").count() == 0 < page.locator(".tex").count()
    assert page.locator(".fm-frozen").count() == page.locator(".fm-explorer[data-state='ready']").count()
    written = re.findall(r"^explore\(", source(page.chapter).read_text("utf-8"), re.MULTILINE)
    assert page.locator(".fm-frozen:not([data-plain])").count() == len(written)
    for figure in page.locator(".fm-explorer").all():
        assert figure.locator(".main-svg, canvas").count() > 0
    assert re.search(
        r"default-src 'none'.*connect-src 'none'", page.locator("meta[http-equiv]").get_attribute("content")
    )


def test_every_control_shows_what_python_computes(page):
    moved = 0
    for moved, explorer in enumerate(explorers(page), 1):  # noqa: B007
        assert_true(explorer)
        for parameter in explorer.controls:
            if explorer.is_list(parameter):
                ends, choose = (explorer.stops(parameter) - 1, 0), explorer.control(parameter).select_option
                moves = [lambda k=k, choose=choose: choose(index=k) for k in ends]
            else:
                moves = [
                    lambda e=explorer, p=parameter: e.drag(p, 0.85, events=1),
                    lambda e=explorer, p=parameter: e.press(p, "Home"),
                    lambda e=explorer, p=parameter: e.press(p, "ArrowRight", "ArrowUp"),
                ]
            for move in moves:
                move()
                explorer.settle()
                assert_true(explorer)
    assert moved == page.locator(".fm-frozen:not([data-plain])").count() and page.complaints == []


def test_random_points_show_what_python_computes_and_what_glides_there_is_what_plotly_draws(page):
    """Plotly owes the figures the redraw that follows a glide until it is asked: so both are seen."""
    rng, glided, turned = np.random.default_rng(1), 0, 0
    if page.chapter in GLIDING:
        page.evaluate(HOLD)
    for explorer in explorers(page):
        seen = photograph(explorer) if page.chapter in GLIDING else None
        for k in range(POINTS):
            explorer.send_all({p: rng.integers(explorer.stops(p)) for p in explorer.controls})
            explorer.settle()
            if page.chapter in GLIDING and k < PHOTOGRAPHED and explorer.plot.evaluate(OWED):
                moved, before = photograph(explorer), seen
                explorer.plot.evaluate("gd => gd.owed()")
                seen = photograph(explorer)
                assert apart(moved, seen) < LETTER, f"{explorer.name} at {explorer.at}"
                glided, turned = glided + 1, turned + (apart(before, seen) > LETTER)
            assert_true(explorer)
    assert turned >= 0.5 * glided, "the comparison sees no more than it should in pictures that are alike"
    assert page.chapter not in GLIDING or turned > 0
    assert page.complaints == []


# How many children MathML gives these elements; Firefox complains of others.
CHILDREN = {"msub": 2, "msup": 2, "msubsup": 3, "munder": 2, "mover": 2, "munderover": 3, "mfrac": 2, "mroot": 2}
INVALID = """children => [...document.querySelectorAll(Object.keys(children).join())]
  .filter(e => e.children.length !== children[e.localName])
  .map(e => e.closest("math").querySelector("annotation").textContent)"""


def test_a_page_fits_on_a_phone_and_its_formulas_are_valid_mathml(page):
    assert_fits(page)
    assert page.evaluate(INVALID, CHILDREN) == []


def assert_fits(page):
    """No phone has to scroll sideways; then the window is as it was."""
    before = page.viewport_size
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        page.evaluate("new Promise(go => requestAnimationFrame(() => setTimeout(go, 100)))")  # figures follow
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size(before)


def test_a_page_is_accessible_in_the_light_and_in_the_dark(page):
    """The last to look at this page: what axe is not to judge is taken out, since it would walk through it all the
    same."""
    page.evaluate("parts => document.querySelectorAll(parts).forEach(part => part.replaceChildren())",
                  ".fm-plot svg" if page.chapter == FORMULAS else ".fm-plot svg, .katex")
    if page.locator("#code").is_visible():
        page.locator("#code").click()
    for theme in ("dark", "light"):
        if page.locator("html").get_attribute("data-theme") != theme:
            page.locator("#theme").click()
            page.wait_for_timeout(300)
        options = {} if theme == "light" else {"runOnly": ["color-contrast"]}
        assert serious(page, **options) == [], theme


def serious(page, **options):
    # A plot is an image with a text; what plotly draws in it is thousands of elements.
    told = {"resultTypes": ["violations"]} | options  # what passes is megabytes to write down and to send
    context = {"exclude": [[".fm-plot svg"]]}
    found = Axe().run(page, context=context, options=told).response["violations"]
    return [
        (v["id"], [node["target"] for node in v["nodes"]][:3]) for v in found if v["impact"] in ("serious", "critical")
    ]


def test_the_opening_page_is_quiet_and_accessible(open_page):
    for scheme in ("light", "dark"):
        page = open_page("index.html", media={"color_scheme": scheme})
        assert serious(page) == [] and page.complaints == [] and len(page.requests) == 1
        assert page.locator(".chapters h2 a").count() > 0 and page.locator("img:not([src^='data:'])").count() == 0
        assert_fits(page)


# Where a deck stands: its slide, how many fragments show, its number, and the explorers on show.
STANDS = """async () => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)]
  const slide = all('section.present').at(-1), number = document.querySelector('.slide-number').innerText
  const shown = slide.matches(':has(> section)') ? [] : all('[data-explorer]:has([data-control])', slide)
  return {
    place: [all('section').indexOf(slide), all('.fragment.visible').length, number.split(/\\s+/).join('')],
    explorers: shown.filter(f => !f.closest('.fragment:not(.visible)')).map(f => f.dataset.explorer),
  }
}"""


PICTURES = re.compile(r'<script type="[a-z/]+" class="fm-(?:spec|first|grid)">.*?</script>')


@pytest.mark.parametrize("name", PAGES)
def test_slides_hold_pictures_of_their_page(site, name):
    of_page, of_slides = (PICTURES.findall((site / f"{name}{ending}").read_text("utf-8"))
                          for ending in (".html", ".slides.html"))
    assert set(of_slides) <= set(of_page) and ("explore(" in source(name).read_text("utf-8")) <= bool(of_slides)


@pytest.mark.parametrize("name", PAGES)
def test_slides_are_quiet_and_their_sliders_tell_the_truth(open_page, name):
    """Its pictures are its page's, which are moved through above: here one slider a deck."""
    page = open_page(f"{name}.slides.html", "#together=0")
    total, seen, before = page.locator(".slides section:not(:has(> section))").count(), set(), None
    for _ in range(200):  # turns, fragments among them
        stands = page.evaluate(STANDS)
        if stands["place"] == before:
            break
        before = stands["place"]
        for explorer in (Driven(page, one) for one in stands["explorers"]):
            explorer.figure.wait_for()  # a fragment fades in
            explorer.settle()
            if not seen:
                explorer.press(explorer.controls[0], "End", "ArrowLeft")
                explorer.settle()
                assert page.evaluate(STANDS)["place"] == before
                page.keyboard.press("Escape")  # leaves the control: the keys turn slides again
            assert_true(explorer)
            seen.add(explorer.name)
        page.keyboard.press("Space")
    assert before[-1] == f"{total}/{total}"
    assert page.complaints == [] and len(page.requests) == 1
    assert len(seen) == page.locator(".fm-frozen:not([data-plain])").count()
