"""The AWS part of the estate: what runs, what it costs, and the exports AWS would deliver."""
