"""Applications for disclosure 依申请公开: their words, statutory clocks, fees, life and reading."""
