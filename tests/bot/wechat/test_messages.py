"""Every kind of message and event gets a sensible answer, or WeChat's silence; strangers are counted as strangers."""

from typing import Any

import pytest
from sqlmodel import select

from bot import wording
from bot.service import Service
from knowledge.tables import Question, QuestionOriginal, WeChatPush, WeChatUser
from tests.bot.wechat.conftest import ANSWERABLE, OPENID, UNANSWERABLE, Connect, FakeWeChat, Start, account, entry_of

MEDIA = {"MediaId": "eYJ1MbwPRJtOvIEabaxHs7TX2D"}
AUDIO = {**MEDIA, "Format": "amr"}


async def rows(service: Service, table: Any) -> list[Any]:
    async with service.database.reading() as session:
        return list((await session.exec(select(table))).all())


@pytest.mark.parametrize(
    ("kind", "more", "said"),
    [
        ("image", {"PicUrl": "http://mmbiz.qpic.cn/x/0", **MEDIA}, wording.WECHAT_MEDIA),
        ("video", MEDIA, wording.WECHAT_MEDIA),
        ("shortvideo", MEDIA, wording.WECHAT_MEDIA),
        ("voice", AUDIO, wording.WECHAT_VOICE),
        ("voice", {**AUDIO, "Recognition": ""}, wording.WECHAT_VOICE),
        ("voice", {**AUDIO, "Recognition": ANSWERABLE}, "答复由系统根据政策库自动给出"),
        ("location", {"Location_X": 37, "Location_Y": 122, "Scale": 20, "Label": "海滨中路56号"}, "拨打12329"),
        ("link", {"Title": "标题", "Url": "https://example.com/?a=1&b=2"}, wording.WECHAT_LINK),
        ("text", {"Content": ""}, wording.WECHAT_EMPTY),
        ("text", {"Content": "  \n\t "}, wording.WECHAT_EMPTY),
        ("text", {"Content": "\x7f\x85"}, wording.WECHAT_EMPTY),
        ("text", {"Content": "长" * 4000}, "留言太长：最多 3000 个字"),
    ],
)
async def test_messages(kind: str, more: dict[str, Any], said: str, wechat: FakeWeChat) -> None:
    answer = await wechat.push(wechat.message(kind, **more))
    assert answer.fields["MsgType"] == "text"
    assert said in answer.text


@pytest.mark.parametrize(
    ("name", "more", "said"),
    [
        ("subscribe", {"EventKey": ""}, "欢迎关注威海市住房公积金管理中心"),
        ("subscribe", {"EventKey": "qrscene_123", "Ticket": "T"}, "欢迎关注"),
        ("SCAN", {"EventKey": "123", "Ticket": "T"}, "欢迎关注"),
        ("CLICK", {"EventKey": "WHATEVER"}, wording.WECHAT_BUTTON),
        ("click", {"EventKey": "RATE"}, "答复由系统根据政策库自动给出"),
        (
            "scancode_waitmsg",
            {"EventKey": "k", "ScanCodeInfo": {"ScanType": "qrcode", "ScanResult": "2"}},
            "用文字提问",
        ),
    ],
)
async def test_events_that_are_answered(
    name: str, more: dict[str, Any], said: str, start: Start, connect: Connect
) -> None:
    wechat = await connect(await start(account(menu={"RATE": ANSWERABLE})))
    assert said in (await wechat.event(name, **more)).text


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("unsubscribe", {"EventKey": ""}),
        ("VIEW", {"EventKey": "https://example.com/", "MenuId": 1}),
        ("view_miniprogram", {"EventKey": "pages/index", "MenuId": 1}),
        ("LOCATION", {"Latitude": 23, "Longitude": 113, "Precision": 119}),
        ("location_select", {"EventKey": "k", "SendLocationInfo": {"Location_X": "23"}}),
        ("pic_weixin", {"EventKey": "k", "SendPicsInfo": {"Count": "1"}}),
        ("TEMPLATESENDJOBFINISH", {"MsgID": 200163836, "Status": "failed:user block"}),
        ("subscribe_msg_popup_event", {"SubscribeMsgPopupEvent": {"List": {"TemplateId": "V"}}}),
        ("kf_create_session", {"KfAccount": "test1@test"}),
        ("kf_close_session", {"KfAccount": "test1@test"}),
        ("kf_switch_session", {"FromKfAccount": "a@b", "ToKfAccount": "c@d"}),
    ],
)
async def test_events_that_are_taken_silently(
    name: str, more: dict[str, Any], wechat: FakeWeChat, service: Service
) -> None:
    assert (await wechat.event(name, **more)).acknowledged
    assert [push.kind for push in await rows(service, WeChatPush)] == [f"event.{name.lower()}"]


async def test_unknown_kinds_are_taken_silently_logged_and_counted(
    wechat: FakeWeChat, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await wechat.push(wechat.message("hologram", Foo="bar"))).acknowledged
    assert (await wechat.event("brand_new_event")).acknowledged
    pushes = await rows(service, WeChatPush)
    assert [push.kind for push in pushes] == ["unknown", "unknown"]
    assert [push.stranger for push in pushes] == ["hologram", "event.brand_new_event"]
    assert "hologram" in caplog.text


async def test_the_welcome_offers_the_operators_questions_as_links_where_menu_messages_are_allowed(
    start: Start, connect: Connect
) -> None:
    hot = ["租房提取能提多少？", '带"引号"&<尖括号>的问题']
    given = {"customer_messages": True, "secret": "s" * 32, "api_url": "http://127.0.0.1:9/"}
    wechat = await connect(await start(account(hot_questions=hot), account(name="sub", hot_questions=hot, **given)))
    assert "· 租房提取能提多少？" in (await wechat.event("subscribe")).text
    wechat.path = "/wechat/sub"
    text = (await wechat.event("subscribe")).text
    assert "msgmenucontent=租房提取能提多少？&msgmenuid=hot" in text
    assert "＂引号＂＆＜尖括号＞" in text


async def test_the_welcome_counts_what_was_answered_most(wechat: FakeWeChat) -> None:
    await wechat.say(ANSWERABLE)
    text = (await wechat.event("subscribe")).text
    assert text.endswith(f"{wording.WECHAT_HOT}\n· {ANSWERABLE}")


async def test_a_menu_button_may_stand_for_an_entry(wechat: FakeWeChat, service: Service) -> None:
    key = entry_of(service, ANSWERABLE).key
    assert wording.AUTOMATIC in (await wechat.event("CLICK", EventKey=key)).text


async def test_what_a_citizen_writes_is_never_a_link_in_an_answer(wechat: FakeWeChat) -> None:
    answer = await wechat.say('a]]></Content><Content><![CDATA[<a href="https://evil.example">点我</a>')
    assert answer.status in (200, 400)
    assert "evil" not in answer.text


async def test_unsubscribing_removes_what_is_personal_and_keeps_the_counts(
    wechat: FakeWeChat, service: Service
) -> None:
    await wechat.event("subscribe")
    await wechat.say(f"{UNANSWERABLE}，我的手机 13812345678")
    await wechat.say(f"{UNANSWERABLE}，手机 13812345679", "oSomebodyElse000000000000001")
    assert len(await rows(service, QuestionOriginal)) == 2
    assert (await wechat.event("unsubscribe")).acknowledged
    assert [user.openid for user in await rows(service, WeChatUser)] == ["oSomebodyElse000000000000001"]
    assert [original.text for original in await rows(service, QuestionOriginal)] == [
        f"{UNANSWERABLE}，手机 13812345679"
    ]
    assert (await rows(service, Question))[0].text.endswith("138****5678")
    assert len(await rows(service, WeChatPush)) == 4


async def test_no_table_but_that_of_followers_holds_an_openid(wechat: FakeWeChat, service: Service) -> None:
    await wechat.event("subscribe")
    await wechat.say(UNANSWERABLE)
    for table in (Question, WeChatPush):
        assert OPENID not in repr([row.model_dump() for row in await rows(service, table)])
