"""An exported file in JupyterLab's own HTML viewer: a frame that drops the doctype and runs nothing until trusted."""

import shutil

import pytest
from driving import Driven


@pytest.mark.parametrize("name", ["membrane.html", "membrane.slides.html", "index.html"])
def test_a_file_that_is_trusted_lives_in_the_html_viewer(lab, site, name):
    shutil.copy(site / name, lab.folder / name)
    page = lab.empty()
    page.evaluate("async path => { await jupyterapp.commands.execute('docmanager:open', {path}) }", name)
    page.get_by_role("button", name="Trust HTML").click()
    frame = page.frame_locator("iframe.jp-HTMLViewer-frame, .jp-HTMLViewer iframe").first
    frame.locator("html[data-ready]").wait_for(state="attached", timeout=30_000)
    assert frame.locator("html").evaluate("() => document.compatMode") == "BackCompat"
    assert frame.locator(".tex:not(:has(.katex))").count() == 0
    if name != "index.html":
        if "slides" in name:
            frame.locator("body").press("PageDown")
            frame.locator("body").press("PageDown")
        beats = Driven(frame, "beats")
        beats.settle()
        frame.locator("[data-explorer=beats] [data-control=detuning]").press("End")
        beats.settle()
    assert [said for said in page.complaints if "sandboxed" not in said] == []  # until it is trusted
    lab.close(page)
