"""The one exception this package raises for what its caller can put right."""


class ConversionError(Exception):
    """A checkpoint, a settings file or a model file is not what it has to be.

    The message names the file, tensor or setting, says what was found and what was expected.
    """
