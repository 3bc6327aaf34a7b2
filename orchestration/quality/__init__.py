"""Policies that people argue about: coverage of tags, agreed values, freshness, volume.

Great Expectations judges small tables that dbt has made; what it says is stored, shown as a page,
and decides whether a build is published. Plain Python: Dagster and the command line call it.
"""
