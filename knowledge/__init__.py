"""What is on record: tables, settings, clock, words, policies and entries, the ledger. Knows nothing of the web."""
