"""Subscription (R4) with the channel rest-hook: a system is told of results and reports that meet its criteria."""
