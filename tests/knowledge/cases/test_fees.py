"""信息处理费: the tiers at their edges, and reckoned a second way."""

from hypothesis import given
from hypothesis import strategies as st

from knowledge.cases.fees import by_item, by_page, item_number


def test_the_edges_of_the_tiers() -> None:
    assert [by_item(number) for number in (0, 10, 11, 30, 31, 40, 41, 51)] == [0, 0, 100, 2000, 2200, 4000, 4300, 7400]
    assert [by_page(number) for number in (0, 30, 31, 100, 101, 200, 201)] == [0, 0, 10, 700, 720, 2700, 2740]
    assert [item_number(number) for number in (10, 11, 30, 31, 41)] == [0, 100, 100, 200, 300]


@given(st.integers(0, 400))
def test_fees_are_the_sum_of_what_each_one_costs(number: int) -> None:
    pages = sum(0 if page <= 30 else 10 if page <= 100 else 20 if page <= 200 else 40 for page in range(1, number + 1))
    items = sum(0 if one <= 10 else 100 * max(1, -(-(one - 20) // 10)) for one in range(1, number + 1))
    assert (by_page(number), by_item(number)) == (pages, items)
