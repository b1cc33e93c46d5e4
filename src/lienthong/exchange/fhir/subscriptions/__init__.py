"""Subscription (R4) with the channel rest-hook: a system is told of results, reports, patients, orders and specimens
that meet its criteria.
"""
