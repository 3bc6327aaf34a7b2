"""Reading of cost exports: find deliveries, land them as Parquet, keep the ledger."""
