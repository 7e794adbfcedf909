"""Each way a message may go, said in WeChat."""

import pytest

from tests.bot.test_routing import SAID
from tests.bot.wechat.conftest import FakeWeChat


@pytest.mark.parametrize(("text", "reason", "words"), SAID)
async def test_wechat_says_the_sentence_of_the_class(wechat: FakeWeChat, text: str, reason: str, words: str) -> None:
    said = (await wechat.say(text)).text
    assert words in said, reason
    assert len(said.encode()) <= 2047
