"""Retrieve: the entries whose kept questions are most alike, wherever and whenever they hold."""

from knowledge.index import Hit, Index
from knowledge.text import Terms

CONSIDERED = 12


def retrieve(index: Index, terms: Terms) -> list[Hit]:
    """The most alike entries, best first."""
    return index.search(terms, CONSIDERED)
