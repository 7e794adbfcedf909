"""Learning: the bound is the right number, the fit finds what is there, and a model read back is the same model."""

import math
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answer.learn import Sparse, fit, lower_bound, minimise
from bot.answer.lessons import Labelled, School, counter_examples, fund_examples, own_examples
from bot.answer.model import Model, Point, shipped
from bot.answer.training import curve, train
from knowledge.entries import KnownEntry
from knowledge.index import Index
from knowledge.text import Lexicon
from knowledge.vocabulary import Level
from tests.bot.answer.conftest import DAY, ENTRIES


@pytest.mark.parametrize(
    ("right", "answered", "bound"), [(59, 59, 0.9505), (0, 10, 0.0), (149, 149, 0.9801), (9, 10, 0.6058)]
)
def test_the_bound_is_that_of_clopper_and_pearson(right: int, answered: int, bound: float) -> None:
    assert lower_bound(right, answered) == pytest.approx(bound, abs=2e-4)


@given(st.integers(1, 300), st.integers(0, 20))
def test_the_bound_lies_below_what_was_seen_and_falls_with_each_error(answered: int, wrong: int) -> None:
    right = max(answered - wrong, 0)
    assert lower_bound(right, answered) <= right / answered + 1e-9
    assert lower_bound(max(right - 1, 0), answered) <= lower_bound(right, answered)


def test_the_curve_counts_from_the_surest_down() -> None:
    points = curve(np.array([0.9, 0.1, 0.8, 0.5]), np.array([1.0, 0.0, 1.0, 0.0]), 3)
    assert [(p.chance, p.answered, p.right) for p in points] == [(0.9, 1, 1), (0.8, 2, 2), (0.5, 3, 2), (0.1, 4, 2)]


def test_the_minimum_is_found() -> None:
    centre = np.array([3.0, -2.0, 0.5])

    def bowl(at: np.ndarray) -> tuple[float, np.ndarray]:
        return float(((at - centre) ** 2 * np.array([1, 10, 100])).sum()), 2 * (at - centre) * np.array([1, 10, 100])

    assert minimise(bowl, np.zeros(3), 100) == pytest.approx(centre, abs=1e-2)


def test_a_fit_tells_the_telling_feature_and_the_telling_term() -> None:
    noise = np.random.default_rng(5)
    table = noise.normal(size=(400, 3))
    has_term = noise.integers(0, 2, 400)
    labels = ((table[:, 1] + 2 * has_term - 1) > 0).astype(float)
    rows = np.flatnonzero(has_term)
    fitted = fit(table, labels, Sparse(rows, np.zeros(len(rows), np.int32), 1), stiffness=(1.0, 1.0))
    assert abs(fitted.features[1]) > 5 * max(abs(fitted.features[0]), abs(fitted.features[2]))
    assert fitted.terms[0] > 1
    predicted = fitted.scores(table, Sparse(rows, np.zeros(len(rows), np.int32), 1)) > 0
    assert (predicted == labels).mean() > 0.9


def test_a_fit_without_evidence_stays_with_its_prior() -> None:
    table = np.random.default_rng(6).normal(size=(50, 2))
    prior = fit(table, (table[:, 0] > 0).astype(float))
    held = fit(table[:2], np.array([0.0, 1.0]), stiffness=(1e6, 1.0), prior=prior)
    assert held.features == pytest.approx(prior.features, abs=1e-3)


POINTS = (Point(0.9, 40, 40, 100, 0.93), Point(0.8, 60, 59, 100, 0.92), Point(0.5, 90, 80, 100, 0.82))


@pytest.mark.parametrize(
    ("target", "proven", "provisional"), [(0.9, 0.8, 0.8), (0.98, None, 0.8), (1.0, None, 0.9), (1.1, None, None)]
)
def test_the_threshold_is_the_lowest_that_keeps_the_promise(
    target: float, proven: float | None, provisional: float | None
) -> None:
    model = replace(shipped(), curve=POINTS)
    strict, thin = model.threshold(target), model.provisional(target)
    assert (strict.chance if strict else None) == proven
    assert (thin.chance if thin else None) == provisional


def test_a_model_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    shipped().save(tmp_path / "a.json")
    read = Model.load(tmp_path / "a.json")
    read.save(tmp_path / "b.json")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert read == shipped()


def test_the_shipped_model_has_finite_weights_and_a_curve() -> None:
    model = shipped()
    assert model.curve
    assert all(math.isfinite(w) for part in (model.rank, model.accept) for w in (*part.weights, part.constant))


def test_learning_twice_gives_the_same_model_and_counter_questions_teach() -> None:
    index = Index(ENTRIES, Lexicon.parse(""))
    own = [replace(one, judged=True) for one in own_examples(index)]
    school = School(index, [*own, *counter_examples(index)])
    seen = school.look()
    assert {one.example.text for one in seen} >= {"租房提取公积金要带什么材料"}
    first = train(school, seen, "twice")
    assert first == train(school, seen, "twice")
    assert sum(point.answered for point in first.curve[-1:]) <= len(own)


def test_an_own_question_never_finds_itself() -> None:
    index = Index(ENTRIES, Lexicon.parse(""))
    for one in School(index, own_examples(index)).look():
        assert one.example.text not in one.texts


def test_a_point_of_the_curve_counts_all_that_are_equally_sure() -> None:
    chances, labels = np.array([0.9, 0.5, 0.5, 0.5, 0.1]), np.array([1.0, 1.0, 0.0, 0.0, 1.0])
    points = curve(chances, labels, 5)
    assert [(p.chance, p.answered, p.right) for p in points] == [(0.9, 1, 1), (0.5, 4, 2), (0.1, 5, 3)]


def test_what_would_not_be_answered_is_no_point_of_the_curve() -> None:
    """Nor where the entry is not verified, nor where no other question was there to learn from."""

    def answered(entries: tuple[KnownEntry, ...], group: str = "") -> int:
        index = Index(entries, Lexicon.parse(""))
        own = [replace(one, judged=True, group=group or one.group) for one in own_examples(index)]
        school = School(index, own)
        return sum(point.answered for point in train(school, school.look(), "").curve[-1:])

    assert answered(ENTRIES) > 0
    assert answered(tuple(replace(entry, level=Level.C) for entry in ENTRIES)) == 0
    assert answered(ENTRIES, "all about one thing") == 0


def test_only_what_the_model_decides_is_judged() -> None:
    index = Index(ENTRIES, Lexicon.parse(""))
    kept, new, told = "租房子一年能取多少公积金！", "租房能取出来多少公积金", "谢谢"
    asked = [Labelled(text, DAY, text, entries=frozenset({"rent.new"})) for text in (kept, new, told)]
    found = fund_examples(index, asked, frozenset({"威海"}))
    assert [one.routed for one in found] == [True, False, True]
    assert {one.gold for one in found} == {frozenset({"rent.new"})}
    earlier = replace(asked[1], day=date(2026, 8, 1))
    assert fund_examples(index, [earlier], frozenset({"威海"}))[0].gold == frozenset()
