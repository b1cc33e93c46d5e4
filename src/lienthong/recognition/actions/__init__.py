"""Every write of recognition: rights, checks of orders, notices."""

from lienthong.recognition.actions.following import followers
from lienthong.recognition.actions.grants import GrantOutcome, lift_revocation, recompute_grants, revoke_grant
from lienthong.recognition.actions.notices import mark_notice_read, tell_of_lost_brackets, tell_of_new_versions
from lienthong.recognition.actions.orders import check_order
from lienthong.recognition.actions.person_notices import tell_of_changed_persons
from lienthong.recognition.actions.signing import Choice, record_feedback, sign_order

__all__ = [
    "Choice",
    "GrantOutcome",
    "check_order",
    "followers",
    "lift_revocation",
    "mark_notice_read",
    "recompute_grants",
    "record_feedback",
    "revoke_grant",
    "sign_order",
    "tell_of_changed_persons",
    "tell_of_lost_brackets",
    "tell_of_new_versions",
]
