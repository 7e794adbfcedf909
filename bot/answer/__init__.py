"""The answer engine: text, index and a day go in, a `Draft` comes out. No session, no clock, no web."""
