"""A page where it was not made for: in frames, in quirks mode, in old browsers, without a part of what it needs."""

import base64
import io

import plotly.graph_objects as go
import pytest
from bare import bare_page
from driving import Driven
from pages import all_drawn
from PIL import Image

from fmspace_nb.explorer import Linear

SET_UP = "figure could not be set up"


@pytest.fixture
def open_text(tabs):
    """open_text(html, script): a tab with a page of this text, without a network; `script` runs before its own."""
    pages = []

    def opened(html, script=";", **media):
        page = tabs.open(media=media)
        pages.append(page)
        html = html.replace("<head>", f"<head><script>{script}</script>", 1)
        page.route("**", lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
        page.goto("http://page.test/")
        return page

    yield opened
    for page in pages:
        page.leave()


@pytest.fixture(scope="module")
def membrane(site):
    return (site / "membrane.html").read_text("utf-8")


def framed(html, sandbox):
    """A page whose only content is a frame with this text in it; a frame's srcdoc may lack its doctype."""
    inside = html.replace("&", "&amp;").replace('"', "&quot;")
    return f'<!doctype html><iframe {sandbox} style="width:1200px;height:850px" srcdoc="{inside}"></iframe>'


@pytest.mark.parametrize("sandbox", ["", 'sandbox="allow-scripts"'], ids=["open", "sandboxed"])
@pytest.mark.parametrize("file", ["membrane.html", "membrane.slides.html", "index.html"])
def test_a_file_lives_in_a_frame(open_text, site, file, sandbox):
    page = open_text(framed((site / file).read_text("utf-8"), sandbox))
    frame = page.frames[1]
    frame.locator("html[data-ready]").wait_for(state="attached")
    assert frame.locator(".tex:not(:has(.katex))").count() == 0
    if "slides" in file:
        page.frame_locator("iframe").locator("body").press("PageDown")
        page.frame_locator("iframe").locator("body").press("PageDown")
    if "index" not in file:
        Driven(frame, "beats").settle()
        frame.locator("[data-control=detuning]").press("End")
        Driven(frame, "beats").settle()
    assert page.complaints == []


def test_a_page_lives_without_its_doctype(open_text, membrane):
    page = open_text(membrane.replace("<!doctype html>", ""))
    page.locator("html[data-ready]").wait_for(state="attached")
    assert page.evaluate("document.compatMode") == "BackCompat"
    assert page.locator(".tex .katex").count() > 5 and page.locator(".tex:not(:has(.katex))").count() == 0
    all_drawn(page)
    assert [said for said in page.complaints if "quirks mode" not in said] == []  # KaTeX says what is so


def test_a_frame_that_may_not_download_is_named_as_the_reason(open_text, membrane):
    page = open_text(framed(membrane, 'sandbox="allow-scripts"'))
    beats = Driven(page.frames[1], "beats")
    beats.settle()
    beats.figure.get_by_role("button", name="CSV").click()
    beats.figure.get_by_text("the frame around this page forbids it").wait_for()
    assert beats.figure.get_attribute("data-state") == "ready"


def test_a_figure_that_cannot_be_set_up_says_so_and_the_others_live(open_text, membrane):
    spec = 'type="application/json" class="fm-spec">'
    assert spec in membrane
    page = open_text(membrane.replace(spec, spec + "broken ", 1))
    figures = page.locator(".fm-frozen")
    assert SET_UP in figures.first.get_by_role("alert").inner_text()
    for k in range(1, figures.count()):
        figures.nth(k).locator("[data-state=ready]").wait_for()
    assert page.complaints == []


def test_formulas_that_cannot_be_typeset_stay_as_they_are_written_and_figures_live(open_text, membrane):
    throws = "{value: {renderToString(tex) { throw Error(tex) }}}"
    page = open_text(membrane, f"Object.defineProperty(window, 'katex', {throws})")
    all_drawn(page)
    assert page.locator(".tex .katex").count() == 0 and "\\" in page.locator(".tex").first.inner_text()
    assert len(page.complaints) == page.locator(".tex").count()


def test_a_picture_that_cannot_be_read_says_so_and_is_not_busy(open_text, membrane):
    packed = base64.b64encode(b"not deflated").decode()
    start, end = map(membrane.index, ('class="fm-first">', '</script><script type="text/plain" class="fm-grid"'))
    page = open_text(membrane[:start] + f'class="fm-first">{packed}' + membrane[end:])
    broken = page.locator("[data-explorer]").first
    broken.locator("xpath=self::*[@data-state='error']").wait_for()
    page.wait_for_timeout(300)  # twice the time after which a picture that is on its way is busy
    assert broken.get_attribute("data-state") == "error"
    assert "could not be read" in broken.get_by_role("alert").inner_text()
    page.locator("[data-explorer]").nth(1).locator("xpath=self::*[@data-state='ready']").wait_for()
    Driven(page, broken.get_attribute("data-explorer")).send("detuning", 2)
    broken.locator("xpath=self::*[@data-state='ready']").wait_for()


@pytest.mark.parametrize("lacks", ["delete window.DecompressionStream", "HTMLScriptElement.supports = () => false",
                                   "const s = CSS.supports; CSS.supports = a => !a.includes(':has') && s(a)"])
def test_a_browser_too_old_is_told_in_a_sentence_and_nothing_is_busy(open_text, membrane, lacks):
    page = open_text(membrane, lacks)
    page.get_by_text("This browser is too old").wait_for()
    if "Decompression" in lacks:
        page.locator("[data-explorer]").first.wait_for()
        page.locator("[data-state=busy]").first.wait_for(state="detached")


def test_a_new_browser_is_not_told_that_it_is_old(open_text, membrane):
    page = open_text(membrane)
    all_drawn(page)
    assert page.get_by_text("too old").count() == 0


def solid(height):
    """A tetrahedron."""
    corners = {"x": [0, 1, 0, 0], "y": [0, 0, 1, 0], "z": [0, 0, 0, height]}
    faces = {"i": [0, 0, 0, 1], "j": [1, 1, 2, 2], "k": [2, 3, 3, 3]}
    layout = {"template": "none", "height": 250, "meta": {"alt": f"a tetrahedron of height {height:g}"}}
    return go.Figure([{"type": "mesh3d"} | corners | faces], layout)


def test_without_webgl_a_surface_is_described_at_every_stop(tabs):
    page = bare_page(tabs, {"solid": (solid, {"height": Linear(0, 4, start=1, steps=5)})},
                     "const flat = HTMLCanvasElement.prototype.getContext; HTMLCanvasElement.prototype.getContext = "
                     "function (kind, ...all) { return kind === '2d' ? flat.call(this, kind, ...all) : null }")
    driven = Driven(page, "solid")
    for stop in (1, 2):
        driven.send("height", stop)
        driven.figure.get_by_text(f"needs WebGL, which this browser does not offer. It shows: a tetrahedron of height "
                                  f"{stop}").wait_for()
    assert "http" not in driven.figure.inner_text() and page.complaints == []
    page.leave()


STRANGE = {"a version it does not know": "library.version = '5.0.0'",
           "something it does not expect": "setTimeout(() => Object.defineProperty(document.querySelector('.fm-plot')"
                                           ".calcdata[0][0], 'node3', {get() { throw Error('moved') }}), 500)"}


@pytest.mark.parametrize("strange", STRANGE.values(), ids=STRANGE)
def test_where_plotly_is_not_as_glide_knows_it_plotly_draws(tabs, strange):
    def line(height):
        layout = {"template": "none", "height": 250, "xaxis": {"range": [0, 1]}, "yaxis": {"range": [0, 5]}}
        return go.Figure([{"type": "scatter", "x": [0, 1], "y": [0, height]}], layout)

    counted = ("window.library = {...Plotly}; window.drawn = 0;"
               "library.update = (...all) => { drawn++; return Plotly.update(...all) };")
    page = bare_page(tabs, {"line": (line, {"height": Linear(0, 4, start=1, steps=5)})}, counted + strange)
    driven = Driven(page, "line")
    driven.settle()
    page.wait_for_timeout(700)
    driven.send("height", 3)
    driven.settle()
    assert page.evaluate("drawn") == 1 and driven.drawn(["data.0.y"]) == [[0, 3]]
    page.leave()


def test_in_high_contrast_track_and_thumb_of_a_slider_stand_out(open_text, membrane):
    page = open_text(membrane, forced_colors="active", color_scheme="dark")
    beats = Driven(page, "beats")
    beats.settle()
    seen = Image.open(io.BytesIO(beats.control("frequency").screenshot())).convert("L")
    background = seen.getpixel((seen.width // 2, 1))
    rows = [[abs(seen.getpixel((x, y)) - background) > 60 for x in range(4, seen.width - 4)]
            for y in range(seen.height)]
    assert sum(rows[seen.height // 2]) > 0.95 * len(rows[0])  # the track; not the ring around the thumb
    assert sum(map(any, rows)) > 14  # the thumb is higher than the track


def test_copied_formulas_are_their_tex(open_text, membrane):
    page = open_text(membrane)
    page.locator("html[data-ready]").wait_for(state="attached")
    inline = page.locator("p:has(.tex:not([data-display]))").first
    tex = inline.locator(".tex annotation").first.text_content()
    copied = inline.evaluate("""p => {
      getSelection().selectAllChildren(p)
      const data = new DataTransfer()
      p.dispatchEvent(new ClipboardEvent("copy", {clipboardData: data, bubbles: true, cancelable: true}))
      return data.getData("text/plain")
    }""")
    assert f"${tex}$" in copied and copied.count(tex) == 1
    words = inline.evaluate("p => p.firstChild.textContent.trim().split(' ')[0]")
    assert copied.startswith(words) or not words


def test_in_a_shadow_root_a_figure_has_plotlys_style_and_the_colours_around_it(tabs):
    def line(height):
        return go.Figure([{"type": "scatter", "x": [0, 1], "y": [0, height]}], {"template": "none", "height": 250})

    around = """for (const frozen of document.querySelectorAll('.fm-frozen')) {
      const island = document.createElement('div')
      island.style.cssText = 'color: rgb(250, 240, 230); background: #111; color-scheme: dark'
      frozen.after(island)
      const root = island.attachShadow({mode: 'open'})
      root.append(document.querySelector('style').cloneNode(true), frozen)
      document.querySelectorAll = root.querySelectorAll.bind(root)
    }"""
    page = bare_page(tabs, {"line": (line, {"height": Linear(0, 4, start=1, steps=5)})}, around)
    page.locator("[data-explorer=line][data-state=ready]").wait_for()
    plot = page.locator("[data-explorer=line] .fm-plot")
    assert plot.locator(".main-svg").first.evaluate("e => getComputedStyle(e).position") == "absolute"
    assert plot.locator(".xtick text").first.evaluate("e => getComputedStyle(e).fill") == "rgb(250, 240, 230)"
    assert page.complaints == []
    page.leave()


def test_where_the_root_has_small_letters_as_in_nbclassic_an_explorer_has_those_it_has_elsewhere(tabs):
    small = "document.documentElement.style.fontSize = '62.5%'"
    sizes = []
    for script in (";", small):
        page = bare_page(tabs, {"solid": (solid, {"height": Linear(0, 4, start=1, steps=5)})}, script)
        page.locator("[data-explorer]").wait_for()
        sizes.append(page.locator("[data-explorer] *:visible").evaluate_all(
            "all => all.filter(e => !e.closest('.fm-plot')).map(e => getComputedStyle(e).fontSize)"))
        page.leave()
    assert sizes[0] == sizes[1] and len(sizes[0]) > 10
