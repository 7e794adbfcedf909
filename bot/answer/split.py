"""Split: the sentences of a message that ask, each with the subject it speaks of, apart from greeting and story.

Rules over clauses, in one pass: every part is words of the message itself, some put before others, none made up.
"""

import re
from dataclasses import dataclass

# More questions than this are no longer told apart with confidence: a person reads the message.
MOST = 5
# A clause as short as this, without a subject, points back at the clause before it (是真的吗, 这样合法吗).
POINTING = 8
NEAR = 16
BACK = 4
FOLLOW_UP_MAX = 30
# A clause longer than this that names nothing known speaks of something else; lent words would only hide that.
STRANGE = 10

_HAN = "\u4e00-\u9fff"
# Looked at first, for where none of these stands, nothing else can begin.
_BEGINS = r"(?=[。！!？?；;…\n，,：: \t\u3000\d（(①-⑳一二三四五六七八九十第其另顺再还我想请咨麻问])"
_TOKENS = re.compile(
    _BEGINS + r"(?:(?P<stop>[。！!？?；;…\n]+)"
    rf"|(?P<comma>(?:(?<!\d)[，,]|[，,](?!\d)|[：:]|(?<=[{_HAN}])[ \t\u3000]+(?=[{_HAN}])))"
    r"|(?P<list>(?<![\d.])\d{1,2}[、．.)）](?!\d)|[（(]\d{1,2}[）)]|[①-⑳]|(?:^|(?<=[。！？!?；;：:\n，, ]))[一二三四五六七八九十][、．.]"
    r"|第[一二三四五六七八九十](?:个问题)?[，,、：:]|其[一二三][，,、：:])"
    r"|(?P<join>另外(?:我?(?:还有?|再)?想?问?(?:一下|个问题|一个问题)?(?:那个)?)?|顺便(?:再?(?:问|咨询)(?:一下|下)?)?|再(?:请)?问(?:一下|下)?"
    r"|还(?:有|想|要)(?:再)?(?:(?:问|咨询)(?:一下|下)?|个问题|一个问题|一个事|一件事|就是|那个|(?=[，,、：:])))"
    r"|(?P<lead>(?:我(?:就|还)?)?想(?:请)?问(?:一下|问|下)?|请(?:问|教)(?:一下|下)?|(?:我?想)咨询(?:一下|下)?|咨询(?:一下|下)"
    r"|(?:麻烦)?问一下|我?想(?:知道|了解)(?:一下|下)?|请告知|请告诉我))"
)
_ASKS = re.compile(
    "[吗嘛]|什么|啥|多少|多久|多长|多大|多高|几(?:个|天|年|月|次|成|点|号|岁|种|时|倍|套)|怎么|怎样|咋|如何|哪|谁|为何|为什么"
    "|是否|能否|可否|有没有|有无|(能|可|会|是|行|要|用|算|该)不(?:能|可|会|是|行|要|用|算|该)|(?:呢|么)(?=[啊呀]?$)|[能可还].{0,24}[不没]$"
)
_TELLS = re.compile(
    "不知道|[不没]告诉|没(?:有)?(?:看|弄|搞)?(?:明白|懂|清)|[弄搞]不(?:懂|清|明白)|不明白|不懂|不清楚|说不清|[什啥怎谁哪]么?[儿里]?都|没什么|没啥|[没有过]几(?:个|天|次|年)|过几天|几分钟|不管|无论|没有?任何|什么的"
)
_PUT = re.compile("问(?!题|了)|解答|告知")
_POLITE = re.compile(
    "(?:你好|您好|大家好|在吗|在么|在不在|有人吗|谢谢(?:您|你|了|啦)?|多谢|感谢|辛苦了?|麻烦(?:您|你)?了?|打扰了?|好的|嗯+|啊+|呃+|哦+|那个|就是说?|老师|领导|请回复|盼复|您?们?)+"
)
_STARTS = re.compile(r"(?:你好|您好|请问|那个|就是(?!说)|呃|嗯|麻烦(?:您|你)?|啊|然后)+[，,：:\s]*")
_FOLLOWS = re.compile("(?:那|还(?![款贷清钱完本房商])|另外|以及|再问|然后呢|这种|这个|它)")

# What a question speaks of, in three places; a part that leaves one open takes it from the nearest clause before it.
_PURPOSE = re.compile(
    "租房|房租|租金|购房|买[了的一套个新二手期]{0,3}房|装修|翻修|大修|翻建|自建|物业费|取暖费|加装电梯|退休|离职|辞职|出境|定居"
    "|大病|重病|低保|去世|死亡|继承|失业|异地|外地|商转公|商贷|二手房|灵活就业|个体户|自由职业|缓缴|补缴|首套|二套|多子女|二孩|三孩"
    "|提前还款|逾期|冲还贷|月冲|年冲|利率|利息|基数|比例|余额|明细|封存|启封|销户|抵押"
)
_ACTION = re.compile(
    "提取|支取|取出来|贷款|公贷|借款|缴存|缴纳|汇缴|转移|转入|转出|还款|还贷|查询|开户|登记|缴|贷|转"
    "|提(?![交供前醒高到起示及])|取(?![消得决暖号证])|(?<![成提])交(?![通易付房物取暖契首材款税警什哪啥])"
)
_FUND = re.compile("住房公积金|公积金|公基金|公贷|gjj", re.IGNORECASE)
_THING = re.compile("利率|利息|基数|比例|余额|明细")
_SLOTS = (_PURPOSE, _ACTION, _FUND)
_SAME = ("租", "买购", "公", "贷借", "提取支", "缴交", "转", "还")


@dataclass(frozen=True)
class Asked:
    """One question of a message: `said` as it stands there, `text` with the subject it takes from before."""

    text: str
    said: str


@dataclass(frozen=True)
class Split:
    """The questions of a message in their order, and what stands around them; `many`: more than can be told apart."""

    parts: tuple[Asked, ...]
    story: str
    many: bool = False


@dataclass
class _Clause:
    start: int
    end: int
    sentence: int
    listed: bool
    led: bool
    marked: bool = False


def split(message: str) -> Split:
    """Find what a message asks. Empty parts where no clause of it can be told to ask."""
    clauses, questioned = _clauses(message)
    asking = _asking(message, clauses, questioned)
    spans = _spans(message, clauses, asking)[: MOST + 1]
    parts = tuple(
        Asked(_with_subject(message, clauses, start, message[start:end]), message[start:end]) for start, end in spans
    )
    inside = {at for start, end in spans for at, one in enumerate(clauses) if start <= one.start < end}
    told = (message[one.start : one.end] for at, one in enumerate(clauses) if at not in inside)
    story = "，".join(text for text in told if not _POLITE.fullmatch(_bare(text)))
    return Split(parts[:MOST], story, len(parts) > MOST)


def single(message: str) -> bool:
    """Whether a message is one clause, so that it cannot ask several things."""
    return len(_clauses(message)[0]) < 2


def follows(text: str) -> bool:
    """Whether a message can only be understood with what was spoken of before: 那需要什么材料, 买房呢."""
    said = text.strip()
    if len(said) > FOLLOW_UP_MAX or _POLITE.fullmatch(_bare(said)):
        return False
    began = _FOLLOWS.match(said) is not None
    own = [slot.search(said) is not None for slot in (_PURPOSE, _ACTION)]
    return (began and not all(own)) or (_ASKS.search(said) is not None and not any(own))


def with_topic(topic: str, text: str) -> str:
    """A follow-up read with what the topic speaks of and it does not say itself."""
    lent = _lacking(text)
    words = _lent(topic, lent)
    if not words and len(lent) == len(_SLOTS) and len(topic) <= NEAR:
        words = topic.strip("？?。！! ")
    return f"{words} {text}" if words else text


def _clauses(message: str) -> tuple[list[_Clause], set[int]]:
    """The clauses with something in them, and the sentences that end with a question mark."""
    found: list[_Clause] = []
    questioned: set[int] = set()
    start, sentence, listed, led = 0, 0, False, False
    for token in [*_TOKENS.finditer(message), None]:
        end = token.start() if token else len(message)
        kind = token.lastgroup if token else "stop"
        clause = _clause(message, start, end, sentence, listed, led)
        if clause:
            found.append(clause)
            listed = led = False
        if kind == "stop":
            sign = token.group() if token else ""
            if "?" in sign or "？" in sign:
                questioned.add(sentence)
                if found and found[-1].sentence == sentence:
                    found[-1].marked = True
            sentence += 1
        elif kind == "list":
            listed = True
        elif kind in ("lead", "join"):
            led = True
        start = token.end() if token else end
    return found, questioned


def _clause(message: str, start: int, end: int, sentence: int, listed: bool, led: bool) -> _Clause | None:
    text = message[start:end]
    polite = _STARTS.match(text)
    if polite and polite.end() < len(text):
        start += polite.end()
        led = led or "请问" in polite.group()
    text = message[start:end]
    start += len(text) - len(text.lstrip())
    end -= len(text) - len(text.rstrip())
    return _Clause(start, end, sentence, listed, led) if start < end else None


def _asking(message: str, clauses: list[_Clause], questioned: set[int]) -> list[bool]:
    announced = message.find("问题")
    introduced = any(clause.led for clause in clauses)
    led = {one.sentence for one in clauses if one.led or _PUT.search(message[one.start : one.end])}
    worded = []
    for clause in clauses:
        text = message[clause.start : clause.end]
        heard = not questioned or clause.sentence in questioned or clause.sentence in led or clause.listed
        by_words = heard and _ASKS.search(text) is not None and not _TELLS.search(text)
        named = clause.listed and (introduced or -1 < announced < clause.start)
        worded.append((clause.marked or by_words or named) and not _POLITE.fullmatch(_bare(text)))
    spoken = {clause.sentence for clause, asks in zip(clauses, worded, strict=True) if asks}
    return [
        asks or (clause.led and clause.sentence not in spoken and _own(message[clause.start : clause.end]))
        for clause, asks in zip(clauses, worded, strict=True)
    ]


def _spans(message: str, clauses: list[_Clause], asking: list[bool]) -> list[tuple[int, int]]:
    """Where each question stands: its clause, with the clause before where that belongs to it."""
    spans: list[tuple[int, int]] = []
    for at, clause in enumerate(clauses):
        if not asking[at]:
            continue
        start = clause.start
        text = message[start : clause.end]
        pointing = len(text) <= POINTING and not _own(text) and not clause.listed
        before = clauses[at - 1] if at else None
        if before and before.sentence == clause.sentence:
            if pointing and asking[at - 1] and _points(text) and spans:
                spans[-1] = (spans[-1][0], clause.end)
                continue
            near = before.end - before.start <= NEAR and not clause.led and not clause.listed
            if not asking[at - 1] and (near or pointing):
                start = before.start
        spans.append((start, clause.end))
    return spans


def _points(text: str) -> bool:
    return re.search("真的|[对是行好]吗|可以吗|合法吗|对不对|是不是|行不行|现在呢", text) is not None


def _own(text: str) -> bool:
    return any(slot.search(text) for slot in _SLOTS)


def _with_subject(message: str, clauses: list[_Clause], start: int, said: str) -> str:
    lacking = _lacking(said)
    if not lacking or (len(said) > STRANGE and not _own(said)):
        return said
    before = [clause for clause in clauses if clause.end <= start][-BACK:]
    words = []
    for slot in lacking:
        texts = (message[clause.start : clause.end] for clause in reversed(before))
        words.append(next((lent for text in texts if slot.search(text) for lent in [_lent(text, [slot])]), ""))
    lent = "".join(words)
    return f"{lent} {said}" if lent else said


def _lacking(said: str) -> list[re.Pattern[str]]:
    """What has to be taken from before; a thing with a name of its own (利率, 基数) needs nobody to do anything with it."""
    lacking = [slot for slot in _SLOTS if not slot.search(said)]
    return [slot for slot in lacking if slot is not _ACTION] if _THING.search(said) else lacking


def _lent(text: str, slots: list[re.Pattern[str]]) -> str:
    """The words a text has for these places; nothing for a place it fills in two ways."""
    words = []
    for slot in slots:
        found = [match.group() for match in slot.finditer(text)]
        if len({_meant(word) for word in found}) == 1:
            words.append(max(found, key=len))
    return "".join(words)


def _meant(word: str) -> str:
    """Forms of one word made one: 提, 支取; 房租, 租房."""
    return next((signs for signs in _SAME if any(sign in word for sign in signs)), word)


def _bare(text: str) -> str:
    return re.sub(rf"[^{_HAN}a-zA-Z0-9]", "", text)
