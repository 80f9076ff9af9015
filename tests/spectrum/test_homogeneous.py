"""Homogeneous σ: levels in closed form, linear modes exact at any spike, and two routes to one number."""

import numpy as np
import pytest
from scipy import special

from fmspace_nb.activations import activation
from fmspace_nb.numerics.harmonics import gegenbauer
from fmspace_nb.numerics.quadrature import gauss_gegenbauer
from fmspace_nb.spectrum.homogeneous import Harmonics
from fmspace_nb.spectrum.mercer import mercer

DIMS = [2, 3, 7, 50, 3000, 100_000]


def top_level(dim):
    """λ_max of the isotropic ReLU kernel (chapter 01, (2))."""
    return dim * np.exp(2 * special.gammaln(dim / 2) - 2 * special.gammaln((dim + 1) / 2)) / (4 * np.pi)


@pytest.mark.parametrize("nodes, second, error", [(120, 5.4164121e-6, 1e-8), (240, 5.4163823e-6, 1e-8)])
def test_a_plain_gauss_rule_reaches_the_third_row_only_with_many_nodes(nodes, second, error):
    """At B/d = 2.8 a Gauss–Gegenbauer rule in τ of 120 nodes is still 5e-6 off in sector 1; with 240 it agrees with
    the graded routes."""
    tau, weights = gauss_gegenbauer(300, nodes)
    omega, mass = gauss_gegenbauer(299, 40)
    square = 1.2 + 848 * tau**2
    along, across = np.sqrt(849.2 / square) * tau, np.sqrt(1.2 / square * (1 - tau**2))
    rho = np.multiply.outer(along, along)[..., None] + np.multiply.outer(across, across)[..., None] * omega
    kernel = activation("relu").dual(1.0, 1.0, np.clip(rho, -1, 1)) @ (mass * omega)
    values = np.linalg.eigvalsh(kernel * np.sqrt(np.multiply.outer(square * weights, square * weights)))[::-1]
    assert values[2] == pytest.approx(second, rel=error)


@pytest.mark.parametrize("dim", DIMS)
@pytest.mark.parametrize("spike_ratio", [0.0, 0.05, 3.0, 1000.0])
def test_linear_modes_are_exact_at_every_dimension(dim, spike_ratio):
    spectrum = mercer("relu", dim=dim, bulk=1.3, spike=spike_ratio * dim)
    odd = [s.eigenvalues[[label.parity == -1 for label in s.labels]] for s in spectrum.sectors[:2]]
    assert odd[0] == pytest.approx([(1.3 + spike_ratio * dim) / (4 * dim)], rel=1e-9)
    assert odd[1] == pytest.approx([1.3 / (4 * dim)], rel=1e-9)


@pytest.mark.parametrize("dim", DIMS)
def test_levels_before_the_step_follow_their_closed_form(dim):
    spectrum = mercer("relu", dim=dim, bulk=1.0, modes=5)
    even, degree = top_level(dim), 0
    ladder = {1: 1 / (4 * dim)}
    while degree < 11:
        ladder[degree], even, degree = even, even * ((degree - 1) / (dim + degree + 1)) ** 2, degree + 2
    for sector in spectrum.sectors:
        assert [label.degree for label in sector.labels] == [
            k for k in sorted(ladder, key=lambda k: -ladder[k]) if k >= sector.degree
        ][:5]
        np.testing.assert_allclose(
            sector.eigenvalues[:4], [ladder[label.degree] for label in sector.labels[:4]], rtol=1e-6
        )


@pytest.mark.parametrize("name", ["quadratic", "identity"])
@pytest.mark.parametrize("dim, spike", [(2, 3.0), (30, 0.5), (1000, 1e6), (100_000, 7.0)])
def test_polynomials_have_finitely_many_modes_and_they_exhaust_the_trace(name, dim, spike):
    spectrum = mercer(name, dim=dim, spike=spike)
    assert len(spectrum.eigenvalues) == sum(
        {"quadratic": (2, 1, 1), "identity": (1, 1, 0)}[name][: 2 if dim == 2 else 3]
    )
    assert abs(spectrum.tail) < 1e-9 * spectrum.trace


def test_leaky_relu_is_a_mixture_of_its_halves():
    """σ = (1+a)/2·|z|/… : the even modes scale with ((1−a)/2)², the odd with ((1+a)/2)², relative to relu."""
    leaky, relu = (mercer(s, dim=15, spike=20.0) for s in (lambda z: np.where(z > 0, z, 0.2 * z), "relu"))
    for a, b in zip(leaky.sectors, relu.sectors, strict=True):
        ratio = {label: value for label, value in zip(b.labels, b.eigenvalues, strict=True)}
        for label, value in zip(a.labels, a.eigenvalues, strict=True):
            assert value == pytest.approx(ratio[label] * (0.8**2 if label.parity > 0 else 1.2**2), rel=1e-6)


@pytest.mark.parametrize("dim, bulk, spike", [(5, 1.0, 10.0), (30, 1.0, 20.0), (300, 1.2, 60.0), (40, 1.0, 4000.0)])
@pytest.mark.parametrize("power, parity", [(1, 0), (1.5, 1), (3, 0), (2, 1)])
def test_harmonics_sum_to_the_kernel_averaged_across(dim, bulk, spike, power, parity):
    """The columns' products are E_ω[κ(τ, τ', ω)P_j(ω)], κ in closed form: one knows levels and no kernel, the other no
    levels."""
    found = Harmonics(power, 0.7, parity, dim=dim, bulk=bulk, spike=spike, size=2.1)
    sigma = activation(lambda z: 0.7 * np.abs(z) ** power * (np.sign(z) if parity else 1))
    tau, across = found.tau, found.complement
    omega, mass = gauss_gegenbauer(dim - 1, 200)
    square = bulk + spike * tau**2
    inner = (bulk + spike) * np.multiply.outer(tau, tau)[..., None] + bulk * np.multiply.outer(across, across)[
        ..., None
    ] * omega
    bound = np.sqrt(np.multiply.outer(square, square))[..., None]
    kernel = sigma.dual(square[:, None, None], square[:, None], np.clip(inner, -bound, bound))
    unit = np.exp(special.gammaln(dim / 2 + power) - special.gammaln(dim / 2)) * (2 / dim) ** power  # E‖x‖^{2p}/d^p
    for sector, columns in enumerate(found.columns(range(3), tau, across)):
        exact = unit * (kernel * gegenbauer(dim - 1, sector, omega)) @ mass
        # what harmonics beyond the last hold
        np.testing.assert_allclose(columns.T @ columns, exact, atol=1e-6 * np.max(unit * kernel))
