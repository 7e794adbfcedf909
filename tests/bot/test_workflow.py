"""The table of a reply's way through the office: every step, every act, every number of hands."""

import itertools

import pytest

from bot.workflow import LEVELS, SENT, Depth, after, depth, tier_of
from knowledge.vocabulary import Act, Kind, Reason, Step

W, B, R, S = Step.WRITING, Step.RETURNED, Step.REVIEW, Step.SIGN
# Said a second time on purpose: what each act does from each step, for one, two and three hands.
EXPECTED = {
    (W, Act.SAVED): (W, W, W),
    (B, Act.SAVED): (B, B, B),
    (W, Act.SENT): (SENT, None, None),
    (B, Act.SENT): (SENT, None, None),
    (W, Act.SUBMITTED): (None, R, R),
    (B, Act.SUBMITTED): (None, R, R),
    (R, Act.PASSED): (SENT, SENT, S),
    (S, Act.PASSED): (SENT, SENT, SENT),
    (R, Act.RETURNED): (B, B, B),
    (S, Act.RETURNED): (B, B, B),
    (R, Act.RECALLED): (W, W, W),
    (S, Act.RECALLED): (W, W, W),
    (W, Act.BYPASSED): (None, SENT, SENT),
    (B, Act.BYPASSED): (None, SENT, SENT),
    (R, Act.BYPASSED): (None, SENT, SENT),
    (S, Act.BYPASSED): (None, SENT, SENT),
}


@pytest.mark.parametrize(("step", "act"), list(itertools.product(Step, Act)))
def test_each_act_from_each_step(step: Step, act: Act) -> None:
    assert tuple(after(step, act, levels) for levels in LEVELS) == EXPECTED.get((step, act), (None, None, None))


@pytest.mark.parametrize("levels", LEVELS)
def test_nothing_leaves_with_fewer_hands_than_it_needs(levels: int) -> None:
    """Walk every path without a bypass: the shortest to SENT has as many acts of people as there are hands."""
    reached, hands = {Step.WRITING: 1}, set()
    waiting = [Step.WRITING]
    while waiting:
        step = waiting.pop()
        for act in (Act.SENT, Act.SUBMITTED, Act.PASSED, Act.RETURNED, Act.RECALLED):
            to = after(step, act, levels)
            if to == SENT:
                hands.add(reached[step] + (act is Act.PASSED))
            elif isinstance(to, Step) and to not in reached:
                reached[to] = reached[step] + (act is Act.PASSED)
                waiting.append(to)
    assert min(hands) == levels


@pytest.mark.parametrize(
    ("usual", "risky", "plain", "risk"),
    [(1, None, 1, 1), (2, None, 2, 3), (3, None, 3, 3), (1, 2, 1, 2), (3, 1, 3, 3)],
)
def test_how_many_hands(usual: int, risky: int | None, plain: int, risk: int) -> None:
    chosen = depth(usual, risky)
    assert chosen.of(Kind.CONSULTATION, Reason.NOT_SURE, "租房提取") == plain
    assert chosen.of(Kind.COMPLAINT, Reason.NOT_SURE, "租房提取") == risk
    assert Depth().of(Kind.COMPLAINT, Reason.URGENT, "起诉") == 1


@pytest.mark.parametrize(
    ("kind", "reason", "text", "name"),
    [
        (Kind.CONSULTATION, Reason.URGENT, "", "情况紧急"),
        (Kind.REPORT, Reason.NOT_SURE, "", "投诉举报"),
        (Kind.CONSULTATION, Reason.DISCLOSURE, "", "政府信息公开"),
        (Kind.CONSULTATION, Reason.NOT_SURE, "我要去法院起诉", "涉及法律"),
        (Kind.CONSULTATION, Reason.NOT_SURE, "最高可贷100万元", "涉及较大金额"),
        (Kind.CONSULTATION, Reason.NOT_SURE, "每月1500元", None),
    ],
)
def test_tiers(kind: Kind, reason: Reason, text: str, name: str | None) -> None:
    found = tier_of(kind, reason, text)
    assert (found.name if found else None) == name
