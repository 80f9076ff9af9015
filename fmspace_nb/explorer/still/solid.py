"""A surface or a mesh as plotly's camera sees it: a small picture."""

from __future__ import annotations

import numpy as np

from fmspace_nb.explorer.still.raster import SHADES, ends_of, png, scale, shades

PIXELS = 240
POINTS = 10**6  # that are painted at most: a triangle is the points of a grid in it


def solid(data: list[dict], scene: dict) -> str:
    """The meshes and surfaces of a scene as the address of a square picture; "" where there are none."""
    shapes = [shape for shape in map(_triangles, data) if shape]
    if not shapes:
        return ""
    trace = next(t for t in data if t.get("type") in ("mesh3d", "surface"))
    corners, values = (np.concatenate(parts) for parts in zip(*shapes, strict=True))
    low, high = np.array([_range(scene, letter, corners[..., k]) for k, letter in enumerate("xyz")]).T
    half = (high - low) / 2
    points = (corners - (low + high) / 2) / (half.max() if scene.get("aspectmode") == "data" else half)
    eye = scene.get("camera", {}).get("eye", {})
    right, up, ahead = _camera(eye)
    reach = 0.83 * np.linalg.norm([eye.get(axis, 1.25) for axis in "xyz"])      # plotly's lens has 45 degrees
    longest = np.abs(points - np.roll(points, 1, axis=1)).max() * PIXELS / 2 / reach
    cuts = int(max(1, min(np.ceil(longest), (2 * POINTS / len(points)) ** 0.5)))
    shares = np.array([(a, b, cuts - a - b) for a in range(cuts + 1) for b in range(cuts + 1 - a)]) / cuts
    places = np.einsum("sc,tcd->tsd", shares, points).reshape(-1, 3)
    colours = shades((values @ shares.T).ravel(), *ends_of(trace, "c", values))
    order = np.argsort(places @ ahead)                     # what is nearer is painted later
    column, row = (np.clip(((1 + sign * (places @ axis) / reach) * PIXELS / 2).astype(int), 1, PIXELS - 2)[order]
                   for axis, sign in ((right, 1), (up, -1)))
    painted = np.full((PIXELS, PIXELS), SHADES, dtype="u1")
    for down, over in ((1, 0), (0, 1), (0, 0)):            # a point is as large as the gap to the next one
        painted[row + down, column + over] = colours[order]
    return png(painted, scale(trace.get("colorscale")))


def _camera(eye: dict):
    """(right, up, ahead): unit vectors of what plotly's camera sees, from its place `eye`; z is up."""
    ahead = np.array([eye.get(axis, 1.25) for axis in "xyz"], dtype=float)
    ahead /= np.linalg.norm(ahead)
    right = np.cross([0, 0, 1.0], ahead)
    right = right / np.linalg.norm(right) if np.linalg.norm(right) > 1e-9 else np.array([1.0, 0, 0])
    return right, np.cross(ahead, right), ahead


def _range(scene: dict, letter: str, values) -> tuple[float, float]:
    """The ends of an axis of the scene: its own, or those of what is drawn."""
    given = scene.get(f"{letter}axis", {}).get("range")
    low, high = given if given and None not in given else (values.min(), values.max())
    return (low, high) if high > low else (low - 1, high + 1)


def _triangles(trace: dict):
    """(corners (t, 3, 3), values (t, 3)) of a mesh or a surface; None for other traces."""
    if trace.get("type") == "mesh3d" and trace.get("i") is not None:
        points = np.stack([np.asarray(trace[k], dtype=float) for k in "xyz"], 1)
        three = np.stack([np.asarray(trace[k], dtype=int) for k in "ijk"], 1)
        values = np.asarray(trace["intensity"] if trace.get("intensity") is not None else trace["z"], dtype=float)
    elif trace.get("type") == "surface":
        z = np.asarray(trace["z"], dtype=float)
        rows, columns = z.shape
        x = np.asarray(trace["x"], dtype=float) if trace.get("x") is not None else np.arange(columns)
        y = np.asarray(trace["y"], dtype=float) if trace.get("y") is not None else np.arange(rows)
        x, y = np.broadcast_to(x, z.shape), np.broadcast_to(y if y.ndim == 2 else y[:, None], z.shape)
        points = np.stack([x.ravel(), y.ravel(), z.ravel()], 1)
        values = np.asarray(trace["surfacecolor"] if trace.get("surfacecolor") is not None else z, dtype=float).ravel()
        n = np.arange(rows * columns).reshape(rows, columns)
        a, b, c, d = (part.ravel() for part in (n[:-1, :-1], n[:-1, 1:], n[1:, :-1], n[1:, 1:]))
        three = np.concatenate([np.stack(corner, 1) for corner in ((a, b, c), (b, d, c))])
    else:
        return None
    fits = np.isfinite(points[three]).all((1, 2))
    return points[three[fits]], values[three[fits]]
