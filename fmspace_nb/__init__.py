"""fmspace_nb: how one large gradient step reshapes the function space of a two-layer network (arXiv:2605.17718)."""
