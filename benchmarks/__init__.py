"""How fast a bill becomes FOCUS, against one hand-written DuckDB statement over the same files."""
