"""Every route of the library, and what each demands of who asks."""

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
from admin.permissions import Permission

ENTRY = r"/library/entries/{key:[a-z0-9][a-z0-9.-]{0,199}}"
POLICY = r"/library/policies/{key:[a-z0-9][a-z0-9.-]{0,199}}"
PROPOSAL = r"/library/proposals/{id:\d{1,9}}"

LIBRARY_ROUTES = (
    Route("GET", "/library", pages_entries.entries_page, Permission.READ),
    Route("GET", "/library/new", pages_editing.new_page, Permission.PROPOSE),
    Route("POST", "/library/new", pages_editing.new, Permission.PROPOSE),
    Route("GET", ENTRY, pages_entries.entry_page, Permission.READ),
    Route("GET", ENTRY + "/edit", pages_editing.edit_page, Permission.PROPOSE),
    Route("POST", ENTRY + "/edit", pages_editing.edit, Permission.PROPOSE),
    Route("POST", ENTRY + "/end", pages_entries.end, Permission.PROPOSE),
    Route("POST", ENTRY + "/back", pages_entries.roll_back, Permission.PROPOSE),
    Route("GET", "/library/policies", pages_policies.policies_page, Permission.READ),
    Route("GET", POLICY, pages_policies.policy_page, Permission.READ),
    Route("POST", POLICY + "/dates", pages_policies.dates, Permission.PROPOSE),
    Route("GET", "/library/proposals", pages_proposals.proposals_page, Permission.READ),
    Route("GET", PROPOSAL, pages_proposals.proposal_page, Permission.READ),
    Route("GET", PROPOSAL + "/edit", pages_editing.amend_page, Permission.PROPOSE),
    Route("POST", PROPOSAL + "/edit", pages_editing.amend, Permission.PROPOSE),
    Route("POST", PROPOSAL + "/approve", pages_proposals.approve, Permission.APPROVE),
    Route("POST", PROPOSAL + "/return", pages_proposals.send_back, Permission.APPROVE),
    Route("POST", PROPOSAL + "/withdraw", pages_proposals.withdraw, Permission.PROPOSE),
    Route("GET", "/library/try", pages_try.try_page, Permission.READ),
    Route("POST", "/library/try", pages_try.try_out, Permission.READ),
    Route("GET", "/library/gaps", pages_gaps.gaps_page, Permission.READ),
    Route("POST", "/library/gaps/ignore", pages_gaps.ignore, Permission.PROPOSE),
    Route("GET", "/library/ends", pages_ends.ends_page, Permission.READ),
    Route("GET", "/library/similar", pages_similar.similar_page, Permission.READ),
    Route("POST", "/library/similar", pages_similar.decide, Permission.PROPOSE),
    Route("GET", "/library/judgements", pages_judgements.judgements_page, Permission.READ),
    Route("GET", "/library/judgements.jsonl", pages_judgements.judgements_file, Permission.READ),
    Route("POST", r"/questions/{id:\d{1,15}}/judge", pages_judgements.judge, Permission.JUDGE),
    Route("GET", "/library/exchange", pages_exchange.exchange_page, Permission.READ),
    Route("POST", "/library/exchange", pages_exchange.bring_in, Permission.PROPOSE),
    Route("GET", "/library/export.zip", pages_exchange.export, Permission.READ),
)
