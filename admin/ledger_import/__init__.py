"""Files of ledger lines as offices have them: read with care, planned as a trial run, with every fault at its place."""
