"""Who a sender's patient is taken to be: numbers, names, dates and addresses compared, and what follows from them.

Pure: no database, no clock. Records come as sides, and go as verdicts.
"""

from lienthong.results.identity.judging import Outcome, Side, Verdict, is_someone_else, judge
from lienthong.results.identity.keys import match_keys, phone_digits
from lienthong.results.identity.names import compare_names, fold_name, name_forms
from lienthong.results.identity.numbers import INSURANCE, NATIONAL, PersonNumber, clean_number, read_number
from lienthong.results.identity.traits import Agreement, Traits, compare, identifier_kind
from lienthong.results.identity.weights import Model, model

__all__ = [
    "INSURANCE",
    "NATIONAL",
    "Agreement",
    "Model",
    "Outcome",
    "PersonNumber",
    "Side",
    "Traits",
    "Verdict",
    "clean_number",
    "compare",
    "compare_names",
    "fold_name",
    "identifier_kind",
    "is_someone_else",
    "judge",
    "match_keys",
    "model",
    "name_forms",
    "phone_digits",
    "read_number",
]
