"""Chapter 06's pictures: lines are the exact numbers, points are real networks that lie on them."""

import re
from pathlib import Path

import numpy as np
import pytest

from fmspace_nb.covariance import StepMoments, typical_conditional
from fmspace_nb.experiments.trials import sizes
from fmspace_nb.figures import mixing
from fmspace_nb.mixing import mode_mixing


def trace(figure, name):
    return next(t for t in figure.data if (t.name or "").startswith(name))


def test_reader_stands_on_the_exact_angle_of_the_predicted_covariance():
    figure = mixing.angle(step_size=150.0, width_ratio=2.0)
    width, samples = sizes(100, 2.0, 4.0)
    gamma = typical_conditional("relu", "tanh", dim=100, width=width, samples=samples, step_size=150.0)
    exact = mode_mixing("relu", dim=100, bulk=gamma.bulk, spike=gamma.spike)
    assert trace(figure, "you are here").y[0] == pytest.approx(np.degrees(exact.angle), rel=1e-6)


@pytest.mark.parametrize("width_ratio", [1.0, 4.0])
def test_real_networks_lie_on_the_exact_angle(width_ratio):
    figure = mixing.angle(width_ratio=width_ratio)
    line, found = trace(figure, "exact"), trace(figure, "3 real")
    predicted = np.interp(np.log(found.x), np.log(line.x), line.y)
    # 3 networks at d = 100: 4 standard errors (their own estimate has 2 degrees of freedom), and 3° where all three
    # agree by chance
    assert np.all(np.abs(found.y - predicted) < 4 * np.asarray(found.error_y.array) + 3)
    assert np.mean(np.abs(found.y - predicted)) < 1.5


def test_first_order_leaves_the_exact_angle_as_the_spike_grows():
    figure = mixing.angle(width_ratio=1.0)
    apart = np.abs(trace(figure, "exact").y - trace(figure, "first order").y)
    assert apart[0] < 0.01 and apart.max() > 0.5


def test_a_step_of_any_size_ends_at_the_lower_dotted_line_and_so_do_real_networks():
    """(4) of the chapter and the numbers beside it; three networks at η = 1000 d, of two widths, within 4 standard
    errors."""
    text = (Path(__file__).parents[2] / "notebooks" / "06_mixing.md").read_text("utf-8")
    pattern = r"\$([\d.]+)\$ for ReLU, \$g=\\tanh\$, \$\\alpha=4\$\..* ends at \$([\d.]+)"
    stated, angle = map(float, re.search(pattern, text).groups())
    moments = StepMoments.of("relu", "tanh")
    ratio = moments.gain**2 / (moments.gain_square - moments.gain**2) * (1 + 4 * moments.slope**2 / moments.label_power)
    assert round(ratio, 2) == stated
    end = np.degrees(mode_mixing("relu", dim=100, spike=100 * ratio).angle)
    figure = mixing.angle(width_ratio=0.5)
    assert round(end, 1) == angle and trace(figure, "η → ∞").y[0] == pytest.approx(end, rel=1e-4)
    assert np.max(trace(figure, "exact").y) < end < trace(figure, "B/(Ad)").y[0] - 4
    for width in (100, 800):
        found = np.degrees(
            [np.arctan2(*mixing._overlaps("relu", 100, width, 400, 1e5, seed)[::-1]) for seed in range(3)]
        )
        error = found.std(ddof=1) / np.sqrt(3)
        assert abs(found.mean() - end) < 4 * error and error < 0.7


def test_shares_add_to_one():
    figure = mixing.shares()
    total = sum(
        np.asarray(trace(figure, name).y) for name in ("on R, the radial", "on Q, the quadratic", "on everything")
    )
    np.testing.assert_allclose(total, 1, atol=1e-9)


def test_shape_is_a_circle_before_any_step_and_a_peanut_after():
    def waist(step_size):
        outline = trace(mixing.shape(step_size=step_size), "after, exact")
        length = np.hypot(outline.x, outline.y)
        return length.min() / length.max()

    assert waist(1e-3) == pytest.approx(1, abs=1e-6)
    assert 0.1 > waist(1000.0) > 0


def test_level_lines_of_the_plane_are_those_of_the_top_mode():
    figure = mixing.plane(step_size=1e-3)
    z = np.asarray(figure.data[0].z)
    t, r = np.asarray(figure.data[0].x), np.asarray(figure.data[0].y)
    np.testing.assert_allclose(z, np.hypot(t[None, :], r[:, None]) / 10, atol=1e-6)


def test_real_networks_have_the_exact_shape_the_closer_the_wider_they_are():
    def apart(width_ratio, step_size):
        figure = mixing.shape(width_ratio=width_ratio, step_size=step_size)
        outline, found = trace(figure, "after, exact"), trace(figure, "after, 3 real")
        angle, radius = np.arctan2(outline.x[:90], outline.y[:90]), np.hypot(outline.x, outline.y)[:90]
        # the upper right quarter stands for all
        turned = np.arccos(np.abs(found.y) / np.maximum(np.hypot(found.x, found.y), 1e-12))
        return np.nanmax(np.abs(np.hypot(found.x, found.y) - np.interp(turned, angle, radius)))

    # The same B/d = 0.08 with 800 neurons, whose own spikes scatter by √(2/m) = 5 % (the worst of three: 2.5 of it),
    # and with 100
    assert apart(8.0, 500.0) < 0.125 < apart(1.0, 62.5)
