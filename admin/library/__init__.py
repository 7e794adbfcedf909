"""The library on the staff site: entries and policies, their changes with four eyes, gaps, ends, judgements, exchange."""
