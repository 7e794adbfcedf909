"""Who may do what at the staff desk: one table of roles and permissions, and the one setting that narrows it.

The list of routes names a permission for each route; pages ask the same table which buttons to show.
"""

from knowledge.vocabulary import Labelled, Publishing, Role


class Permission(Labelled):
    """One thing somebody may do."""

    OWN_ACCOUNT = "own_account", "管理自己的账号和登录"
    READ = "read", "看留言、申请、台账和渠道（个人信息已遮盖）"
    HANDLE = "handle", "拟稿，处理没送到的答复"
    PUBLISH = "publish", "发出答复、办结、公开到留言板"
    REVIEW = "review", "审核、签发、退回答复，写明理由后越级发出"
    AMEND = "amend", "更正、撤回已发出的答复，重新办理已办结的留言"
    PERSONAL = "personal", "看原文、姓名和联系方式（记录在案）"
    CASES = "cases", "登记政府信息公开申请的办理经过"
    DECIDE = "decide", "登记申请的延期、结果和更正"
    LEDGER = "ledger", "登记公开台账，从文件导入"
    CORRECT = "correct", "更正公开台账，撤回导入"
    PROPOSE = "propose", "提出知识库的改动"
    APPROVE = "approve", "审核知识库的改动"
    JUDGE = "judge", "评价自动答复"
    REPORT = "report", "编年报：填数、登记读数、写正文、说明理由"
    CHECK = "check", "审核年报，或者退回修改"
    SIGN = "sign", "签发年报，签发以后更正"
    SWITCH = "switch", "关闭和恢复渠道"
    AUDIT = "audit", "看审计记录"
    PEOPLE = "people", "管理账号和科室"


_READER = frozenset({Permission.OWN_ACCOUNT, Permission.READ})
_KNOWLEDGE = {Permission.PROPOSE, Permission.JUDGE}
_CLERK = (
    _READER
    | _KNOWLEDGE
    | {
        Permission.HANDLE,
        Permission.PUBLISH,
        Permission.PERSONAL,
        Permission.CASES,
        Permission.LEDGER,
        Permission.REPORT,
    }
)
_SENIOR = _CLERK | {
    Permission.REVIEW,
    Permission.AMEND,
    Permission.DECIDE,
    Permission.CORRECT,
    Permission.CHECK,
    Permission.APPROVE,
}
_REVIEWER = _SENIOR | {Permission.SWITCH}
# An auditor does not look at personal data either: who audits the looks must have none to be audited for.
HELD: dict[Role, frozenset[Permission]] = {
    Role.CLERK: _CLERK,
    Role.REVIEWER: _REVIEWER,
    Role.PUBLISHER: _SENIOR | {Permission.SIGN},
    Role.EDITOR: _READER | _KNOWLEDGE,
    Role.STATISTICIAN: _READER | {Permission.LEDGER, Permission.REPORT},
    Role.AUDITOR: _READER | {Permission.AUDIT},
    Role.ADMINISTRATOR: _REVIEWER | {Permission.SIGN, Permission.AUDIT, Permission.PEOPLE},
}
# Whom the setting `publishing = "reviewers"` takes the permission to publish from.
HELD_BACK = frozenset({Role.CLERK})


def may(role: Role, permission: Permission, publishing: Publishing = Publishing.ANYONE) -> bool:
    """Whether a role holds a permission, under the office's rule of publishing."""
    if permission is Permission.PUBLISH and publishing is Publishing.REVIEWERS and role in HELD_BACK:
        return False
    return permission in HELD[role]


def holders(permission: Permission, publishing: Publishing = Publishing.ANYONE) -> tuple[Role, ...]:
    """The roles that hold a permission, in the order of the vocabulary."""
    return tuple(role for role in Role if may(role, permission, publishing))
