"""Every table. `SQLModel.metadata` knows only modules already imported, so this page imports them all.

Moments are UTC (`UtcDateTime`), days are days of the office. What is unique is said here, never checked before an insert.
"""

from knowledge.tables.apps import AppNonce
from knowledge.tables.cases import Application, ApplicationEvent, ApplicationFile, ApplicationPerson
from knowledge.tables.channels import ChannelSwitch
from knowledge.tables.citizens import Attachment, EarlierReply, FollowUp, Opinion, SuggestionVisit
from knowledge.tables.columns import UtcDateTime, WideInteger
from knowledge.tables.desk import Phrase, ReplyChange
from knowledge.tables.disclosure import (
    DeclaredFigure,
    LedgerImport,
    LedgerLine,
    LedgerMapping,
    LedgerSent,
    LedgerUpload,
    Reading,
    ReportText,
)
from knowledge.tables.library import Judgement, MessageDecision, Proposal, ProposalEvent
from knowledge.tables.office import (
    AccessRecord,
    AccountEvent,
    Department,
    RecoveryCode,
    SecondFactor,
    Staff,
    StaffSession,
)
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
from knowledge.tables.reporting import ReportEvent, ReportFile, ReportReason, ReportState, ReportVersion
from knowledge.tables.wechat import WeChatHealth, WeChatNonce, WeChatPush, WeChatUser

__all__ = [
    "AccessRecord",
    "AccountEvent",
    "AppNonce",
    "Application",
    "ApplicationEvent",
    "ApplicationFile",
    "ApplicationPerson",
    "Attachment",
    "BaseState",
    "ChannelSwitch",
    "Conversation",
    "DeclaredFigure",
    "Delivery",
    "DeliveryAttempt",
    "Department",
    "Draft",
    "EarlierReply",
    "Entry",
    "EntryBasis",
    "EntryQuestion",
    "EntryRevision",
    "FollowUp",
    "Judgement",
    "LearnedModel",
    "LedgerImport",
    "LedgerLine",
    "LedgerMapping",
    "LedgerSent",
    "LedgerUpload",
    "MessageDecision",
    "Opinion",
    "Phrase",
    "Policy",
    "PolicyArticle",
    "Proposal",
    "ProposalEvent",
    "Question",
    "QuestionEvent",
    "QuestionOriginal",
    "Reading",
    "RecoveryCode",
    "Reply",
    "ReplyChange",
    "ReportEvent",
    "ReportFile",
    "ReportReason",
    "ReportState",
    "ReportText",
    "ReportVersion",
    "SecondFactor",
    "Staff",
    "StaffSession",
    "SuggestionVisit",
    "UtcDateTime",
    "WeChatHealth",
    "WeChatNonce",
    "WeChatPush",
    "WeChatUser",
    "WideInteger",
]
