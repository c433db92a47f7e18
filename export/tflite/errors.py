"""What the exporter refuses."""


class ConversionError(Exception):
    """A function that has no int8 form with the operators that runtimes have; the message names layer and operator."""


class StepError(Exception):
    """A clip model that cannot be run frame by frame; the message names layer and operator."""
