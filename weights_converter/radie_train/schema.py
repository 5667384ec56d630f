"""The information model of Sugimoto et al. 2023 in the recipe: types, roles, labels, masks."""

from __future__ import annotations

from functools import cache
from typing import Any

OBJECT_TYPES = ("Imaging_observation", "Clinical_finding")
ATTRIBUTE_TYPES = (
    "Anatomical_entity",
    "Certainty_descriptor",
    "Change_descriptor",
    "Characteristics_descriptor",
    "Size_descriptor",
)
ENTITY_TYPES = OBJECT_TYPES + ATTRIBUTE_TYPES

ENTITY_LABELS = ("O", *(f"{prefix}-{name}" for name in ENTITY_TYPES for prefix in "BI"))
RELATION_LABELS = ("none", "modify", "evidence")

SCHEMA: dict[str, Any] = {
    "name": "sugimoto-2023",
    "entity_types": [
        {"name": name, "role": "object" if name in OBJECT_TYPES else "attribute"}
        for name in ENTITY_TYPES
    ],
    "relation_types": [
        {"name": "modify", "heads": list(ATTRIBUTE_TYPES), "tails": list(OBJECT_TYPES)},
        {
            "name": "evidence",
            "heads": ["Imaging_observation"],
            "tails": ["Clinical_finding"],
        },
    ],
}


@cache
def allowed_labels(head_type: str, tail_type: str) -> tuple[int, ...]:
    """Indices of RELATION_LABELS that a pair may carry; `none` alone: it is no candidate."""
    allowed = [0]
    for relation in SCHEMA["relation_types"]:
        if head_type in relation["heads"] and tail_type in relation["tails"]:
            allowed.append(RELATION_LABELS.index(relation["name"]))
    return tuple(allowed)


def is_candidate(head_type: str, tail_type: str) -> bool:
    """Whether some relation type joins a head and a tail of these types."""
    return len(allowed_labels(head_type, tail_type)) > 1
