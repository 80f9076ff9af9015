"""Chapter 03's pictures: what is drawn is the network's own spectrum, and theory's lines are the law's."""

import re

import numpy as np
import pytest

from fmspace_nb.covariance import StepMoments, alignment
from fmspace_nb.experiments.trials import Trial
from fmspace_nb.figures import spike
from fmspace_nb.weights import critical_step_size, sample_covariance


def trace(figure, name):
    return next(t for t in figure.data if (t.name or "").startswith(name))


@pytest.mark.parametrize("width_ratio", [0.5, 4.0])
def test_histogram_is_the_spectrum_of_the_network_after_its_step(width_ratio):
    figure = spike.weight_spectrum(step_size=300.0, width_ratio=width_ratio, dim=100)
    step = (
        Trial.of_ratios("relu", "tanh", dim=100, width_ratio=width_ratio, sample_ratio=4.0)
        .first_step()
        .with_step_size(300.0)
    )
    values = np.linalg.eigvalsh(sample_covariance(step.after.weights))
    assert trace(figure, "top eigenvalue").x[0] == pytest.approx(values[-1], rel=1e-10)
    bars = trace(figure, "eigenvalues")
    assert np.sum(bars.y) * 100 * np.log10(bars.x[1] / bars.x[0]) == pytest.approx(np.sum(values > 0.01), rel=1e-9)


@pytest.mark.parametrize("step_size", [1.0, 1000.0])
@pytest.mark.parametrize("width_ratio", [0.5, 4.0])
def test_drawn_density_has_the_mass_that_the_atom_leaves(width_ratio, step_size):
    curve = trace(spike.weight_spectrum(step_size=step_size, width_ratio=width_ratio, dim=100), "after")
    assert np.trapezoid(curve.y, np.log10(curve.x)) == pytest.approx(min(1, width_ratio), rel=0.02)


@pytest.mark.parametrize("step_size", [10.0, 1000.0, 3000.0])
def test_bars_follow_the_drawn_density(step_size):
    figure = spike.weight_spectrum(step_size=step_size, width_ratio=2.0)
    bars, curve = trace(figure, "eigenvalues"), trace(figure, "after")
    # distance of the two distributions, 200 eigenvalues
    apart = np.cumsum(bars.y - curve.y) * np.log10(bars.x[1] / bars.x[0])
    assert np.max(np.abs(apart)) < 0.05


@pytest.mark.parametrize("step_size", [5.0, 15.0, 16.5, 17.0, 60.0, 500.0, 3000.0])
def test_note_says_detached_exactly_where_the_compared_numbers_do(step_size):
    """At β = ¼ and η = 16.5 B_c/A_c exceeds √(d/m) and the spike is inside the bulk all the same."""
    texts = [note.text for note in spike.weight_spectrum(step_size=step_size, width_ratio=0.25).layout.annotations]
    pattern = r"B<sub>c</sub>/A<sub>c</sub> = ([\d.e+]+), needed ([\d.]+): the spike (.*)"
    found, needed, state = re.search(pattern, " ".join(texts)).groups()
    critical = critical_step_size("relu", "tanh", dim=200, width=50, samples=800)
    assert (state == "has left the bulk") is (float(found) > float(needed)) is bool(step_size > critical)
    assert step_size != 16.5 or 2 < float(found) < float(needed)


@pytest.mark.parametrize("width_ratio, delay", [(0.25, 0.15), (2.0, 0.03), (8.0, 0.011)])
def test_the_step_s_own_output_delays_the_outlier(width_ratio, delay):
    """η_c over its leading order √d β^{3/4} / (μ_σ‖β̂‖), at d = 200."""
    moments, critical = (
        StepMoments.of("relu", "tanh"),
        critical_step_size("relu", "tanh", dim=200, width=round(200 * width_ratio), samples=800),
    )
    leading = np.sqrt(200) * width_ratio**0.75 / (moments.gain * np.sqrt(moments.slope**2 + moments.label_power / 4))
    assert critical / leading - 1 == pytest.approx(delay, rel=0.1)


def test_overlap_starts_at_the_critical_step_size_and_ends_at_the_alignment():
    curve = trace(spike.overlap(dim=100), "with w*: theory")
    critical = critical_step_size("relu", "tanh", dim=100, width=200, samples=400)
    assert np.all(curve.y[curve.x < critical] == 0) and np.all(curve.y[curve.x > critical] > 0)
    assert curve.y[-1] == pytest.approx(alignment("tanh", dim=100, samples=400), rel=0.01)


@pytest.mark.parametrize("sample_ratio", [1.0, 4.0, 16.0])
def test_real_networks_lie_on_the_line(sample_ratio):
    figure = spike.overlap(dim=100, sample_ratio=sample_ratio)
    line, found = trace(figure, "with w*: theory"), trace(figure, "with w*: 4")
    away = (
        np.abs(
            np.log(
                np.asarray(found.x)
                / critical_step_size("relu", "tanh", dim=100, width=200, samples=round(100 * sample_ratio))
            )
        )
        > 0.5
    )
    predicted = np.interp(found.x, line.x, line.y)
    # 4 networks at d = 100: 4 standard errors, and the 1/√d by which a finite spectrum rounds the corner off
    assert np.all(np.abs(found.y - predicted)[away] < 4 * np.asarray(found.error_y.array)[away] + 0.05)


def test_reader_stands_where_the_sliders_do():
    figure = spike.phase_diagram(step_size=321.0, width_ratio=0.7, dim=60)
    here = trace(figure, "you are here")
    assert (here.x[0], here.y[0]) == (321.0, 0.7)
