"""Every table. `SQLModel.metadata` knows only modules already imported, so this page imports them all.

Moments are UTC (`UtcDateTime`), days are days of the office. What is unique is said here, never checked before an insert.
"""

from knowledge.tables.apps import AppNonce
from knowledge.tables.cases import Application, ApplicationEvent, ApplicationFile, ApplicationPerson
from knowledge.tables.channels import ChannelSwitch
from knowledge.tables.columns import UtcDateTime, WideInteger
from knowledge.tables.desk import Phrase, ReplyChange
from knowledge.tables.disclosure import DeclaredFigure, LedgerLine, Reading, ReportText
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
from knowledge.tables.wechat import WeChatHealth, WeChatNonce, WeChatPush, WeChatUser

__all__ = [
    "AccessRecord",
    "AppNonce",
    "Application",
    "ApplicationEvent",
    "ApplicationFile",
    "ApplicationPerson",
    "BaseState",
    "ChannelSwitch",
    "Conversation",
    "DeclaredFigure",
    "Delivery",
    "DeliveryAttempt",
    "Draft",
    "Entry",
    "EntryBasis",
    "EntryQuestion",
    "EntryRevision",
    "LearnedModel",
    "LedgerLine",
    "Phrase",
    "Policy",
    "PolicyArticle",
    "Question",
    "QuestionEvent",
    "QuestionOriginal",
    "Reading",
    "Reply",
    "ReplyChange",
    "ReportText",
    "Staff",
    "StaffSession",
    "UtcDateTime",
    "WeChatHealth",
    "WeChatNonce",
    "WeChatPush",
    "WeChatUser",
    "WideInteger",
]
