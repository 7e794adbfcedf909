"""Reading published reports: what was rendered is read again, what is broken is found, what is hostile is refused."""
