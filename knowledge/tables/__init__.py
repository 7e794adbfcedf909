"""Every table. `SQLModel.metadata` knows only modules already imported, so this page imports them all.

Moments are UTC (`UtcDateTime`), days are days of the office. What is unique is said here, never checked before an insert.
"""

from knowledge.tables.columns import UtcDateTime, WideInteger
from knowledge.tables.disclosure import DeclaredFigure, LedgerLine, Reading, ReportText
from knowledge.tables.library import Judgement, MessageDecision, Proposal, ProposalEvent
from knowledge.tables.office import AccessRecord, Staff, StaffSession
from knowledge.tables.policies import (
    BaseState,
    Entry,
    EntryBasis,
    EntryQuestion,
    EntryRevision,
    LearnedModel,
    Policy,
    PolicyArticle,
)
from knowledge.tables.questions import (
    Conversation,
    Delivery,
    DeliveryAttempt,
    Draft,
    Question,
    QuestionEvent,
    QuestionOriginal,
    Reply,
)
from knowledge.tables.wechat import WeChatNonce, WeChatPush, WeChatUser

__all__ = [
    "AccessRecord",
    "BaseState",
    "Conversation",
    "DeclaredFigure",
    "Delivery",
    "DeliveryAttempt",
    "Draft",
    "Entry",
    "EntryBasis",
    "EntryQuestion",
    "EntryRevision",
    "Judgement",
    "LearnedModel",
    "LedgerLine",
    "MessageDecision",
    "Policy",
    "PolicyArticle",
    "Proposal",
    "ProposalEvent",
    "Question",
    "QuestionEvent",
    "QuestionOriginal",
    "Reading",
    "Reply",
    "ReportText",
    "Staff",
    "StaffSession",
    "UtcDateTime",
    "WeChatNonce",
    "WeChatPush",
    "WeChatUser",
    "WideInteger",
]
