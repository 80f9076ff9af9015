"""A reader's own activation or target, typed as `lambda z: …`: read, checked, and then a function like the named ones.

Only what a formula needs is let in. The text comes from a field of the page, never from a notebook or an address.
"""

from __future__ import annotations

import ast

import numpy as np
from scipy import special

from fmspace_nb.activations import activation
from fmspace_nb.targets import target

MAKES = {"activation": activation, "target": target}
USUAL = "np, special, exp, sqrt, sin, tanh, erf, maximum, where …"
NAMES = {"np": np, "special": special, "pi": np.pi, "abs": np.abs} | {
    name: getattr(np, name) for name in ("exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "sinh", "cosh", "arctan",
                                         "sign", "maximum", "minimum", "where", "clip", "heaviside")} | {
    "erf": special.erf}
FORMULA = (ast.Expression, ast.Lambda, ast.arguments, ast.arg, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.Name,
           ast.Constant, ast.Attribute, ast.IfExp, ast.operator, ast.unaryop, ast.cmpop, ast.expr_context)


class Own:
    """A typed function; it is called, and shown, as it was typed.

    made: the activation or target that it is; what that has integrated serves every step size of a picture.
    """

    made = None

    def __init__(self, source: str, function):
        self.__name__, self._function = source, function

    def __call__(self, z):
        return self._function(z) + np.zeros_like(z)     # a constant, too, is an array

    def __repr__(self):
        return self.__name__


def read(parameter: str, source: str) -> Own:
    """The function that a reader typed.

    Args:
        parameter: "activation" or "target".
        source: `lambda z: …` of np, special, pi and the usual functions.

    Raises:
        ValueError: no such formula, or a function that is no activation or target; the message says why.
    """
    try:
        tree = ast.parse(source, mode="eval")
    except SyntaxError as error:
        raise ValueError(f"{source!r} is no formula: {error.msg}") from None
    formula = tree.body
    if not isinstance(formula, ast.Lambda) or len(formula.args.args) != 1 or ast.unparse(formula.args).count(",") or \
            formula.args.vararg or formula.args.kwarg or formula.args.defaults:
        raise ValueError(f"write a function of one number, such as lambda z: np.maximum(z, 0.1*z), not {source!r}")
    known = {*NAMES, formula.args.args[0].arg}
    for node in ast.walk(tree):
        if not isinstance(node, FORMULA):
            raise ValueError(f"a formula has no {type(node).__name__}: {source!r}")
        if isinstance(node, ast.Name) and node.id not in known:
            raise ValueError(f"{node.id} is not known here; a formula has {formula.args.args[0].arg}, {USUAL}")
        if isinstance(node, ast.Attribute) and not (
                isinstance(node.value, ast.Name) and node.value.id in ("np", "special")
                and isinstance(getattr(NAMES[node.value.id], node.attr, None), (np.ufunc, float))
                or ast.unparse(node) in ("np.where", "np.clip")):
            raise ValueError(f"{ast.unparse(node)} is no function of a formula")
    own = Own(source, eval(compile(tree, "own", "eval"), {"__builtins__": {}, **NAMES}))
    try:
        own.made = MAKES[parameter](own)
    except Exception as error:  # whatever the function does, the reader hears it
        raise ValueError(str(error)) from None
    return own
