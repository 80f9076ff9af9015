"""The opening page has a living explorer: its slider turns pictures, without plotly."""

from pages import values


def test_the_slider_of_the_opening_page_turns_its_pictures(open_page, site):
    page = open_page("00_start_here.html")
    stop = values(page, "weights")
    page = open_page("index.html")
    figure = page.locator("[data-explorer=weights]")
    slider, title = figure.locator("[data-control=step_size]"), figure.locator(".fm-sheet title")
    assert f"{stop['step_size']:g}" == figure.locator("[data-value]").input_value()
    before = figure.locator(".fm-plot").bounding_box()
    seen = [title.text_content()]
    slider.focus()
    for key in ("Home", "End"):
        page.keyboard.press(key)
        figure.locator(f"xpath=self::*[@data-shown='{slider.evaluate('e => e.value')}']").wait_for()
        seen.append(title.text_content())
    assert len(set(seen)) == 3
    figure.locator("[data-value]").fill("5000")
    page.keyboard.press("Enter")
    figure.get_by_text("takes numbers from 1 to 1\u202f000").wait_for()
    assert figure.locator(".fm-plot").bounding_box() == before
    assert page.evaluate("typeof Plotly") == "undefined" and page.complaints == []
    figure.get_by_role("link", name="Go there").click()
    page.wait_for_url("**/00_start_here.html#figure=weights")
    assert (site / "index.html").stat().st_size < 1_200_000
