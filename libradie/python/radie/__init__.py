"""Structured findings out of free-text Japanese CT reports.

radie.load() gives a Model, Model.extract(text) a Report. Offsets are code points of the text as it
was given: ``text[entity.start:entity.end] == entity.text``. What radie refuses is a radie.Error.
"""

from radie._errors import Error
from radie._frames import Frames, to_frames
from radie._model import Model, ModelInfo, StageInfo, load
from radie._radie import available_isas, build_info
from radie._radie import version as _version
from radie._report import Certainty, Entity, Finding, Relation, Report, Warning

__version__ = _version()

__all__ = [
    "Certainty",
    "Entity",
    "Error",
    "Finding",
    "Frames",
    "Model",
    "ModelInfo",
    "Relation",
    "Report",
    "StageInfo",
    "Warning",
    "__version__",
    "available_isas",
    "build_info",
    "load",
    "to_frames",
]
