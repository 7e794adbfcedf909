"""Chinese text made comparable: normalising, the lexicon of variants, and the terms a question is found by."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from knowledge.words import cut

MARKED = "!"
CHAR, PAIR, WORD, CONCEPT, SOUND = KINDS = "u", "b", "w", "c", "p"
FIRST_HAN = "\u3400"
_CONTROL = re.compile(r"[\s\u200b-\u200f\ufeff]+")
_RUN = re.compile(r"[\u3400-\u9fff]+|[a-z]+|\d+(?:\.\d+)?%?")
_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "俩": 2, "三": 3, "四": 4, "五": 5}
_DIGITS |= {"六": 6, "七": 7, "八": 8, "九": 9}
_POWERS = {"十": 10, "百": 100, "千": 1000}
_UNITS = "个月|个工作日|年|月|天|日|岁|次|万|元|块|成|倍|%|个点|号|点"
_NUMERAL = re.compile(f"[零〇一二两三四五六七八九十百千]+(?={_UNITS})")
_TRADITIONAL = str.maketrans(
    "積貸還繳戶銀請問買賣單個業額術轉離職辦證應該無產權萬條門開關讓對時間長發電話實際過進遠選題類親屬國際"
    "學習師員縣區廳處書說語記認識計費資質購財貨負責貿貴貼車軍輛運運連遲適險隊陽階際難雙雖雲頁項順預領頭顧"
    "風飛餘館馬驗體魚齊齡龍點與東絲兩嚴喪豐臨為麗舉麼義烏樂喬亂爭於虧亞億僅從侖倉儀們價眾優會傘偉傳傷倫"
    "偽傭債傾償儲兒內岡冊寫冪凍淨準涼減鳳憑凱擊劃劉則剛創刪別劍劑勁動勞勢區醫華協賣盧衛卻廠厲壓廁縫參變號"
    "葉嘆聽啟員嗎響團園圍圖圓聖場壞塊堅壇壩墊墳墜壘壯聲殼壽備複夠頭夾奪奮奧婦媽孫寧寶實審憲宮寬賓寢將爾塵"
    "嘗層屆屬歲島崗嶺幣帥師帳帶幫幹並廣莊慶庫應廢廈開異棄張彌彎彈強歸當錄徹徑從復憂懷態總戀懇惡惱憐懸慣懲憶"
    "戰戲執擴掃揚擔擬擇擊據擠揮損換搖擺攜攝敗敵數斷無舊時曠曉暫術機殺雜條來極構標樓樣欄檔檢樹橋橫歐歡歷殘氣"
    "漢湯溝滅滿漁濟溫遊漲潔潤澤濕灣災爐爛爺牽犧狀獨獄獎獲環現瑪產畝畢療監蓋盤眾睜確礎禮禍離種稱穩窮競筆節範築"
    "簡籃糧糾紀約級純紙紛線組細終經結給絕統繼續維網綜綠編緩練縣總績織聯職聽肅脅腦膚臺興舊艙艱藝蘇藥蘭處虛雖蟲補"
    "製複見規視覽覺觀計訂討訓託訊設許訴診評詞試詩誠誤課調談論諾謝謊證識譯護讀變讓豬貝貞負財貢貪販貫賄賞賜賠賴賺贈"
    "贊趙趨跡踐躍輔輕輛輩輪輯輸辭邊遷遲遺鄉鄰醜醫釋針鈔鋼錢錯鎖鎮鐘鐵閉閱闊隨隱靈靜韓頂須頓頒頻額顯飯飲養驚鬥鬧",
    "积贷还缴户银请问买卖单个业额术转离职办证应该无产权万条门开关让对时间长发电话实际过进远选题类亲属国际"
    "学习师员县区厅处书说语记认识计费资质购财货负责贸贵贴车军辆运运连迟适险队阳阶际难双虽云页项顺预领头顾"
    "风飞余馆马验体鱼齐龄龙点与东丝两严丧丰临为丽举么义乌乐乔乱争于亏亚亿仅从仑仓仪们价众优会伞伟传伤伦"
    "伪佣债倾偿储儿内冈册写幂冻净准凉减凤凭凯击划刘则刚创删别剑剂劲动劳势区医华协卖卢卫却厂厉压厕缝参变号"
    "叶叹听启员吗响团园围图圆圣场坏块坚坛坝垫坟坠垒壮声壳寿备复够头夹夺奋奥妇妈孙宁宝实审宪宫宽宾寝将尔尘"
    "尝层届属岁岛岗岭币帅师帐带帮干并广庄庆库应废厦开异弃张弥弯弹强归当录彻径从复忧怀态总恋恳恶恼怜悬惯惩忆"
    "战戏执扩扫扬担拟择击据挤挥损换摇摆携摄败敌数断无旧时旷晓暂术机杀杂条来极构标楼样栏档检树桥横欧欢历残气"
    "汉汤沟灭满渔济温游涨洁润泽湿湾灾炉烂爷牵牺状独狱奖获环现玛产亩毕疗监盖盘众睁确础礼祸离种称稳穷竞笔节范筑"
    "简篮粮纠纪约级纯纸纷线组细终经结给绝统继续维网综绿编缓练县总绩织联职听肃胁脑肤台兴旧舱艰艺苏药兰处虚虽虫补"
    "制复见规视览觉观计订讨训托讯设许诉诊评词试诗诚误课调谈论诺谢谎证识译护读变让猪贝贞负财贡贪贩贯贿赏赐赔赖赚赠"
    "赞赵趋迹践跃辅轻辆辈轮辑输辞边迁迟遗乡邻丑医释针钞钢钱错锁镇钟铁闭阅阔随隐灵静韩顶须顿颁频额显饭饮养惊斗闹",
)

# The first character of each syllable, in the order of GB 2312.
_SYLLABLES = (
    "啊a埃ai鞍an肮ang凹ao芭ba白bai斑ban邦bang苞bao杯bei奔ben崩beng逼bi鞭bian标biao鳖bie彬bin兵bing玻bo哺bu擦ca猜cai餐can苍cang操cao厕ce层ceng插c"
    "ha拆chai搀chan昌chang超chao车che郴chen撑cheng吃chi充chong抽chou初chu揣chuai川chuan疮chuang吹chui春chun戳chuo疵ci聪cong凑cou粗cu蹿cua"
    "n摧cui村cun磋cuo搭da呆dai耽dan当dang刀dao德de蹬deng堤di颠dian碉diao跌die丁ding丢diu东dong兜dou督du端duan堆dui墩dun掇duo蛾e恩en而er发fa藩fa"
    "n坊fang菲fei芬fen丰feng佛fu否fou夫fu噶ga该gai干gan冈gang篙gao哥ge给gei根gen耕geng工gong钩gou辜gu刮gua乖guai棺guan光guang瑰gui辊gun锅guo哈"
    "ha骸hai酣han夯hang壕hao呵he嘿hei痕hen哼heng轰hong喉hou呼hu花hua槐huai欢huan荒huang灰hui荤hun豁huo击ji嘉jia歼jian僵jiang蕉jiao揭jie巾jin"
    "荆jing炯jiong揪jiu鞠ju捐juan撅jue均jun喀ka开kai刊kan康kang考kao坷ke肯ken坑keng空kong抠kou枯ku夸kua块kuai宽kuan匡kuang亏kui坤kun括kuo垃la"
    "莱lai蓝lan琅lang捞lao勒lei棱leng厘li俩lia联lian粮liang撩liao列lie琳lin玲ling溜liu龙long楼lou芦lu驴lv峦luan掠lve抡lun萝luo妈ma埋mai瞒man芒"
    "mang猫mao么me玫mei门men萌meng眯mi棉mian苗miao蔑mie民min明ming谬miu摸mo谋mou拇mu拿na氖nai南nan囊nang挠nao呢ne馁nei嫩nen能neng妮ni蔫nian娘n"
    "iang鸟niao捏nie您nin柠ning牛niu脓nong奴nu女nv暖nuan虐nve挪nuo哦o欧ou啪pa拍pai攀pan乓pang抛pao呸pei喷pen砰peng坯pi篇pian飘piao撇pie拼pin乒"
    "ping坡po剖pou扑pu期qi掐qia牵qian枪qiang橇qiao切qie钦qin青qing琼qiong秋qiu趋qu圈quan缺que裙qun然ran瓤rang饶rao惹re壬ren扔reng日ri戎rong揉"
    "rou茹ru软ruan蕊rui闰run若ruo撒sa腮sai三san桑sang搔sao瑟se森sen僧seng莎sha筛shai珊shan墒shang梢shao奢she砷shen声sheng师shi收shou蔬shu刷s"
    "hua摔shuai栓shuan霜shuang谁shui吮shun说shuo斯si松song搜sou苏su酸suan虽sui孙sun蓑suo塌ta胎tai坍tan汤tang掏tao特te藤teng梯ti天tian挑tiao"
    "贴tie厅ting通tong偷tou凸tu湍tuan推tui吞tun拖tuo挖wa歪wai豌wan汪wang威wei瘟wen嗡weng挝wo巫wu昔xi瞎xia掀xian相xiang萧xiao楔xie薪xin星xing兄"
    "xiong休xiu墟xu轩xuan靴xue勋xun压ya焉yan殃yang邀yao椰ye一yi茵yin英ying哟yo拥yong幽you迂yu鸳yuan曰yue耘yun匝za栽zai咱zan赃zang遭zao责ze贼ze"
    "i怎zen增zeng扎zha摘zhai瞻zhan樟zhang招zhao遮zhe珍zhen蒸zheng芝zhi中zhong舟zhou珠zhu抓zhua拽zhuai专zhuan桩zhuang锥zhui谆zhun捉zhuo兹z"
    "i鬃zong邹zou租zu钻zuan嘴zui尊zun昨zuo"
)


def normalise(text: str) -> str:
    """Half width, lower case, simplified characters, Arabic numerals before units, single spaces."""
    plain = unicodedata.normalize("NFKC", text).lower().translate(_TRADITIONAL)
    return _NUMERAL.sub(_as_digits, _CONTROL.sub(" ", plain)).strip()


def bare(text: str) -> str:
    """Only what is said: no punctuation, no spaces; for exact hits."""
    return bare_of(normalise(text))


def bare_of(normal: str) -> str:
    """The same of a text that is normalised already."""
    return "".join(_RUN.findall(normal))


def _as_digits(found: re.Match[str]) -> str:
    total, digit = 0, 0
    for char in found.group():
        if char in _POWERS:
            total, digit = total + max(digit, 1) * _POWERS[char], 0
        else:
            digit = digit * 10 + _DIGITS[char]
    return str(total + digit)


@lru_cache(maxsize=1)
def _pinyin() -> dict[str, str]:
    """Syllables of the 3,755 commonest characters: GB 2312 keeps them sorted by sound, so 396 first ones tell them all."""
    table: dict[str, str] = {}
    starts = dict(re.findall("([^a-z])([a-z]+)", _SYLLABLES))
    syllable = ""
    for high in range(0xB0, 0xD8):
        for low in range(0xA1, 0xFF):
            char = bytes((high, low)).decode("gb2312", "ignore")
            syllable = starts.get(char, syllable)
            if char:
                table[char] = syllable
    return table


@lru_cache(maxsize=1)
def _spelt() -> re.Pattern[str]:
    ordered = sorted(set(_pinyin().values()), key=lambda syllable: (-len(syllable), syllable))
    return re.compile("|".join(ordered))


def sounds(run: str) -> list[str]:
    """The syllables of a run of characters, or of pinyin typed in letters; other characters stand for themselves."""
    if run[0] >= FIRST_HAN:
        table = _pinyin()
        return [table.get(char, char) for char in run]
    spelt = _spelt().findall(run)
    return spelt if len(run) > 3 and "".join(spelt) == run else []


@dataclass(frozen=True, slots=True)
class Terms:
    """A text as the index sees it: bare text, words in order, syllables, and every term once.

    The first letter of a term tells its kind: a character, a pair of characters, a word, a concept, a pair of syllables.
    """

    plain: str
    text: str
    words: tuple[str, ...]
    sound: str
    terms: tuple[str, ...]


class Lexicon:
    """Standard words with their synonyms and misspellings, as the office keeps them in `vocabulary.txt`."""

    def __init__(self, concepts: dict[str, str], spellings: dict[str, str]) -> None:
        self._concepts = concepts
        self._spellings = spellings
        self._concept_widths = _widths(concepts)
        self._spelling_widths = _widths(spellings)
        self.digest = _digest(concepts, spellings)

    @classmethod
    def parse(cls, text: str) -> "Lexicon":
        """Read lines of `standard: synonyms | spoken forms | misspellings`; ambiguous forms (marked !) are left out."""
        concepts: dict[str, str] = {}
        spellings: dict[str, str] = {}
        for line in text.splitlines():
            standard, colon, rest = line.strip().partition(":")
            if not colon or standard.startswith("#"):
                continue
            standard = normalise(standard)
            if not standard:
                continue
            parts = [*rest.split("|"), "", ""][:3]
            concepts[standard] = standard
            written = _variants(parts[0])
            for variant in (*written, *_variants(parts[1])):
                concepts.setdefault(variant, standard)
            for variant in _variants(parts[2]):
                spellings.setdefault(variant, _meant(variant, (standard, *written)))
        return cls(
            concepts,
            {bad: good for bad, good in spellings.items() if bad not in concepts and len(bad) > 1 and bad != good},
        )

    def corrected(self, text: str) -> str:
        """Normalised text with known misspellings put right."""
        return self._put_right(normalise(text))

    def _put_right(self, plain: str) -> str:
        """Left to right, the longest known misspelling first; a dictionary is asked, for hundreds of words are slow as a pattern."""
        found = _longest(plain, self._spellings, self._spelling_widths)
        if not found:
            return plain
        parts, done = [], 0
        for at, width in found:
            parts += [plain[done:at], self._spellings[plain[at : at + width]]]
            done = at + width
        return "".join([*parts, plain[done:]])

    def terms(self, text: str) -> Terms:
        """Words, concepts and character 1-2-grams of a text."""
        return self.read(normalise(text))

    def read(self, normal: str) -> Terms:
        """The terms of a text that is normalised already."""
        plain = self._put_right(normal)
        runs = _RUN.findall(plain)
        table = _pinyin()
        terms: list[str] = []
        words: list[str] = []
        heard: list[str] = []
        pairs: list[str] = []
        for run in runs:
            if run[0] >= FIRST_HAN:
                terms += [CHAR + char for char in run]
                terms += [PAIR + a + b for a, b in pairwise(run)]
                words += cut(run)
                syllables = [table.get(char, char) for char in run]
            else:
                # Letters and figures are one word as they stand; jieba does not cut them either.
                terms.append(CHAR + run)
                words.append(run)
                syllables = sounds(run)
            heard += syllables
            pairs += [SOUND + a + b for a, b in pairwise(syllables)]
        if len(words) > 1:
            terms += [PAIR + a + b for a, b in _joints(plain)]
        terms += [WORD + word for word in words]
        terms += self._concepts_in(plain, words)
        terms += pairs
        return Terms(plain, "".join(runs), tuple(words), " ".join(heard), tuple(dict.fromkeys(terms)))

    def _concepts_in(self, plain: str, words: list[str]) -> list[str]:
        """Terms of the concepts named: by words, and wherever else a known form of two characters or more stands."""
        concepts = self._concepts
        found = [CONCEPT + concepts[word] for word in words if word in concepts]
        spread = _longest(plain, concepts, self._concept_widths)
        return found + [CONCEPT + concepts[plain[at : at + width]] for at, width in spread]


def _joints(plain: str) -> Iterable[tuple[str, str]]:
    """Letters and figures with what stands right beside them: 3 and 套, a and 3."""
    before, end = "", -1
    for found in _RUN.finditer(plain):
        run = found.group()
        if found.start() == end and not (before[0] >= FIRST_HAN <= run[0]):
            yield before[-1] if before[0] >= FIRST_HAN else before, run[0] if run[0] >= FIRST_HAN else run
        before, end = run, found.end()


def _widths(words: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """By first character, how long the words that begin with it are, longest first.

    A word of one character counts as two: so it is found at the end of a text only, where nothing can follow it.
    """
    found: dict[str, set[int]] = {}
    for word in words:
        found.setdefault(word[0], set()).add(max(len(word), 2))
    return {first: tuple(sorted(widths, reverse=True)) for first, widths in found.items()}


def _longest(plain: str, words: dict[str, str], widths: dict[str, tuple[int, ...]]) -> list[tuple[int, int]]:
    """Where known words stand and how long they are; left to right, the longest first, none inside another."""
    found: list[tuple[int, int]] = []
    done = 0
    for at, char in enumerate(plain):
        if char in widths and at >= done:
            for width in widths[char]:
                if plain[at : at + width] in words:
                    found.append((at, width))
                    done = at + width
                    break
    return found


def _digest(concepts: dict[str, str], spellings: dict[str, str]) -> str:
    """Equal for equal lexicons only, on any machine."""
    return hashlib.sha256(repr((sorted(concepts.items()), sorted(spellings.items()))).encode()).hexdigest()


def _variants(part: str) -> list[str]:
    words = (normalise(word) for word in re.split("[,，]", part))
    return [word for word in words if word and not word.endswith(MARKED)]


def _meant(misspelt: str, words: Iterable[str]) -> str:
    """The word a misspelling stands for: of the standard word and its synonyms the one most like it in length and letters."""
    return min(words, key=lambda word: (abs(len(word) - len(misspelt)), -len(set(word) & set(misspelt))))
