"""Turns transformers-style checkpoints into radie model files.

The three functions most callers need:

- ``build_model`` puts one or two checkpoints into a ``.radie`` file;
- ``read_model`` and ``write_model`` read and write such a file.
"""

from radie_convert.build import BuildOptions, build_model
from radie_convert.errors import ConversionError
from radie_convert.model_file import read_model, write_model

__version__ = "0.1.0"

__all__ = ["BuildOptions", "ConversionError", "build_model", "read_model", "write_model"]
