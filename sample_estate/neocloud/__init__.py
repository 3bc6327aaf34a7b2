"""Corvid Compute, an invented GPU cloud that delivers FOCUS 1.2 itself, as csv.gz per month.

Reserved and on-demand GPU nodes, spot, storage, egress, tokens, a support plan, a credit, a
correction and VAT, in EUR; Invoice Detail, Billing Period and Contract Commitment in 1.4 form.
"""

from __future__ import annotations

from sample_estate.context import DeliveredExport, EstateContext, PlantedTotal
from sample_estate.neocloud.companions import write_companions
from sample_estate.neocloud.rows import create_rows, create_streams
from sample_estate.neocloud.writing import write_month

NAME = "corvid_focus"

__all__ = ["NAME", "deliver"]


def deliver(estate: EstateContext) -> list[DeliveredExport]:
    """Write the vendor's export for all months; one entry of exports.yml."""
    folder = estate.export_folder(NAME)
    create_streams(estate)
    for month in estate.months:
        create_rows(estate, month)
        write_month(estate, month, folder)
        write_companions(estate, month, folder)
    (rows,) = estate.con.execute("select count(*) from corvid_rows").fetchone()
    totals = estate.con.execute(
        """
        select month, billing_account_id, 'EUR', charge_kind,
            sum(billed_cost), sum(effective_cost)
        from corvid_rows group by all order by all
        """
    ).fetchall()
    return [
        DeliveredExport(
            NAME, "focus", f"exports/{NAME}/", int(rows), [PlantedTotal(*total) for total in totals]
        )
    ]
