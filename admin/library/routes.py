"""Every route of the library, and what each demands of who asks."""

from admin import rights
from admin.auth import Route
from admin.library import (
    pages_editing,
    pages_ends,
    pages_entries,
    pages_exchange,
    pages_gaps,
    pages_judgements,
    pages_policies,
    pages_proposals,
    pages_similar,
    pages_try,
)

ENTRY = r"/library/entries/{key:[a-z0-9][a-z0-9.-]{0,199}}"
POLICY = r"/library/policies/{key:[a-z0-9][a-z0-9.-]{0,199}}"
PROPOSAL = r"/library/proposals/{id:\d{1,9}}"

LIBRARY_ROUTES = (
    Route("GET", "/library", pages_entries.entries_page, rights.READ),
    Route("GET", "/library/new", pages_editing.new_page, rights.PROPOSE),
    Route("POST", "/library/new", pages_editing.new, rights.PROPOSE),
    Route("GET", ENTRY, pages_entries.entry_page, rights.READ),
    Route("GET", ENTRY + "/edit", pages_editing.edit_page, rights.PROPOSE),
    Route("POST", ENTRY + "/edit", pages_editing.edit, rights.PROPOSE),
    Route("POST", ENTRY + "/end", pages_entries.end, rights.PROPOSE),
    Route("POST", ENTRY + "/back", pages_entries.roll_back, rights.PROPOSE),
    Route("GET", "/library/policies", pages_policies.policies_page, rights.READ),
    Route("GET", POLICY, pages_policies.policy_page, rights.READ),
    Route("POST", POLICY + "/dates", pages_policies.dates, rights.PROPOSE),
    Route("GET", "/library/proposals", pages_proposals.proposals_page, rights.READ),
    Route("GET", PROPOSAL, pages_proposals.proposal_page, rights.READ),
    Route("GET", PROPOSAL + "/edit", pages_editing.amend_page, rights.PROPOSE),
    Route("POST", PROPOSAL + "/edit", pages_editing.amend, rights.PROPOSE),
    Route("POST", PROPOSAL + "/approve", pages_proposals.approve, rights.APPROVE),
    Route("POST", PROPOSAL + "/return", pages_proposals.send_back, rights.APPROVE),
    Route("POST", PROPOSAL + "/withdraw", pages_proposals.withdraw, rights.PROPOSE),
    Route("GET", "/library/try", pages_try.try_page, rights.READ),
    Route("POST", "/library/try", pages_try.try_out, rights.READ),
    Route("GET", "/library/gaps", pages_gaps.gaps_page, rights.READ),
    Route("POST", "/library/gaps/ignore", pages_gaps.ignore, rights.PROPOSE),
    Route("GET", "/library/ends", pages_ends.ends_page, rights.READ),
    Route("GET", "/library/similar", pages_similar.similar_page, rights.READ),
    Route("POST", "/library/similar", pages_similar.decide, rights.PROPOSE),
    Route("GET", "/library/judgements", pages_judgements.judgements_page, rights.READ),
    Route("GET", "/library/judgements.jsonl", pages_judgements.judgements_file, rights.READ),
    Route("POST", r"/questions/{id:\d{1,15}}/judge", pages_judgements.judge, rights.JUDGE),
    Route("GET", "/library/exchange", pages_exchange.exchange_page, rights.READ),
    Route("POST", "/library/exchange", pages_exchange.bring_in, rights.PROPOSE, uploads=True),
    Route("GET", "/library/export.zip", pages_exchange.export, rights.READ),
)
