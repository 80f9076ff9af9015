"""Notebooks to files to share: pages and slides whose sliders live without a kernel and without a network."""

__all__ = ["InteractiveHTMLExporter", "InteractiveSlidesExporter"]


def __getattr__(name: str):
    """The exporters, imported when nbconvert asks for them: the rest of the package has no need of nbconvert."""
    if name in __all__:
        from fmspace_nb.publish import exporters
        return getattr(exporters, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
