"""The form of a pack's files as JSON Schema. A file is a table (key → dated values) or a set of named parameters."""

from __future__ import annotations

from collections.abc import Mapping

from lienthong.policy._tree import Tree
from lienthong.policy._values import COMBINES

Schema = dict[str, Tree]

LANGUAGES = ("vi", "zh_hans", "en")
CONFIDENCES = ("seen", "unchecked", "draft", "example")
CONTROL_RULES = (
    *("1_2s", "1_3s", "2_2s", "R_4s", "4_1s", "10x"),
    *("8x", "12x", "2of3_2s", "3_1s", "6x", "9x", "7T"),
)


def _object(properties: Mapping[str, Schema], *, optional: Mapping[str, Schema] | None = None) -> Schema:
    return {
        "type": "object",
        "required": list(properties),
        "properties": {**properties, **(optional or {})},
        "additionalProperties": False,
    }


def _map_of(schema: Schema) -> Schema:
    return {"type": "object", "additionalProperties": schema}


def _list_of(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def _one_of(*words: str) -> Schema:
    return {"type": "string", "enum": list(words)}


_TEXT: Schema = {"type": "string", "minLength": 1}
_DAY: Schema = {"type": "string", "format": "date"}
_FLAG: Schema = {"type": "boolean"}
_COUNT: Schema = {"type": "integer", "minimum": 1}
_POSITIVE: Schema = {"type": "number", "exclusiveMinimum": 0}
_NAMES: Schema = _object({language: _TEXT for language in LANGUAGES})


def _dated(value: Schema) -> Schema:
    """Day → entry, where null ends what was, and an entry whose value is null says that there is none."""
    entry = _object(
        {"value": _nullable(value), "reference": _TEXT, "checked": _FLAG, "example": _FLAG},
        optional={"note": _NAMES},
    )
    return {"type": "object", "minProperties": 1, "additionalProperties": _nullable(entry)}


def _nullable(schema: Schema) -> Schema:
    wider: Schema = {**schema, "type": [schema["type"], "null"]}
    words = schema.get("enum")
    if isinstance(words, list):
        wider["enum"] = [*words, None]
    return wider


# Tables: the form of one value

TABLES: Mapping[str, Schema] = {
    "items.yaml": _object({"names": _NAMES, "group": _TEXT, "analytes": _list_of(_TEXT)}, optional={"imaging": _FLAG}),
    "windows.yaml": _object(
        {},
        optional={"hours": _COUNT, "clinician_judges": _FLAG, "condition": _one_of("positive_only", "reference_only")},
    ),
    "exceptions.yaml": _object(
        {"names": _NAMES, "free_text_required": _FLAG, "hard_stop": _FLAG},
        optional={"automatic": _one_of("emergency", "purpose")},
    ),
    "marks.yaml": _object(
        {
            "text": _TEXT,
            "legal": _FLAG,
            "issuer": _TEXT,
            "organiser_levels": _list_of(_one_of("nation", "province", "city", "joint")),
            "scope": {"type": ["array", "string"], "items": _TEXT},
        }
    ),
    "limits.yaml": _object(
        {"unit": _TEXT, "combine": _one_of(*COMBINES)},
        optional={
            "percent": _POSITIVE,
            "absolute": _POSITIVE,
            "switch_at": _POSITIVE,
            "cv_max_percent": _POSITIVE,
        },
    ),
    "money.yaml": _POSITIVE,
}

# Parameters: the form of each one's value, by file and name

PARAMETERS: Mapping[str, Mapping[str, Schema]] = {
    "list.yaml": {"edition": _object({"edition": _TEXT, "organiser": _NAMES})},
    "direction.yaml": {
        "levels": _object(
            {"kind": _one_of("not_below_receiver", "none")},
            optional={
                "scheme": _TEXT,
                "producer_min": {"type": "integer", "minimum": 0},
                "mutual_levels": _list_of(_COUNT),
                "iso15189_is_enough": _FLAG,
            },
        ),
    },
    "admission.yaml": {
        "final_result": _one_of("required"),
        "iqc_bracket": _one_of("required"),
        "insurance_contract": _one_of("required", "not_required"),
    },
    "evidence.yaml": {
        "eqa_passes": _object({"required": _COUNT, "of_last": _COUNT}),
        "eqa_max_age_days": _COUNT,
        "eqa_consecutive_years": _COUNT,
        "iqc_coverage": _object({"min_share": {"type": "number", "minimum": 0, "maximum": 1}, "period_days": _COUNT}),
        "iqc_max_open_days": {"type": "integer", "minimum": 0},
        "iqc_cv": _one_of("required", "not_required"),
        "level_min": _COUNT,
        "iso15189_instead_of_level": _FLAG,
        "grant_valid_days": _COUNT,
    },
    "instant.yaml": {"mark_judged_at": _one_of("collection", "measurement")},
    "iqc.yaml": {
        "warning_rules": _list_of(_one_of(*CONTROL_RULES)),
        "reject_rules": {**_list_of(_one_of(*CONTROL_RULES)), "minItems": 1},
        "run_gap_minutes": _COUNT,
        "max_hours_between_runs": _COUNT,
        "no_evidence": _one_of("unknown", "refuse"),
    },
    "eqa.yaml": {
        "sigma_pt_divisor": _POSITIVE,
        "pass_percent": _POSITIVE,
        "min_peer_group": _COUNT,
        "verdict": _one_of("z", "percentage"),
    },
}

PACK: Schema = _object(
    {
        "code": _TEXT,
        "region": _TEXT,
        "names": _NAMES,
        "languages": {**_list_of(_one_of(*LANGUAGES)), "minItems": 1},
        "regions": _map_of(_NAMES),
        "groups": _map_of(_NAMES),
    }
)

REFERENCES: Schema = _object(
    {
        "references": _map_of(
            _object(
                {"title": _TEXT, "issuer": _TEXT, "confidence": _one_of(*CONFIDENCES)},
                optional={"article": _TEXT, "issued": _DAY, "in_force": _DAY, "url": _TEXT},
            )
        )
    }
)


def table_form(value: Schema) -> Schema:
    """Return the form of a file that is one table of `value`."""
    rows = _map_of(_dated(value))
    return _object(
        {"description": _NAMES, "checked_on": _DAY, "values": rows},
        optional={"unit": _TEXT, "regions": _map_of(rows)},
    )


def parameter_form(values: Mapping[str, Schema]) -> Schema:
    """Return the form of a file of named parameters; one that is left out is not asked for by the policy."""
    named = {name: _parameter(value) for name, value in values.items()}
    return _object(
        {
            "description": _NAMES,
            "checked_on": _DAY,
            "parameters": {"type": "object", "properties": {**named}, "additionalProperties": False},
        }
    )


def _parameter(value: Schema) -> Schema:
    dated = _dated(value)
    return _object({"unit": _TEXT, "description": _NAMES}, optional={"values": dated, "regions": _map_of(dated)})


FORMS: Mapping[str, Schema] = {
    "pack.yaml": PACK,
    "references.yaml": REFERENCES,
    **{file: table_form(value) for file, value in TABLES.items()},
    **{file: parameter_form(values) for file, values in PARAMETERS.items()},
}
