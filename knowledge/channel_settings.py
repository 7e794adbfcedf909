"""Settings of channels that need more than one value each: a WeChat official account is one `[[wechat]]` of the file,
an app of the office one `[[app]]`.

Every secret may stand in a file of its own: `token_file` beside `token`, and so on. Nothing secret has a default.
"""

import base64
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from knowledge.vocabulary import WeChatMode, WeChatTransfer

SECRETS = ("token", "aes_key", "previous_aes_key", "secret")
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
APPID = re.compile(r"[A-Za-z0-9_-]{6,64}")
TOKEN = re.compile(r"[A-Za-z0-9]{3,32}")
AES_KEY = re.compile(r"[A-Za-z0-9+/]{43}")
APP_SECRETS = ("secret", "previous_secret")
APP_SECRET = re.compile(r"[!-~]{32,256}")
APP_SECRET_KINDS_MIN = 8
OFFICIAL_API = "https://api.weixin.qq.com"


class WeChatAccount(BaseModel):
    """One official account 公众号, as its console (设置与开发 → 基本配置) shows it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(description="本服务里的名称，用在回调地址 /wechat/名称；小写字母、数字、连字符。")
    appid: str = Field(description="开发者ID(AppID)。")
    token: SecretStr = Field(description="令牌(Token)，3 到 32 位字母或数字。")
    aes_key: SecretStr | None = Field(default=None, description="消息加解密密钥(EncodingAESKey)，43 位；明文模式不填。")
    previous_aes_key: SecretStr | None = Field(default=None, description="更换密钥前的那一个，换完一天后删去。")
    secret: SecretStr | None = Field(default=None, description="开发者密码(AppSecret)，发客服消息和改菜单时要用。")
    mode: WeChatMode = Field(
        default=WeChatMode.SAFE, description="消息加解密方式：safe 安全（默认）、compatible 兼容、plain 明文。"
    )
    customer_messages: bool = Field(default=False, description="账号是否有客服消息权限（已认证）。")
    transfer: WeChatTransfer = Field(
        default=WeChatTransfer.NEVER,
        description="转人工的消息是否交给微信自带的客服：never 不交（默认）、person 只交要求人工的、all 都交。",
    )
    original_id: str = Field(default="", description="原始ID（gh_ 开头）；填了就拒绝发给别的账号的推送。")
    api_url: str = Field(default=OFFICIAL_API, description="微信接口地址，演练时可改为本机的替身。")
    menu: dict[str, str] = Field(default_factory=dict, description="自定义菜单的 key 对应的问题。")
    hot_questions: tuple[str, ...] = Field(
        default=(), max_length=8, description="关注时列出的热门问题；不填则按近期答复次数。"
    )

    @model_validator(mode="before")
    @classmethod
    def _secrets_from_files(cls, given: Any) -> Any:
        return _with_files(given, SECRETS)

    @field_validator("name")
    @classmethod
    def _short_name(cls, value: str) -> str:
        return _matching(NAME, value, "只能用小写字母、数字和连字符，最多 32 个")

    @field_validator("appid")
    @classmethod
    def _plain_appid(cls, value: str) -> str:
        return _matching(APPID, value, "看起来不是 AppID（如 wx1234567890abcdef）")

    @field_validator("token")
    @classmethod
    def _console_token(cls, value: SecretStr) -> SecretStr:
        _matching(TOKEN, value.get_secret_value(), "要是 3 到 32 位字母或数字，与公众号后台一致")
        return value

    @field_validator("aes_key", "previous_aes_key")
    @classmethod
    def _key_of_43(cls, value: SecretStr | None) -> SecretStr | None:
        if value:
            _matching(AES_KEY, value.get_secret_value(), "要是 43 位字母或数字，与公众号后台一致")
        return value

    @field_validator("api_url")
    @classmethod
    def _address(cls, value: str) -> str:
        return _safe_address(value).rstrip("/")

    @model_validator(mode="after")
    def _complete(self) -> "WeChatAccount":
        if self.mode is not WeChatMode.PLAIN and not self.aes_key:
            raise ValueError("安全模式和兼容模式要填 aes_key；只有明文模式（plain，不推荐）可以不填")
        if self.customer_messages and not self.secret:
            raise ValueError("有客服消息权限时要填 secret（AppSecret）")
        return self


class AppAccount(BaseModel):
    """One app of the office's own that asks for its users, over signed requests (docs/app.md)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(description="本服务里的名称，用在地址 /app/名称；小写字母、数字、连字符。")
    secret: SecretStr = Field(
        description="与应用共用的签名密钥，32 到 256 个英文字符；可以用 openssl rand -hex 32 生成。"
    )
    previous_secret: SecretStr | None = Field(default=None, description="更换密钥前的那一个，应用换完后删去。")
    callback_url: str = Field(
        default="", description="工作人员答复后通知应用的地址；不填就不通知，由应用自己来取。只从这里读，不听请求的。"
    )
    requests_per_minute: int = Field(
        default=600, ge=1, le=100_000, description="这个应用每分钟最多的请求数（所有用户合计）。"
    )
    may_record: bool = Field(default=False, description="这个应用可否登记公开台账（docs/ledger.md）。")

    @model_validator(mode="before")
    @classmethod
    def _secrets_from_files(cls, given: Any) -> Any:
        return _with_files(given, APP_SECRETS)

    @field_validator("name")
    @classmethod
    def _short_name(cls, value: str) -> str:
        return _matching(NAME, value, "只能用小写字母、数字和连字符，最多 32 个")

    @field_validator("secret", "previous_secret")
    @classmethod
    def _long_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:  # an empty secret is false, and must be refused like any other short one
            plain = value.get_secret_value()
            _matching(APP_SECRET, plain, "要是 32 到 256 个英文字母、数字或符号；可以用 openssl rand -hex 32 生成")
            if len(set(plain)) < APP_SECRET_KINDS_MIN:
                raise ValueError("太容易猜到；请用 openssl rand -hex 32 生成")
        return value

    @field_validator("callback_url")
    @classmethod
    def _address(cls, value: str) -> str:
        return _safe_address(value) if value else ""

    @model_validator(mode="after")
    def _secrets_differ(self) -> "AppAccount":
        if self.secret == self.previous_secret:
            raise ValueError("previous_secret 和 secret 相同；没有更换密钥时不要填 previous_secret")
        return self


def checked_base(value: str) -> str:
    """The base address of a service on the intranet, without a slash at its end; ValueError says what is wrong."""
    try:
        parts = urlsplit(value)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or re.search(r"\s", value):
        raise ValueError("要是完整的 http:// 或 https:// 地址，如 http://10.0.0.5:8000/v1")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("地址里不能带用户名、密码、? 或 #；密钥请填在 ZHENGWEN_EMBEDDINGS_KEY")
    if parts.path.rstrip("/").endswith("/embeddings"):
        raise ValueError("只填到 /v1 为止，结尾的 /embeddings 由服务自己加")
    return value.rstrip("/")


def decoded_key(value: SecretStr) -> bytes:
    """The 32 bytes behind 43 letters; two spare bits of the last letter may be set, so no strict decoder."""
    return base64.b64decode(value.get_secret_value() + "=")


def _matching(pattern: re.Pattern[str], value: str, sentence: str) -> str:
    if not pattern.fullmatch(value):
        raise ValueError(sentence)
    return value


def _with_files(given: Any, secrets: tuple[str, ...]) -> Any:
    """Read `token_file` and its like; the value itself and a file at once is a contradiction."""
    if not isinstance(given, dict):
        return given
    values = dict(given)
    for name in secrets:
        path = values.pop(f"{name}_file", None)
        if path is None:
            continue
        if name in values:
            raise ValueError(f"{name} 和 {name}_file 只能填一个")
        values[name] = _read(f"{name}_file", Path(str(path)))
    return values


def _safe_address(value: str) -> str:
    """An address that nobody on the way can read along; on this machine there is no way."""
    try:
        parts = urlsplit(value)
        local = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost"}
        sound = (local or parts.scheme == "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or re.search(r"\s", value):
        raise ValueError("要以 https:// 开头（只有本机可以用 http://）")
    if "@" in parts.netloc or parts.fragment:
        raise ValueError("地址里不能带用户名、密码或 #")
    return value


def _read(name: str, path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{name} 指向的文件 {path} 读不出来（{type(error).__name__}），请检查路径和权限") from None
