"""Makes the README's picture: the first explorer of an exported chapter 01, at a step size the address asks for.

    python tests/tools/overview.py
"""

import tempfile
from pathlib import Path

from find_chromium import chromium
from playwright.sync_api import sync_playwright

from fmspace_nb.publish.site import export

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "notebooks" / "images" / "overview.png"

with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
    export([str(ROOT / "notebooks" / "01_function_space.ipynb")], Path(folder))
    browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
    size = {"width": 1100, "height": 900}
    page = browser.new_context(offline=True, viewport=size, device_scale_factor=1.5).new_page()
    page.goto(f"{(Path(folder) / '01_function_space.html').as_uri()}#step_size=300&width_ratio=2")
    figure = page.locator("[data-explorer]").first
    figure.scroll_into_view_if_needed()
    page.wait_for_selector("[data-explorer][data-state=ready]")
    page.wait_for_timeout(1000)
    figure.screenshot(path=TARGET)
    browser.close()
print(TARGET.relative_to(ROOT))
