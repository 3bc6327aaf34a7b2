"""Closing months: what was stated of a month is kept, and later bills only add corrections."""
