"""An echo bot in safe mode with WeRoBot, after the example in its documentation (加解密); without sessions, its fastest."""

import os

import werobot
from flask import Flask
from werobot.contrib.flask import make_view

robot = werobot.WeRoBot(
    token=os.environ["PEER_TOKEN"],
    encoding_aes_key=os.environ["PEER_KEY"],
    app_id=os.environ["PEER_APPID"],
    enable_session=False,
)


@robot.text  # type: ignore[untyped-decorator]
def echo(message: werobot.messages.messages.TextMessage) -> str:
    """Say the same words back."""
    return str(message.content)


app = Flask(__name__)
app.add_url_rule("/wechat", endpoint="werobot", view_func=make_view(robot), methods=["GET", "POST"])
