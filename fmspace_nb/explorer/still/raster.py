"""Colours, small pictures of them, and level lines."""

from __future__ import annotations

import base64
import re
import struct
import zlib

import numpy as np
from plotly.colors import get_colorscale

SHADES = 64             # colours of a small picture
NAMED = {"white": (255, 255, 255), "black": (0, 0, 0), "red": (255, 0, 0), "blue": (0, 0, 255), "green": (0, 128, 0)}


def scale(given) -> np.ndarray:
    """(SHADES, 3): the colours of a plotly colour scale, a name or [(place, colour)], in equal steps."""
    pairs = get_colorscale(given or "Plasma") if isinstance(given or "Plasma", str) else given
    places, colours = zip(*pairs, strict=True)
    channels = np.array([rgb(colour) for colour in colours], dtype=float).T
    steps = np.linspace(0, 1, SHADES)
    return np.rint([np.interp(steps, np.array(places, dtype=float), channel) for channel in channels]).T.astype("u1")


def rgb(colour: str) -> tuple[int, int, int]:
    """The three channels of #rgb, #rrggbb, rgb(…) or rgba(…); grey for what is none of these."""
    if found := re.fullmatch(r"#([0-9a-f]{3}|[0-9a-f]{6})", colour.strip(), re.IGNORECASE):
        digits = found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1])
        return tuple(int(digits[k:k + 2], 16) for k in (0, 2, 4))
    if found := re.match(r"rgba?\(([^)]*)\)", colour.strip()):
        return tuple(round(float(channel)) for channel in found[1].split(",")[:3])
    return NAMED.get(colour.strip(), (128, 128, 128))


def ends_of(given: dict, letter: str, values) -> tuple[float, float]:
    """The ends of a scale of colours: those given as `letter` + min and max, or the values' own."""
    values = np.asarray(values, dtype=float)
    values = values[np.isfinite(values)]
    own = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    return tuple(own[k] if given.get(f"{letter}{end}") is None else given[f"{letter}{end}"]
                 for k, end in enumerate(("min", "max")))


def shades(z: np.ndarray, low: float, high: float) -> np.ndarray:
    """The numbers of the colours of z on a scale from low to high; SHADES, which is clear, where z is none."""
    share = np.clip((z - low) / ((high - low) or 1.0), 0, 1)
    return np.where(np.isfinite(z), np.rint(np.nan_to_num(share) * (SHADES - 1)), SHADES).astype("u1")


def png(numbers: np.ndarray, colours: np.ndarray) -> str:
    """The address of a picture: rows of numbers of colours, (SHADES, 3); number SHADES is clear."""
    height, width = numbers.shape
    rows = b"".join(b"\0" + row.tobytes() for row in np.ascontiguousarray(numbers))
    parts = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
             (b"PLTE", colours.tobytes() + b"\0\0\0"), (b"tRNS", b"\xff" * SHADES + b"\0"),
             (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")]
    whole = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts)
    return f"data:image/png;base64,{base64.b64encode(whole).decode()}"


def sampled(x: np.ndarray, y: np.ndarray, z: np.ndarray, size: tuple[int, int], smooth: bool) -> np.ndarray:
    """z, (len(y), len(x)), seen at size = (rows, columns) even places of the unit square, the top row first.

    x, y: the shares of the axes at which z stands; NaN outside of it.
    """
    def one(places, count):
        order, even = np.argsort(places), (np.arange(count) + 0.5) / count
        where = np.interp(even, places[order], np.arange(len(places)))
        half = 0.5 / max(1, len(places) - 1) * np.ptp(places)     # a cell reaches beyond its middle
        return order, np.where((even < places.min() - half) | (even > places.max() + half), np.nan, where)

    (over, column), (up, row) = one(x, size[1]), one(y, size[0])
    z, row = z[np.ix_(up, over)], row[::-1]
    inside = np.isfinite(row)[:, None] & np.isfinite(column)
    row, column = np.nan_to_num(row), np.nan_to_num(column)
    if not smooth:
        seen = z[np.ix_(np.rint(row).astype(int), np.rint(column).astype(int))]
    else:
        r, c = np.minimum(row.astype(int), len(y) - 2), np.minimum(column.astype(int), len(x) - 2)
        a, b = (row - r)[:, None], column - c
        seen = ((1 - a) * ((1 - b) * z[np.ix_(r, c)] + b * z[np.ix_(r, c + 1)])
                + a * ((1 - b) * z[np.ix_(r + 1, c)] + b * z[np.ix_(r + 1, c + 1)]))
    return np.where(inside, seen, np.nan)


def level_line(x: np.ndarray, y: np.ndarray, z: np.ndarray, level: float) -> list[np.ndarray]:
    """The lines z = level, each (points, 2): every triangle of the grid is crossed once at most, pieces are joined."""
    rows, columns = z.shape
    number = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = number[:-1, :-1], number[:-1, 1:], number[1:, :-1], number[1:, 1:]
    corners = np.concatenate([np.stack([p.ravel() for p in three], 1) for three in ((a, b, d), (a, c, d))])
    flat = z.ravel()
    over = flat[corners] >= level
    corners = corners[np.isfinite(flat[corners]).all(1) & over.any(1) & ~over.all(1)]
    place = np.stack([np.tile(x, rows), np.repeat(y, columns)], 1)
    ends: dict[tuple, list] = {}
    for triangle, above in zip(corners.tolist(), (flat[corners] >= level).tolist(), strict=True):
        alone = above.index(sum(above) == 1)
        cut = [tuple(sorted((triangle[alone], triangle[k]))) for k in range(3) if k != alone]
        ends.setdefault(cut[0], []).append(cut[1])
        ends.setdefault(cut[1], []).append(cut[0])
    lines = []
    while ends:
        edge = next((e for e, others in ends.items() if len(others) == 1), next(iter(ends)))
        chain = [edge]
        while ends.get(edge):
            following = ends[edge].pop()
            ends[following].remove(edge)
            if not ends[edge]:
                del ends[edge]
            chain.append(following)
            edge = following
        ends.pop(edge, None)
        i, j = np.array(chain).T
        share = ((level - flat[i]) / (flat[j] - flat[i]))[:, None]
        lines.append(place[i] + share * (place[j] - place[i]))
    return lines
