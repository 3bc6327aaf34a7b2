"""Thin Dagster definitions over the plain functions of this package."""
