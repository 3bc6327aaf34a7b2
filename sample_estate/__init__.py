"""A synthetic AI company: provider-native bills plus the planted truth they are graded against.

The product never imports this package. Entry points: ``generate()`` and
``python -m sample_estate``.
"""

from sample_estate.estate import EstateSummary, generate

__all__ = ["EstateSummary", "generate"]
