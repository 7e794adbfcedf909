"""Reads a published report, whoever made it, in HTML, DOCX, PDF, TXT, XLSX or JSON, and says which rules hold.

`files` tells a file's format and has it read into paragraphs and tables (`raw`); `tables` and `outline` recognise in
them the statutory form; `judge` holds the result against the rules.
"""
