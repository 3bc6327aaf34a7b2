"""Copies of the public tables for readers: a DuckDB file swapped in by rename, and Parquet."""
