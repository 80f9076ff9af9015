"""Chapter 02: the shape of the step's noise, given the data."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from fmspace_nb.covariance import predict_conditional
from fmspace_nb.experiments.trials import sizes
from fmspace_nb.figures import style
from fmspace_nb.network import TwoLayerNetwork
from fmspace_nb.products import product
from fmspace_nb.steps import OneStep, draw_batch, gradient_step
from fmspace_nb.targets import target as as_target


@lru_cache(maxsize=16)
def _step(activation, target, dim, width, samples) -> tuple[OneStep, tuple, np.ndarray]:
    """(step, batch, eigenvectors of Ŵ as columns) of one real network."""
    rng = np.random.default_rng([0, 21])
    network, batch = TwoLayerNetwork.random(dim, width, activation, rng), draw_batch(target, dim, samples, rng)
    label_power = as_target(target).second_moment
    _, vectors = np.linalg.eigh(product((batch[0] * (batch[1] ** 2)[:, None]).T, batch[0]) / (samples * label_power))
    return gradient_step(network, *batch, 1.0), batch, vectors


def shape_of_the_noise(
    *, step_size=1000.0, width_ratio=8.0, sample_ratio=4.0, dim=100, activation="relu", target="mixed"
):
    """The variance of real weights along each eigenvector of the batch's Ŵ (across the spike), with Ŵ and without."""
    width, samples = sizes(dim, width_ratio, sample_ratio)
    step, batch, vectors = _step(activation, target, dim, width, samples)
    here = {"width": width, "samples": samples, "step_size": step_size}
    v = step.beta_hat / np.linalg.norm(step.beta_hat)
    across = vectors - np.outer(v, v @ vectors)  # what of an eigenvector lies across the spike
    across /= np.linalg.norm(across, axis=0)
    along = (step.with_step_size(step_size).after.weights @ across) ** 2 * dim  # (width, dim)
    measured, error = along.mean(0), along.std(0, ddof=1) / np.sqrt(width)
    shaped = predict_conditional(activation, target, step.beta_hat, batch=batch, **here).along(across.T)
    mean = predict_conditional(activation, target, step.beta_hat, **here).bulk
    order = np.argsort(shaped)
    measured, error, shaped = measured[order], error[order], shaped[order]
    variance = (shaped - 1) / (mean - 1)  # of Ŵ along these directions
    return style.picture(
        [
            style.points(variance, measured, "a real network", style.AFTER, size=6, error=error),
            style.line(variance, shaped, "theory with Ŵ", style.TARGET, width=2),
            style.line([0.03, 15], [mean] * 2, "theory with A<sub>c</sub> alone", style.NEUTRAL, dash="dash", width=2),
        ],
        xaxis=style.axis("variance of Ŵ along the direction", 0.05, 12, log=True),
        yaxis=style.axis("variance of √d w", 0.7, 300, log=True),
        alt=f"Variance of the weights along the {dim} eigenvectors of Ŵ, less their part along β̂, at step size "
        f"{step_size:.3g}. Along the last one measured {measured[-1]:.3g} ± {error[-1]:.2g}, {shaped[-1]:.3g} with Ŵ, "
        f"{mean:.3g} with the mean alone.",
    )
