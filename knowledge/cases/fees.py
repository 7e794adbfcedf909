"""信息处理费 by the national tiers (《政府信息公开信息处理费管理办法》, 国办函〔2020〕109号): by item or by page, never both.

By item: an applicant's items of one calendar month; by page: the pages of one application. Progressive: each step of
the number is charged at its own price.
"""

from enum import StrEnum

FREE_ITEMS, FIRST_ITEMS, ITEM_STEP, ITEM_PRICE = 10, 30, 10, 100
# Up to this many pages, yuan for each page beyond the step before.
PAGE_TIERS = ((30, 0), (100, 10), (200, 20))
PAGE_PRICE_BEYOND = 40
NUMBER_MAX = 1_000_000


class FeeBasis(StrEnum):
    """What is counted."""

    ITEM = "item"
    PAGE = "page"


def by_item(items: int) -> int:
    """Yuan for all items of one applicant in one calendar month: 10 free, 11-30 at 100, each further ten 100 more apiece."""
    _check(items)
    charged = (min(items, FIRST_ITEMS) - FREE_ITEMS) * ITEM_PRICE if items > FREE_ITEMS else 0
    price, left = ITEM_PRICE, items - FIRST_ITEMS
    while left > 0:
        price += ITEM_PRICE
        charged += min(left, ITEM_STEP) * price
        left -= ITEM_STEP
    return charged


def item_number(number: int) -> int:
    """Yuan for the item that is an applicant's n-th of the month."""
    return by_item(number) - by_item(number - 1)


def by_page(pages: int) -> int:
    """Yuan for the pages of one application: 30 free, 31-100 at 10, 101-200 at 20, from 201 at 40."""
    _check(pages)
    charged, before = 0, 0
    for last, price in PAGE_TIERS:
        charged += max(0, min(pages, last) - before) * price
        before = last
    return charged + max(0, pages - before) * PAGE_PRICE_BEYOND


def reckoned(basis: FeeBasis, number: int) -> int:
    """Yuan by one basis or the other."""
    return by_page(number) if basis is FeeBasis.PAGE else by_item(number)


def _check(number: int) -> None:
    if not 0 <= number <= NUMBER_MAX:
        raise ValueError("a number of items or pages is between 0 and a million")
