"""Measurements as ratios in one run; they print figures and decide nothing."""
