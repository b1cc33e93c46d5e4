"""What a password must be, where Django's own words are not translated."""

from __future__ import annotations

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import ngettext


class LongEnough(MinimumLengthValidator):
    """Django's rule, in words that are in our catalogues."""

    def get_error_message(self) -> str:
        told = ngettext(
            "This password is too short: it needs at least %(number)s sign.",
            "This password is too short: it needs at least %(number)s signs.",
            self.min_length,
        )
        return told % {"number": self.min_length}
