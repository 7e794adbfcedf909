"""Where questions come in: each channel parses, makes the one call, and answers in its own form."""
