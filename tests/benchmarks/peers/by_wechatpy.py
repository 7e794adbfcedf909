"""An echo bot in safe mode with wechatpy and Flask, after the example in wechatpy's documentation (公众号 加密模式)."""

import os

from flask import Flask, abort, request
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException, InvalidSignatureException
from wechatpy.replies import TextReply
from wechatpy.utils import check_signature

TOKEN, KEY, APPID = (os.environ[name] for name in ("PEER_TOKEN", "PEER_KEY", "PEER_APPID"))
app = Flask(__name__)


@app.post("/wechat")  # type: ignore[untyped-decorator]
def wechat() -> str:
    """Check, decrypt, say the same words back, encrypt."""
    stamp, nonce = request.args["timestamp"], request.args["nonce"]
    crypto = WeChatCrypto(TOKEN, KEY, APPID)
    try:
        check_signature(TOKEN, request.args["signature"], stamp, nonce)
        opened = crypto.decrypt_message(request.data, request.args["msg_signature"], stamp, nonce)
    except (InvalidSignatureException, InvalidAppIdException):
        abort(403)
    message = parse_message(opened)
    reply = TextReply(content=message.content, message=message).render()
    return str(crypto.encrypt_message(reply, nonce, stamp))
