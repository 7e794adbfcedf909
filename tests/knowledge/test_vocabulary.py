"""Every stored word has its Chinese label."""

import re

import pytest

from knowledge import vocabulary
from knowledge.base import Base
from knowledge.vocabulary import Labelled

KINDS = [
    kind
    for kind in vars(vocabulary).values()
    if isinstance(kind, type) and issubclass(kind, Labelled) and kind is not Labelled
]


def test_the_enums_of_the_module_are_found() -> None:
    assert {vocabulary.Reason, vocabulary.LedgerKind, vocabulary.Role} <= set(KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_word_has_a_chinese_label(kind: type[Labelled]) -> None:
    for member in kind:
        assert re.search("[一-鿿]", member.label), member


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_labels_are_unique_within_an_enum(kind: type[Labelled]) -> None:
    labels = [member.label for member in kind]
    assert len(labels) == len(set(labels))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_stored_word_leads_back_to_its_member(kind: type[Labelled]) -> None:
    for member in kind:
        assert kind(str(member)) is member
        assert kind(str(member)).label == member.label


def test_every_channel_has_a_kind_of_ledger_line_for_its_replies() -> None:
    assert set(vocabulary.REPLY_KIND) == set(vocabulary.Channel)


def test_open_states_are_all_but_answered_and_closed() -> None:
    ended = {vocabulary.QuestionState.ANSWERED, vocabulary.QuestionState.CLOSED}
    assert set(vocabulary.OPEN_STATES) == set(vocabulary.QuestionState) - ended


def test_topics_are_unique_and_the_shipped_base_uses_each(shipped: Base) -> None:
    assert len(vocabulary.TOPICS) == len(set(vocabulary.TOPICS))
    assert {entry.topic for entry in shipped.entries} == set(vocabulary.TOPICS)
