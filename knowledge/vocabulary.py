"""Every state, kind and group that is stored or counted, each with its Chinese label. One word, one place."""

from enum import StrEnum


class Labelled(StrEnum):
    """A stored word with the label people read."""

    label: str

    def __new__(cls, value: str, label: str = "") -> "Labelled":
        """Make a member from its stored word and its label."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


class Channel(Labelled):
    """Where a question came from."""

    BOARD = "board", "网站在线留言"
    API = "api", "在线留言（接口）"
    WECHAT = "wechat", "微信公众号"
    APP = "app", "手机APP"


class ChannelLevel(Labelled):
    """What a channel does; turned by `bot.switches`."""

    OPEN = "open", "正常"
    STAFF_ONLY = "staff_only", "停自动答复，全部转人工"
    OFF = "off", "关闭"


class Kind(Labelled):
    """What a message wants (天津 DB12/T 1438—2025, 国办发〔2020〕53号)."""

    CONSULTATION = "consultation", "咨询"
    HELP = "help", "求助"
    COMPLAINT = "complaint", "投诉"
    REPORT = "report", "举报"
    SUGGESTION = "suggestion", "建议"
    PRAISE = "praise", "表扬"


class QuestionState(Labelled):
    """Where a question stands in its life; transitions in `bot.replies`."""

    CLARIFYING = "clarifying", "待网友选择"
    WAITING = "waiting", "待答复"
    DRAFTED = "drafted", "拟稿中"
    ANSWERED = "answered", "已答复"
    CLOSED = "closed", "已办结（不作答复）"


OPEN_STATES = (QuestionState.CLARIFYING, QuestionState.WAITING, QuestionState.DRAFTED)


class Step(Labelled):
    """Where the office stands with its reply, while the question is open; transitions in `bot.workflow`."""

    WRITING = "", "拟稿"
    RETURNED = "returned", "退回修改"
    REVIEW = "review", "待审核"
    SIGN = "sign", "待签发"


class Act(Labelled):
    """What a person did to a question or its reply; stands on each line of the story."""

    SAVED = "saved", "保存拟稿"
    SUBMITTED = "submitted", "送审"
    PASSED = "passed", "审核通过"
    RETURNED = "returned", "退回修改"
    RECALLED = "recalled", "撤回送审"
    SENT = "sent", "答复并发出"
    BYPASSED = "bypassed", "越级发出"
    ASSIGNED = "assigned", "分派"
    RANKED = "ranked", "调整缓急"
    CLOSED = "closed", "办结，不作答复"
    REOPENED = "reopened", "重新办理"
    SHOWN = "shown", "公开到留言板"
    CORRECTED = "corrected", "更正答复"
    WITHDRAWN = "withdrawn", "撤回答复"
    WARNED = "warned", "看过提示仍然发出"


class Closing(Labelled):
    """Why a question ends without a reply; the wording to the citizen is in `bot.wording`."""

    TRANSFERRED = "transferred", "转其他部门办理"
    NOT_OURS = "not_ours", "不属于本单位职责"
    PETITION = "petition", "属于信访事项"
    DOUBLED = "doubled", "重复留言"
    INVALID = "invalid", "无效留言（没有实际内容）"
    OTHER = "other", "其他"


class Changed(Labelled):
    """What became of a reply after it was sent."""

    CORRECTED = "corrected", "更正"
    WITHDRAWN = "withdrawn", "撤回"


class Outcome(Labelled):
    """What the engine did with a question."""

    ANSWERED = "answered", "自动答复"
    CLARIFY = "clarify", "请网友选择"
    HANDED_OVER = "handed_over", "转人工"


class Reason(Labelled):
    """Why the engine did what it did; stands on every outcome."""

    EXACT = "exact", "与知识库里的问法完全相同"
    CONFIDENT = "confident", "与一条知识足够接近，且明显胜过其他条目"
    SEVERAL_FIT = "several_fit", "几条知识都可能，需要网友选择"
    SEVERAL_ASKED = "several_asked", "问了几件事，要由工作人员答全"
    CHOSEN = "chosen", "网友从几个选项里选定"
    NONE_CHOSEN = "none_chosen", "网友看过选项，都不是"
    NO_MATCH = "no_match", "知识库里没有相近的条目"
    NOT_SURE = "not_sure", "有相近的条目，但把握不够"
    MISMATCH = "mismatch", "字面相近，但问的不是同一件事"
    UNVERIFIED = "unverified", "相近的条目未核实，不自动答复"
    NOT_IN_FORCE = "not_in_force", "相近的条目在提问当日不在有效期内"
    OTHER_REGION = "other_region", "相近的条目说的是外地规定"
    OWN_ACCOUNT = "own_account", "要查本人账户、办理进度，或处理个案"
    COMPLAINT = "complaint", "投诉、举报，由人工办理"
    SUGGESTION = "suggestion", "建议，由人工办理"
    PRAISE = "praise", "表扬，由人工转告"
    DISCLOSURE = "disclosure", "可能是政府信息公开申请，由人工确认渠道"
    OTHER_AGENCY = "other_agency", "可能属于其他部门的业务"
    URGENT = "urgent", "情况紧急，马上转人工"
    THREAT = "threat", "有威胁、过激的话，马上转人工"
    GREETING = "greeting", "问候，没有具体问题"
    THANKS = "thanks", "致谢或告别，没有问题"
    PERSON = "person", "要求由工作人员答复"
    OFF_TOPIC = "off_topic", "与本单位业务无关的闲谈或要求"
    SPAM = "spam", "像是广告、推销"
    INSTRUCTION = "instruction", "像是给机器下指令，不是提问"
    NOT_POLICY = "not_policy", "不像政策咨询，由人工判断"
    TOO_SHORT = "too_short", "太短，看不出要问什么"
    PAUSED = "paused", "自动答复已暂停"
    NOT_MET = "not_met", "网友说答复答非所问，要工作人员重新答复"


# A person is in danger, or threatens others: these stand first in every queue.
AT_ONCE = (Reason.URGENT, Reason.THREAT)


class ReplyBy(Labelled):
    """Who speaks in a reply."""

    SYSTEM = "system", "答复由系统根据政策库自动给出"
    STAFF = "staff", "工作人员答复"


class Verdict(Labelled):
    """What the asker thinks of a reply."""

    USEFUL = "useful", "有用"
    USELESS = "useless", "没用"
    NOT_MET = "not_met", "答非所问"


class OwnDocument(Labelled):
    """What a document the office itself made is in table two of the yearly report (条例第二十条第一项)."""

    REGULATION = "regulation", "规章"
    NORMATIVE = "normative", "行政规范性文件"


class Level(Labelled):
    """How well a fact is verified; C never answers automatically."""

    A = "A", "已核对原文"
    B = "B", "可靠转述"
    C = "C", "未核实"


class EntryStatus(Labelled):
    """The life of an entry."""

    DRAFT = "draft", "草稿"
    APPROVED = "approved", "已审定"
    RETIRED = "retired", "已停用"


class ProposalKind(Labelled):
    """What a proposed change of the knowledge base is about."""

    ENTRY = "entry", "知识条目"
    POLICY = "policy", "政策文件"
    IMPORT = "import", "导入"


class ProposalState(Labelled):
    """Where a proposed change stands; transitions in `admin.library.proposals`."""

    OPEN = "open", "待审核"
    RETURNED = "returned", "已退回"
    WITHDRAWN = "withdrawn", "已撤回"
    APPROVED = "approved", "已通过"


class MessageUse(Labelled):
    """What was decided about a message as a source of knowledge."""

    IGNORED = "ignored", "不作为缺口"
    SIMILAR = "similar", "采用为相似问"
    NOT_SIMILAR = "not_similar", "不采用为相似问"


class JudgedAs(Labelled):
    """What a member of staff thinks of an automatic answer."""

    RIGHT = "right", "答对了"
    INCOMPLETE = "incomplete", "没答全"
    WRONG = "wrong", "答错了"


class QuestionRole(Labelled):
    """What a question kept with an entry is for."""

    SIMILAR = "similar", "相似问"
    COUNTER = "counter", "反例"


TOPICS = (
    "总则与机构",
    "缴存",
    "提取",
    "贷款",
    "还款",
    "转移接续",
    "账户查询",
    "单位业务",
    "利率",
    "特殊人群",
    "维权投诉",
    "渠道与联系方式",
    "外市对照",
)


class LedgerKind(Labelled):
    """What a line of the disclosure ledger records."""

    DOCUMENT = "document", "公文法规、政策解读、工作动态（政府门户网站）"
    SITE = "site", "官方网站信息"
    WECHAT_POST = "wechat_post", "微信公众号推送"
    APP_POST = "app_post", "手机APP推送"
    WEIBO = "weibo", "官方微博发布、转发"
    BOARD_REPLY = "board_reply", "在线留言回复"
    WECHAT_REPLY = "wechat_reply", "微信留言回复"
    APP_REPLY = "app_reply", "手机APP留言回复"
    HOTLINE = "hotline", "热线答复"
    PRESS = "press", "新闻发布会"
    INTERVIEW = "interview", "在线访谈"


REPLY_KIND = {
    Channel.BOARD: LedgerKind.BOARD_REPLY,
    Channel.API: LedgerKind.BOARD_REPLY,
    Channel.WECHAT: LedgerKind.WECHAT_REPLY,
    Channel.APP: LedgerKind.APP_REPLY,
}


class ValueState(Labelled):
    """The three values that are not one another: a number, 未统计, 不适用."""

    NUMBER = "number", "数值"
    NOT_RECORDED = "not_recorded", "未统计"
    NOT_APPLICABLE = "not_applicable", "不适用"


class ReportStage(Labelled):
    """Where a year's report stands; transitions in `admin.report.signing`."""

    DRAFT = "draft", "草稿"
    REVIEWED = "reviewed", "已审核，待签发"
    SIGNED = "signed", "已签发"


class ReportAction(Labelled):
    """What somebody did about a year's report."""

    TEXT = "text", "修改正文"
    FIGURE = "figure", "填报数字"
    READING = "reading", "登记读数"
    TAKEN_OVER = "taken_over", "取用上年数字"
    REASON = "reason", "说明提醒"
    REVIEWED = "reviewed", "审核通过"
    RETURNED = "returned", "退回修改"
    SIGNED = "signed", "签发"
    CORRECTION = "correction", "开始更正"


class Role(Labelled):
    """What a member of staff is; what each role may do stands in `admin.permissions`."""

    CLERK = "clerk", "经办"
    REVIEWER = "reviewer", "审核"
    PUBLISHER = "publisher", "签发"
    EDITOR = "editor", "知识编辑"
    STATISTICIAN = "statistician", "统计"
    AUDITOR = "auditor", "审计"
    ADMINISTRATOR = "administrator", "管理员"


class AccountEventKind(Labelled):
    """What happened to an account of the staff, or was done with it."""

    SIGNED_IN = "signed_in", "登录"
    SIGN_IN_FAILED = "sign_in_failed", "登录失败"
    SIGNED_OUT = "signed_out", "退出"
    SESSIONS_ENDED = "sessions_ended", "结束登录"
    PASSWORD_CHANGED = "password_changed", "修改密码"
    PASSWORD_RESET = "password_reset", "重置密码"
    CREATED = "created", "新建账号"
    ACTIVATED = "activated", "启用账号"
    DEACTIVATED = "deactivated", "停用账号"
    ROLE = "role", "修改角色"
    DEPARTMENT = "department", "修改科室"
    FACTOR_ON = "factor_on", "开通动态验证码"
    FACTOR_OFF = "factor_off", "停用动态验证码"
    FACTOR_RESET = "factor_reset", "重置动态验证码"
    RECOVERY_USED = "recovery_used", "使用备用码"
    RECOVERY_RENEWED = "recovery_renewed", "重新生成备用码"
    AUDIT_EXPORTED = "audit_exported", "导出审计记录"


class SecondFactorRule(Labelled):
    """What the office demands besides the password."""

    OFF = "off", "不用动态验证码"
    OPTIONAL = "optional", "本人可以自己开通"
    REQUIRED = "required", "必须开通"


class Publishing(Labelled):
    """Who sends replies out."""

    ANYONE = "anyone", "经办人员可以直接发出答复"
    REVIEWERS = "reviewers", "答复由审核、签发人员或管理员发出"


class LogFormat(Labelled):
    """How the log looks."""

    TEXT = "text", "一行一条，给人看"
    JSON = "json", "一行一个 JSON，给日志系统收"


class WeChatMode(Labelled):
    """How an official account's console is set to encrypt (消息加解密方式)."""

    SAFE = "safe", "安全模式"
    COMPATIBLE = "compatible", "兼容模式"
    PLAIN = "plain", "明文模式"


class WeChatTransfer(Labelled):
    """Which messages that go to a person are passed to WeChat's own customer-service desk 客服."""

    NEVER = "never", "不转"
    PERSON = "person", "只转要求由工作人员答复的"
    ALL = "all", "转人工的都转"


class DeliveryState(Labelled):
    """Where a reply stands on its way to a citizen; transitions in `bot.deliver`, `bot.conversations` and `bot.apps`."""

    QUEUED = "queued", "待发送"
    SENDING = "sending", "正在发送"
    SENT = "sent", "已送出"
    WAITING = "waiting", "等对方下次来信时给出"
    UNCERTAIN = "uncertain", "结果不明，不再自动重发"
    FAILED = "failed", "发送失败"
    EXPIRED = "expired", "已过期或对方已取消关注"
    GIVEN_UP = "given_up", "工作人员决定不再发送"


# What could not be sent, or perhaps was: it is given when its receiver comes by.
GIVEN_LATER = (DeliveryState.WAITING, DeliveryState.UNCERTAIN)


class DeliveryWay(Labelled):
    """How an attempt tried to reach the citizen."""

    CUSTOMER_MESSAGE = "customer_message", "客服消息"
    PASSIVE = "passive", "随下一条来信的回复给出"
    BY_HAND = "by_hand", "工作人员处理"
    CALLBACK = "callback", "回调应用的地址"
    FETCHED = "fetched", "应用来取时给出"
