"""Other agencies: what is not the fund's business, who does it, and whom to ask. One table for routing and for wording.

Telephone numbers are the nationwide ones of each system; where there is none, the 12345 line passes the caller on.
"""

import re
from dataclasses import dataclass

GOVERNMENT_LINE = "12345政务服务便民热线"


@dataclass(frozen=True)
class Agency:
    """A matter that belongs elsewhere. No `name`: no agency does it, it only sounds like ours.

    `although`: it is theirs even where the fund is named, because the word means something else there (盈余公积金).
    """

    matter: str
    name: str
    ask: str
    pattern: str
    although: bool = False


_BANK = "lpr.{0,10}(商贷|商业贷款)|(我|俺)的?(商贷|商业贷款).{0,8}利率|银行卡.{0,6}(冻结|丢|挂失|限额|解冻)|信用卡|网贷|花呗"
_CARS = "驾照|驾驶证|行驶证|年检|违章|扣分|电动车上牌|车管所|摇号"
_CITY = "违建|违章建筑|占道|乱停|车位被占|车位.{0,6}(占|抢)|噪音|扰民|广场舞|垃圾(清运|分类|没人)|路灯|井盖|道路?(坑|积水)|修路"
_HOUSING = (
    "公租房|廉租房|经适房|经济适用房|保障房|房屋维修(资|基)金|维修(资|基)金|物业费?(太|从|又|乱|涨)|物业(公司|不作为|不管)|业委会|业主大会|电梯.{0,4}(困人|停运|总坏)"
    "|拆迁|征收补偿|棚改|烂尾|延期交房|逾期交房|没交房|不交房|退房|开发商(跑|违约|不退)|限购|限售|购房资格|网签|房价|楼盘|装修垃圾|房屋漏水|中介不退"
)
_LABOUR = "欠薪|拖欠工资|讨薪|不发工资|劳动(仲裁|合同纠纷|监察)|最低工资标准|加班费|年休假|产假.{0,4}(几天|多少天)|被裁员|经济补偿金"
_SOCIAL = (
    "社保|社会保险|养老(保险|金)|失业(金|保险|补助)|工伤|企业年金|职业年金|退休(金|工资|年龄|待遇)|延迟退休|人才(补贴|公寓|引进|落户)|购房补贴|就业补贴"
    "|见习补贴|创业(担保|补贴)|职称|技能证书|档案(存|放|转|在哪)|技能补贴"
)
_UTILITIES = "水费|自来水|停水|燃气|天然气|暖气|供暖|供热|取暖费怎么交|宽带|公交|地铁|老年卡|公交卡"
AGENCIES = (
    Agency(
        "公司财务上的公积金（法定公积金、盈余公积、资本公积等）", "", "会计、法律专业人员或者12348公共法律服务热线",
        "法定公积金|任意公积金|(盈余|资本)公积|公积金.{0,6}(转增|弥补(公司)?亏损)|转增(资本|注册资本|股本)|(合作社|村集体|股份社).{0,8}公积金",
        although=True,
    ),
    Agency(
        "证券投资基金", "", "购买基金的银行、证券公司或者基金公司",
        "赎回|净值|定投|(?<!积)基金(经理|公司|跌|涨|定投)|公募|私募|股票(开户|账户|亏)",
        although=True,
    ),
    Agency("医疗保险和生育保险", "医疗保障部门", "12393医保服务热线", "医保|医疗保险|新农合|生育(津贴|保险|待遇)|门诊(报销|统筹)|大病保险|异地就医|住院报销|慢性病.{0,4}(报|办)"),
    Agency("社会保险、就业和人才", "人力资源和社会保障部门", "12333", _SOCIAL),
    Agency("劳动关系和工资", "人力资源和社会保障部门", "12333", _LABOUR),
    Agency("税费", "税务部门", "12366纳税缴费服务热线", "个税|个人所得税|所得税|专项附加|契税|税率|增值税|印花税|退税|(开|开具)发票|报税|完税证明"),
    Agency("不动产登记", "不动产登记机构", f"当地不动产登记中心或者{GOVERNMENT_LINE}", "不动产(证|登记|权证)|房产证|房本(怎么|丢|办|过户|加名)|过户|产权证|房屋继承公证"),
    Agency("护照、出入境证件", "出入境管理部门", "12367移民管理服务热线", "护照|港澳通行证|出入境|签证|绿卡"),
    Agency("驾驶证和车辆", "公安交通管理部门", "12123交通安全服务热线", _CARS),
    Agency("户口、身份证和居住证", "公安部门", f"户口或者居住所在地派出所，也可以拨打{GOVERNMENT_LINE}", "居住证|身份证.{0,4}(办|换|丢|补|到期|过期)|户口(迁|怎么|本(丢|补|怎么))|落户|上户口|改名字|报案"),
    Agency("低保、婚姻登记和救助", "民政部门", f"居住地民政部门或者{GOVERNMENT_LINE}", "结婚登记|离婚(登记|冷静期)|领(结婚)?证|民政局|低保(怎么|标准|金|[一1]个?月|申请|多少)|特困|临时救助|残疾人|残疾证|护理补贴|高龄(补贴|津贴)|养老院"),
    Agency("入学和教育", "教育部门", f"当地教育部门或者{GOVERNMENT_LINE}", "学区|入学|择校|转学|上学|幼儿园|中考|高考|学籍|对口(小学|学校|哪)|校车|教师资格"),
    Agency("住房保障、房产开发和物业", "住房和城乡建设部门", GOVERNMENT_LINE, _HOUSING),
    Agency("城市管理", "城市管理部门", GOVERNMENT_LINE, _CITY),
    Agency("用电", "供电企业", "95598供电服务热线", "电费|停电|电表|充电桩"),
    Agency("供水、供热、燃气和公共交通", "有关公用事业单位", GOVERNMENT_LINE, _UTILITIES),
    Agency("消费纠纷和工商登记", "市场监督管理部门", "12315", "营业执照|工商(注册|登记|注销)|假货|退货|消费(纠纷|维权)|食品(安全|过期)|会员卡.{0,4}(退|跑)|健身房|预付卡"),
    Agency("银行贷款和银行卡业务", "银行", "开户或者贷款的银行", _BANK),
    Agency("诉讼和法院执行", "人民法院", "12368诉讼服务热线", "法院(立案|起诉|开庭|执行)|起诉(状|书|流程)|失信被执行|老赖|强制执行.{0,4}(申请|怎么)|打官司"),
)  # fmt: skip
# A message that speaks of the fund, or of what is only done with it, stays here however many other agencies it names.
FUND = "公[积基鸡机激][金斤]|工积金|供积金|公贷|gjj|住房金|商转公|组合贷|12329|冲还贷|提取|支取|缴存|缴交|[能可想怎]提|提(几|多少)|能贷|贷到|贷多少"
_OTHERS = tuple(agency for agency in AGENCIES if not agency.although)
_STRONG = tuple(agency for agency in AGENCIES if agency.although)
_FUND = re.compile(FUND)


def _one_of(agencies: tuple[Agency, ...]) -> re.Pattern[str]:
    """All patterns as one: the text is walked once, and the group says whose word came first."""
    return re.compile("|".join(f"(?P<a{at}>{silent(agency.pattern)})" for at, agency in enumerate(agencies)))


def silent(pattern: str) -> str:
    """A pattern whose groups remember nothing: a text is walked three times as fast."""
    return re.sub(r"\((?!\?)", "(?:", pattern)


_WORD = _one_of(_OTHERS)
_STRONG_WORD = _one_of(_STRONG)


def names_fund(plain: str) -> bool:
    """Whether a normalised text speaks of the housing fund."""
    return _FUND.search(plain) is not None


def agency_of(plain: str) -> Agency | None:
    """Whose business a normalised text is, or None if it may be ours."""
    return _found(_STRONG_WORD, _STRONG, plain) or (None if names_fund(plain) else _found(_WORD, _OTHERS, plain))


def _found(words: re.Pattern[str], agencies: tuple[Agency, ...], plain: str) -> Agency | None:
    found = words.search(plain)
    return agencies[int((found.lastgroup or "a0")[1:])] if found else None
