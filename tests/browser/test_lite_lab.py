"""The browser lab, built here and served from 127.0.0.1: a chapter runs with nothing installed and nothing asked."""

import pytest
from driving import Driven, figure_function
from hosting import browser_lab, run_all


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Where the browser lab is served, with a page of a chapter beside it."""
    out = tmp_path_factory.mktemp("site")
    with browser_lab(out) as found:
        (out / "03_spike.html").write_text("the page of the chapter")
        yield found


@pytest.fixture
def page(browser, address):
    """A page that reaches the site alone; `.refused` are the other addresses it asked for."""
    context, refused = browser.new_context(viewport={"width": 1400, "height": 900}), []

    def answer(route):
        if route.request.url.startswith((address.removesuffix("lite/"), "data:", "blob:")):
            route.continue_()
        else:
            refused.append(route.request.url)
            route.abort()

    context.route("**/*", answer)
    page = context.new_page()
    page.refused = refused
    yield page
    context.close()


def test_chapter_00_opens_by_itself_runs_whole_and_its_sliders_move(page, address):
    page.goto(address)
    run_all(page)
    page.locator("[data-explorer='weights']").wait_for(state="attached", timeout=300_000)
    picture = Driven(page, "weights")
    picture.settle(seconds=300)
    page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for(timeout=600_000)
    before = picture.summary()
    picture.send("step_size", 0)
    picture.settle(seconds=120)
    native = figure_function(picture)(step_size=1.0, width_ratio=2.0).layout.meta["alt"]
    assert picture.summary() == native != before
    assert page.locator("[data-mime-type='application/vnd.jupyter.error'], .jp-Dialog").all_inner_texts() == []
    assert page.locator("figure[data-explorer]").count() == 6
    assert page.refused == []


def test_a_link_from_a_page_keeps_the_sliders_and_the_chapter_leads_back(page, address):
    page.goto(f"{address}notebooks/index.html?path=03_spike.ipynb#step_size=50")
    run_all(page)
    page.locator("[data-explorer='weight_spectrum']").wait_for(state="attached", timeout=300_000)
    picture = Driven(page, "weight_spectrum")
    picture.settle(seconds=300)
    assert picture.control("step_size").get_attribute("aria-valuetext").endswith("50")
    page.get_by_role("link", name="Back to the pages").click()
    page.get_by_text("the page of the chapter").wait_for()


def test_plain_figures_are_pictures_too(page, address):
    """The handout's four are no explorers; plotly's own display would fail there."""
    page.goto(f"{address}lab/index.html?path=12_handout.ipynb")
    run_all(page)
    page.locator("figure[data-explorer][data-state='ready']").nth(3).wait_for(state="attached", timeout=400_000)
    assert page.locator("[data-mime-type='application/vnd.jupyter.error'], .jp-Dialog").all_inner_texts() == []
    assert page.refused == []
