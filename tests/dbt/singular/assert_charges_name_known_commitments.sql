-- Fails with each commitment that charges name and that Contract Commitment does not have.
select distinct
    charged_commitments.source_name,
    charged_commitments.billing_currency,
    charged_commitments.commitment_discount_id as expected,
    contract_commitment.contract_commitment_id as actual
from {{ ref('charged_commitments') }} as charged_commitments
left join {{ ref('contract_commitment') }} as contract_commitment
    on
        charged_commitments.commitment_discount_id = contract_commitment.contract_commitment_id
        and charged_commitments.billing_currency = contract_commitment.billing_currency
where contract_commitment.contract_commitment_id is null
