"""Landing, building, checking and publishing of the AI FinOps warehouse."""
