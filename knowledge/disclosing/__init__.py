"""Lines of the ledger that come from people, files and the office's programs: checked, recorded, corrected, undone."""
