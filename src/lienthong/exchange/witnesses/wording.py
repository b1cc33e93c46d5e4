"""The words for how a witness stands, and for what went wrong with it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from lienthong.exchange.outbound.wording import fault_words as outgoing_fault_words
from lienthong.exchange.witnesses.answers import AHEAD, FORKED

STATES = {
    "disagrees": ("bad", "out", gettext_lazy("knows another log")),
    "failing": ("warn", "held", gettext_lazy("does not cosign")),
    "new": ("info", "wait", gettext_lazy("has not cosigned yet")),
    "cosigns": ("good", "in", gettext_lazy("cosigns")),
}
_NO_HTTPS = gettext_lazy("The address may not be called: see LIENTHONG_HOOK_NETWORKS and LIENTHONG_HOOK_HTTP.")
FAULTS = {
    AHEAD: gettext_lazy("It cosigned a longer log: this one was cut, or an older backup was restored."),
    FORKED: gettext_lazy(
        "It cosigned a log that does not go on as this one: leaves were changed after they were signed."
    ),
    "not-callable": _NO_HTTPS,
    "connect-refused": gettext_lazy("Nobody listens at the witness's address."),
    "no-answer": gettext_lazy("The witness did not answer in time."),
    "broken-off": gettext_lazy("The connection broke off before the answer."),
    "certificate": gettext_lazy("The certificate at the witness's address is not believed."),
    "refused": gettext_lazy("The witness takes the request for wrong."),
    "unknown-key": gettext_lazy("The witness does not know the key of this log: give it the line of /log/key."),
    "unknown-log": gettext_lazy("The witness does not know this log, or the address is wrong: give it /log/key."),
    "bad-cosignature": gettext_lazy("What came back is not signed by the key that is set for this witness."),
    "unexpected": gettext_lazy("The answer is none of a witness; is the address right?"),
    "moving": gettext_lazy("The witness named another size at each attempt; does it watch another log of this name?"),
    "log-broken": gettext_lazy("The stored log is not the one that was signed; run lienthong log verify."),
}


def fault_words(code: str) -> str:
    """Return what a fault means and what to do; nothing for one without words."""
    return str(FAULTS[code]) if code in FAULTS else outgoing_fault_words(code)
