"""Retrieve: the entries whose kept questions are most alike, wherever and whenever they hold."""

from knowledge.index import Hit, Index, Query

CONSIDERED = 12


def retrieve(index: Index, query: Query) -> list[Hit]:
    """The most alike entries, best first."""
    return index.search(index.query(terms), CONSIDERED)
