"""zhengwen report · verify: the yearly report and the proof of the ledger."""
