"""Quadrature, panels, Hermite coefficients, dual kernels, orthogonal polynomials: numerical analysis that knows
nothing of the paper."""
