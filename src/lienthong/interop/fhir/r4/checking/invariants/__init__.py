"""The rules of R4 that are checked, by the type that sets them and their key: each tells whether it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from lienthong.interop.fhir.r4.checking.invariants import _bundles as bundles
from lienthong.interop.fhir.r4.checking.invariants import _datatypes as datatypes
from lienthong.interop.fhir.r4.checking.invariants import _resources as resources
from lienthong.interop.fhir.r4.checking.invariants._reading import Node

Rule: TypeAlias = Callable[[Node], bool | str]
"Returns whether the rule holds; where it is broken in one place of many, that place (`.entry[3]`)."

RULES: Mapping[tuple[str, str], Rule] = {
    ("Extension", "ext-1"): datatypes.ext_1,
    ("Attachment", "att-1"): datatypes.att_1,
    ("ContactPoint", "cpt-2"): datatypes.cpt_2,
    ("Expression", "exp-1"): datatypes.exp_1,
    ("Quantity", "qty-3"): datatypes.qty_3,
    ("SimpleQuantity", "sqty-1"): datatypes.sqty_1,
    ("Age", "age-1"): datatypes.age_1,
    ("Count", "cnt-3"): datatypes.cnt_3,
    ("Distance", "dis-1"): datatypes.dis_1,
    ("Duration", "drt-1"): datatypes.drt_1,
    ("Period", "per-1"): datatypes.per_1,
    ("Range", "rng-2"): datatypes.rng_2,
    ("Ratio", "rat-1"): datatypes.rat_1,
    ("Timing.repeat", "tim-1"): datatypes.tim_1,
    ("Timing.repeat", "tim-2"): datatypes.tim_2,
    ("Timing.repeat", "tim-4"): datatypes.tim_4,
    ("Timing.repeat", "tim-5"): datatypes.tim_5,
    ("Timing.repeat", "tim-6"): datatypes.tim_6,
    ("Timing.repeat", "tim-7"): datatypes.tim_7,
    ("Timing.repeat", "tim-8"): datatypes.tim_8,
    ("Timing.repeat", "tim-9"): datatypes.tim_9,
    ("Timing.repeat", "tim-10"): datatypes.tim_10,
    ("TriggerDefinition", "trd-1"): datatypes.trd_1,
    ("TriggerDefinition", "trd-2"): datatypes.trd_2,
    ("TriggerDefinition", "trd-3"): datatypes.trd_3,
    ("DataRequirement.codeFilter", "drq-1"): datatypes.drq,
    ("DataRequirement.dateFilter", "drq-2"): datatypes.drq,
    ("Observation.referenceRange", "obs-3"): resources.obs_3,
    ("Observation", "obs-6"): resources.obs_6,
    ("Observation", "obs-7"): resources.obs_7,
    ("Patient.contact", "pat-1"): resources.pat_1,
    ("Organization", "org-1"): resources.org_1,
    ("Organization", "org-2"): resources.org_2,
    ("Organization", "org-3"): resources.org_3,
    ("ServiceRequest", "prr-1"): resources.prr_1,
    ("AllergyIntolerance", "ait-1"): resources.ait_1,
    ("AllergyIntolerance", "ait-2"): resources.ait_2,
    ("Condition.stage", "con-1"): resources.con_1,
    ("Condition.evidence", "con-2"): resources.con_2,
    ("Condition", "con-4"): resources.con_4,
    ("Condition", "con-5"): resources.con_5,
    ("Consent", "ppc-1"): resources.ppc_1,
    ("Composition.section", "cmp-1"): resources.cmp_1,
    ("Composition.section", "cmp-2"): resources.cmp_2,
    ("Parameters.parameter", "inv-1"): resources.inv_1,
    ("Bundle", "bdl-1"): bundles.bdl_1,
    ("Bundle", "bdl-2"): bundles.bdl_2,
    ("Bundle", "bdl-3"): bundles.bdl_3,
    ("Bundle", "bdl-4"): bundles.bdl_4,
    ("Bundle.entry", "bdl-5"): bundles.bdl_5,
    ("Bundle", "bdl-7"): bundles.bdl_7,
    ("Bundle.entry", "bdl-8"): bundles.bdl_8,
    ("Bundle", "bdl-9"): bundles.bdl_9,
    ("Bundle", "bdl-10"): bundles.bdl_10,
    ("Bundle", "bdl-11"): bundles.bdl_11,
    ("Bundle", "bdl-12"): bundles.bdl_12,
}
