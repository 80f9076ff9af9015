"""Chapter 02: the shape of the step's noise, given the data."""

from __future__ import annotations


import numpy as np

from fmspace_nb.covariance import predict_conditional
from fmspace_nb.experiments.trials import SHOWN, sizes
from fmspace_nb.figures import style
from fmspace_nb.network import TwoLayerNetwork
from fmspace_nb.products import product
from fmspace_nb.remembered import networks
from fmspace_nb.steps import OneStep, draw_batch, gradient_step
from fmspace_nb.targets import target as as_target


@networks
def _step(activation, target, dim, width, samples, seed) -> tuple[OneStep, tuple, np.ndarray]:
    """(step, batch, eigenvectors of Ŵ as columns) of one real network."""
    rng = np.random.default_rng([seed, 21])
    network, batch = TwoLayerNetwork.random(dim, width, activation, rng), draw_batch(target, dim, samples, rng)
    label_power = as_target(target).second_moment
    _, vectors = np.linalg.eigh(product((batch[0] * (batch[1] ** 2)[:, None]).T, batch[0]) / (samples * label_power))
    return gradient_step(network, *batch, 1.0), batch, vectors


def shape_of_the_noise(
    *, step_size=1000.0, width_ratio=8.0, sample_ratio=4.0, dim=100, activation="relu", target="mixed", seed=0
):
    """The variance of real weights along each eigenvector of the batch's Ŵ (across the spike), with Ŵ and without."""
    width, samples = sizes(dim, width_ratio, sample_ratio)
    seeds = range(SHOWN) if seed == "all" else [seed]
    found = [_along_the_batch(activation, target, dim, width, samples, step_size, one) for one in seeds]
    variance, measured, error, shaped = (np.array(each) for each in list(zip(*found, strict=True))[:4])
    mean = found[0][4]
    which = "a real network" if len(seeds) == 1 else f"{len(seeds)} real networks"
    ends = [style.reach(each[:, -1], digits) for each, digits in ((measured, ".3g"), (error, ".2g"), (shaped, ".3g"))]
    return style.picture(
        [
            style.points(style.gathered(variance), style.gathered(measured), which, style.AFTER, size=6,
                         error=style.gathered(error), **style.faint(found)),
            style.line(style.gathered(variance), style.gathered(shaped), "theory with Ŵ", style.TARGET, width=2),
            style.line([0.03, 15], [mean] * 2, "theory with A<sub>c</sub> alone", style.NEUTRAL, dash="dash", width=2),
        ],
        xaxis=style.axis("variance of Ŵ along the direction", 0.05, 12, log=True),
        yaxis=style.axis("variance of √d w", 0.7, 300, log=True),
        alt=f"Variance of the weights along the {dim} eigenvectors of Ŵ, less their part along β̂, at step size "
        f"{step_size:.3g}. Along the last one measured {ends[0]} ± {ends[1]}, {ends[2]} with Ŵ, "
        f"{mean:.3g} with the mean alone.",
    )


def _along_the_batch(activation, target, dim, width, samples, step_size, seed) -> tuple:
    """Of one real network, along the eigenvectors of Ŵ: the variance of Ŵ, that of the weights, its standard error,
    what theory says with Ŵ, (dim,) each; and what it says without."""
    step, batch, vectors = _step(activation, target, dim, width, samples, seed)
    here = {"width": width, "samples": samples, "step_size": step_size}
    v = step.beta_hat / np.linalg.norm(step.beta_hat)
    across = vectors - np.outer(v, v @ vectors)  # what of an eigenvector lies across the spike
    across /= np.linalg.norm(across, axis=0)
    along = (step.with_step_size(step_size).after.weights @ across) ** 2 * dim  # (width, dim)
    shaped = predict_conditional(activation, target, step.beta_hat, batch=batch, **here).along(across.T)
    mean = predict_conditional(activation, target, step.beta_hat, **here).bulk
    order = np.argsort(shaped)
    measured, error = along.mean(0)[order], along.std(0, ddof=1)[order] / np.sqrt(width)
    return (shaped[order] - 1) / (mean - 1), measured, error, shaped[order], mean
