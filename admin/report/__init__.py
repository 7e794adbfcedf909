"""The yearly statutory report 政府信息公开工作年度报告: figures with their rows, cross-checks, prose, and its files."""
