"""Every word a case is stored or counted by, with its label: applicants, ways in, steps, outcomes, disputes.

Outcomes are the rows of table three of 《政府信息公开工作年度报告格式》 (国办公开办函〔2021〕30号); which article of the
regulations (国务院令第711号) each rests on is read from the text of the article, the form itself names none.
"""

from dataclasses import dataclass

from knowledge.vocabulary import Labelled

REGULATIONS = "《政府信息公开条例》"
FEE_RULES = "国办函〔2020〕109号"


class ApplicantKind(Labelled):
    """Columns of table three."""

    NATURAL = "natural", "自然人"
    COMMERCIAL = "commercial", "商业企业"
    RESEARCH = "research", "科研机构"
    WELFARE = "welfare", "社会公益组织"
    LEGAL = "legal", "法律服务机构"
    OTHER = "other", "其他"


class Way(Labelled):
    """How an application came in."""

    IN_PERSON = "in_person", "当面提交"
    SIGNED_POST = "signed_post", "邮寄（签收）"
    PLAIN_POST = "plain_post", "平常信函"
    ONLINE = "online", "网上提交"
    FAX = "fax", "传真"


# 条例第三十一条: which day counts as the day of receipt.
RECEIPT_DAY = {
    Way.IN_PERSON: "以提交之日为收到之日",
    Way.SIGNED_POST: "以签收之日为收到之日",
    Way.PLAIN_POST: "收到当日与申请人确认，以确认之日为收到之日",
    Way.ONLINE: "以双方确认之日为收到之日",
    Way.FAX: "以双方确认之日为收到之日",
}


class Step(Labelled):
    """What can happen in a case; each is an event with its own day."""

    SUBMITTED = "submitted", "网上提交，待确认"
    RECEIVED = "received", "收到"
    CORRECTION_ASKED = "correction_asked", "补正通知"
    CORRECTION_RECEIVED = "correction_received", "补正收到"
    OPINION_ASKED = "opinion_asked", "征求意见"
    OPINION_RECEIVED = "opinion_received", "意见收到"
    EXTENDED = "extended", "延期"
    FEE_ASKED = "fee_asked", "收费通知"
    FEE_PAID = "fee_paid", "缴费"
    ANSWERED = "answered", "答复"
    DELIVERED = "delivered", "送达"
    DISPUTE_OPENED = "dispute_opened", "复议或诉讼受理"
    DISPUTE_CLOSED = "dispute_closed", "复议或诉讼审结"
    UNDONE = "undone", "更正（撤销前一条登记）"


class CaseState(Labelled):
    """Where a case stands; reckoned from its events, never stored."""

    UNCONFIRMED = "unconfirmed", "待确认收到"
    OPEN = "open", "办理中"
    CORRECTING = "correcting", "待补正"
    ASKING = "asking", "征求意见中"
    ANSWERED = "answered", "已答复，待送达"
    DELIVERED = "delivered", "已送达"
    VOID = "void", "登记已撤销"


CLOSED_STATES = (CaseState.ANSWERED, CaseState.DELIVERED, CaseState.VOID)


class Outcome(Labelled):
    """The results of table three, by the keys of the form's rows."""

    OPEN = "open", "予以公开"
    PARTIAL = "partial", "部分公开"
    DENY_STATE_SECRET = "deny_state_secret", "属于国家秘密"
    DENY_OTHER_LAW = "deny_other_law", "其他法律行政法规禁止公开"
    DENY_3SAFETY1STABILITY = "deny_3safety1stability", "危及“三安全一稳定”"
    DENY_THIRD_PARTY = "deny_third_party", "保护第三方合法权益"
    DENY_INTERNAL_3 = "deny_internal_3", "属于三类内部事务信息"
    DENY_PROCESS_4 = "deny_process_4", "属于四类过程性信息"
    DENY_ENFORCEMENT_FILE = "deny_enforcement_file", "属于行政执法案卷"
    DENY_QUERY_MATTER = "deny_query_matter", "属于行政查询事项"
    CANNOT_NOT_HELD = "cannot_not_held", "本机关不掌握相关政府信息"
    CANNOT_NEED_MAKING = "cannot_need_making", "没有现成信息需要另行制作"
    CANNOT_UNCLEAR = "cannot_unclear_after_correction", "补正后申请内容仍不明确"
    REFUSE_PETITION = "refuse_petition", "信访举报投诉类申请"
    REFUSE_REPEAT = "refuse_repeat", "重复申请"
    REFUSE_PUBLICATION = "refuse_publication", "要求提供公开出版物"
    REFUSE_MASSIVE = "refuse_massive", "无正当理由大量反复申请"
    REFUSE_RECONFIRM = "refuse_reconfirm", "要求行政机关确认或重新出具已获取信息"
    OTHER_NO_CORRECTION = (
        "other_no_correction",
        "申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请",
    )
    OTHER_NO_FEE = "other_no_fee", "申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请"
    OTHER_OTHER = "other_other", "其他"


@dataclass(frozen=True)
class Rule:
    """Under which heading of table three an outcome stands, on what it rests, and a word of help for the choice."""

    group: str
    basis: str
    help: str = ""


_DENY, _CANNOT, _REFUSE, _OTHER = "（三）不予公开", "（四）无法提供", "（五）不予处理", "（六）其他处理"
RULES: dict[Outcome, Rule] = {
    Outcome.OPEN: Rule("（一）予以公开", "条例第三十六条第（一）（二）项", "已主动公开的告知获取方式，也计在这里。"),
    Outcome.PARTIAL: Rule("（二）部分公开", "条例第三十七条", "能区分处理的，只计这一项，不再计其他项。"),
    Outcome.DENY_STATE_SECRET: Rule(_DENY, "条例第十四条", "依法确定为国家秘密的。"),
    Outcome.DENY_OTHER_LAW: Rule(_DENY, "条例第十四条", "要写明是哪一部法律、行政法规的哪一条。"),
    Outcome.DENY_3SAFETY1STABILITY: Rule(
        _DENY, "条例第十四条", "公开后可能危及国家安全、公共安全、经济安全、社会稳定。"
    ),
    Outcome.DENY_THIRD_PARTY: Rule(
        _DENY,
        "条例第十五条、第三十二条",
        "涉及商业秘密、个人隐私，先征求第三方意见；不公开会对公共利益造成重大影响的，应当公开。",
    ),
    Outcome.DENY_INTERNAL_3: Rule(_DENY, "条例第十六条第一款", "人事管理、后勤管理、内部工作流程。"),
    Outcome.DENY_PROCESS_4: Rule(_DENY, "条例第十六条第二款", "讨论记录、过程稿、磋商信函、请示报告。"),
    Outcome.DENY_ENFORCEMENT_FILE: Rule(_DENY, "条例第十六条第二款", "行政执法案卷信息。"),
    Outcome.DENY_QUERY_MATTER: Rule(
        _DENY, "条例第三十六条第（七）项", "工商、不动产登记等另有查询规定的；查本人账户、贷款档案属于业务查询。"
    ),
    Outcome.CANNOT_NOT_HELD: Rule(
        _CANNOT,
        "条例第三十六条第（四）（五）项",
        "经检索没有，或者不归本机关负责；知道归谁负责的，告知名称和联系方式。",
    ),
    Outcome.CANNOT_NEED_MAKING: Rule(_CANNOT, "条例第三十八条", "需要加工、分析现有信息才能提供的。"),
    Outcome.CANNOT_UNCLEAR: Rule(_CANNOT, "条例第三十条", "补正收到以后，内容仍然不明确的。"),
    Outcome.REFUSE_PETITION: Rule(_REFUSE, "条例第三十九条第一款", "以申请公开的形式信访、投诉、举报，告知相应渠道。"),
    Outcome.REFUSE_REPEAT: Rule(_REFUSE, "条例第三十六条第（六）项", "已就相同内容答复过同一申请人。"),
    Outcome.REFUSE_PUBLICATION: Rule(_REFUSE, "条例第三十九条第二款", "要求提供政府公报、报刊、书籍，告知获取途径。"),
    Outcome.REFUSE_MASSIVE: Rule(_REFUSE, "条例第三十五条", "先要求说明理由；理由不合理的才不予处理。"),
    Outcome.REFUSE_RECONFIRM: Rule(
        _REFUSE, "统计格式第三项（五）5", "条例没有单列条款，答复时请写明事实和所依据的规定。"
    ),
    Outcome.OTHER_NO_CORRECTION: Rule(_OTHER, "条例第三十条", "补正期限已过，没有正当理由。"),
    Outcome.OTHER_NO_FEE: Rule(_OTHER, f"条例第四十二条、{FEE_RULES}", "缴费期限已过仍未缴费。"),
    Outcome.OTHER_OTHER: Rule(_OTHER, "统计格式第三项（六）3", "例如申请人主动撤回申请。"),
}


def in_words(outcome: Outcome) -> str:
    """An outcome under its heading; where the heading says it all, the heading."""
    group = RULES[outcome].group
    return group if group.endswith(outcome.label) else f"{group}：{outcome.label}"


class DisputeKind(Labelled):
    """The three groups of table four."""

    REVIEW = "review", "行政复议"
    DIRECT = "direct", "行政诉讼：未经复议直接起诉"
    AFTER_REVIEW = "after_review", "行政诉讼：复议后起诉"


class DisputeResult(Labelled):
    """The results of table four; what is not closed by the end of a year counts as 尚未审结."""

    UPHELD = "upheld", "结果维持"
    CORRECTED = "corrected", "结果纠正"
    OTHER = "other", "其他结果"
