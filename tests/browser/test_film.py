"""A film shows the stops of a sweep, made in the page by hand or by the command, as a GIF that others can read."""

import base64
import io
import shutil
import subprocess
import sys

import numpy as np
import pytest
from driving import Driven
from find_chromium import chromium
from pages import ROOT, source
from PIL import Image, ImageSequence

from fmspace_nb.explorer.assets import VIEW
from fmspace_nb.publish.film import _converted, shoot
from fmspace_nb.publish.run import ExportError

ENCODE = """([width, height, frames]) => {
  let text = ""
  const shots = frames.map(f => ({data: Uint8ClampedArray.from(atob(f), c => c.charCodeAt(0)), delay: 100}))
  for (const byte of window.gif(width, height, shots)) text += String.fromCharCode(byte)
  return btoa(text)
}"""


def frames_of(data):
    film = Image.open(io.BytesIO(data))
    return [np.asarray(frame.convert("RGB"), dtype=int) for frame in ImageSequence.Iterator(film)]


@pytest.fixture(scope="module")
def encode(browser):
    """encode(frames (n, height, width, 3)): the bytes of their GIF."""
    page = browser.new_page()
    page.add_script_tag(content=f"{VIEW}\nwindow.gif = gif", type="module")
    page.wait_for_function("Boolean(window.gif)")

    def encoded(frames):
        n, height, width, _ = frames.shape
        rgba = np.concatenate([frames, np.full((n, height, width, 1), 255)], -1).astype(np.uint8)
        texts = [base64.b64encode(frame.tobytes()).decode() for frame in rgba]
        return base64.b64decode(page.evaluate(ENCODE, [width, height, texts]))

    yield encoded
    page.close()


@pytest.mark.parametrize("colours", [2, 200])
@pytest.mark.parametrize("size", [(1, 1), (37, 53), (150, 210)])
def test_what_a_gif_holds_is_what_was_put_in(encode, colours, size):
    """Noise fills the encoder's table of words many times over; a picture that stays costs nothing."""
    rng = np.random.default_rng(1)
    palette = 8 * rng.permutation(32**3)[:colours]              # five bits a channel: a colour is its own bin
    palette = np.stack([palette // 8 // 1024 * 8, palette // 8 // 32 % 32 * 8, palette // 8 % 32 * 8], -1)
    frames = palette[rng.integers(0, colours, (3, *size))]
    frames[2] = frames[1]
    data = encode(frames)
    seen = frames_of(data)
    np.testing.assert_array_equal(seen[0], frames[0])
    np.testing.assert_array_equal(seen[1], frames[1])
    film = Image.open(io.BytesIO(data))
    assert film.info["loop"] == 0 and film.info["duration"] == 100
    assert len(encode(frames)) - len(encode(frames[:2])) < 40


def test_many_colours_become_the_nearest_of_those_that_cover_most(encode):
    ramp = np.linspace(0, 255, 400)
    frame = np.stack(np.broadcast_arrays(ramp, ramp[:40, None], ramp[::-1]), -1)[None]
    (seen,) = frames_of(encode(frame))
    assert np.abs(seen - frame[0]).mean() < 8


# A film of few stops is made before anyone could wait for what its button says meanwhile.
TOLD = """button => {
  button.told = []
  new MutationObserver(() => button.told.push(button.textContent))
    .observe(button, {childList: true, characterData: true, subtree: true})
}"""


def test_the_reader_saves_the_film_of_the_slider_moved_last(open_page):
    page = open_page("03_spike.html", viewport={"width": 700, "height": 900})     # the plot is as wide as its film
    overlap = Driven(page, "overlap")
    overlap.settle()
    overlap.send("width_ratio", 0)
    overlap.settle()
    before, stops = overlap.at, overlap.stops("width_ratio")
    button = overlap.figure.get_by_role("button", name="Download a film")
    button.evaluate(TOLD)
    with page.expect_download() as download:
        button.click()
    assert any(f"/{stops}" in told for told in button.evaluate("button => button.told"))  # how far it is
    data = download.value.path().read_bytes()
    assert download.value.suggested_filename == "overlap width_ratio.gif"
    frames = frames_of(data)
    assert len(frames) == stops and len(data) < 3e6 and len({frame.tobytes() for frame in frames}) == stops
    button.get_by_text("GIF", exact=True).wait_for()
    overlap.settle()
    assert overlap.at == before and page.complaints == []
    for stop in (0, stops - 1):
        overlap.send("width_ratio", stop)
        overlap.settle()
        page.wait_for_timeout(400)
        with page.expect_download() as download:
            overlap.figure.get_by_role("button", name="PNG").click()
        png = Image.open(io.BytesIO(download.value.path().read_bytes())).convert("RGB")
        drawn = np.asarray(png.resize((frames[0].shape[1], 430)), dtype=int)
        assert np.abs(frames[stop][:430] - drawn).mean() < 3, stop
    assert np.abs(frames[0] - frames[-1]).mean() > 3


@pytest.fixture(scope="module")
def command():
    def run(*arguments):
        return subprocess.run([sys.executable, "-m", "fmspace_nb", "film", *map(str, arguments)], cwd=ROOT, text=True,
                              capture_output=True)
    return run


def test_the_command_films_explorers_side_by_side(command, tmp_path):
    out = tmp_path / "new" / "beats.gif"
    done = command(source("membrane"), "beats", "decay", "--sweep", "frequency", "--out", out, "--columns", 2,
                   "--width", 600, "--browser", chromium())
    assert done.returncode == 0 and str(out) in done.stdout, done.stderr
    frames = frames_of(out.read_bytes())
    assert len(frames) > 2 and frames[0].shape[1] == 600
    left, right = np.split(np.abs(frames[0] - frames[-1])[:300].mean(-1), 2, axis=1)
    assert left.any() and right.any()
    webp = out.with_suffix(".webp")
    shoot(page_of("membrane"), ["beats"], webp, sweep="frequency", width=300, browser=chromium())
    assert len(frames_of(webp.read_bytes())) == len(frames)


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="no ffmpeg here")
def test_ffmpeg_makes_a_video_of_the_same_frames(tmp_path):
    frames = [Image.new("RGB", (301, 201), (80 * k, 0, 0)) for k in range(3)]  # H.264 wants even sides
    gif = io.BytesIO()
    frames[0].save(gif, "GIF", save_all=True, append_images=frames[1:], duration=250)
    _converted(gif.getvalue(), tmp_path / "film.mp4")
    asked = ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width,height,nb_frames", "-of", "csv=p=0"]
    seen = subprocess.run([*asked, tmp_path / "film.mp4"], capture_output=True, text=True, check=True).stdout
    assert seen.strip() == "h264,300,200,3"


def page_of(name):
    from fmspace_nb.publish.chapters import read
    from fmspace_nb.publish.site import outputs, text_of

    chapter = read(source(name))
    outputs(chapter)
    return text_of(chapter, "html")


def test_what_cannot_be_filmed_is_said_in_a_sentence(command, tmp_path, monkeypatch):
    wrong = {("beat", "frequency"): "EXPLORER must be one of beats, decay, .*got beat",
             ("beats", "step_size"): "no slider is called step_size"}
    page = page_of("membrane")
    for (name, sweep), words in wrong.items():
        with pytest.raises(ExportError, match=words):
            shoot(page, [name], tmp_path / "a.gif", sweep=sweep, browser=chromium())
    done = command(source("membrane"), "beats", "--sweep", "frequency", "--out", tmp_path / "a.avi")
    assert done.returncode == 1 and "--out must end in .gif, .webp, .mp4" in done.stderr
    asked = source("membrane"), "beats", "--sweep", "frequency", "--out", tmp_path / "a.gif", "--browser", "none"
    done = command(*asked)
    assert done.returncode == 1 and "a film needs a Chromium or Chrome, and none is not on the PATH" in done.stderr
    monkeypatch.setattr("fmspace_nb.publish.film.shutil.which", lambda name: None)
    with pytest.raises(ExportError, match="a.mp4 needs ffmpeg, which is not on the PATH"):
        shoot(page, ["beats"], tmp_path / "a.mp4", sweep="frequency")
    assert list(tmp_path.iterdir()) == []
