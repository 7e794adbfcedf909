"""Measuring the engine on labelled questions."""
