"""The one list of settings: each with its meaning, from environment variables, secret files and one TOML file.

A setting `name` is the variable `ZHENGWEN_NAME`; a secret may stand in a file named by `ZHENGWEN_NAME_FILE`; the same
names stand in `zhengwen.toml` in the data folder (or the file named by `ZHENGWEN_CONFIG`). The environment wins.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from knowledge.channel_settings import AppAccount, WeChatAccount, checked_base
from knowledge.errors import SettingsError, in_chinese
from knowledge.staff_settings import StaffSettings
from knowledge.vocabulary import LogFormat

PREFIX = "ZHENGWEN_"
CONFIG_NAME = "zhengwen.toml"
SECRET_MIN_LENGTH = 32


class Settings(StaffSettings, BaseSettings):
    """Every setting. Unknown names are refused, so that a typing error is never silently a default."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    data: Path = Field(default=Path("var"), description="数据文件夹：数据库、密钥、附件都在这里。")
    database_url: SecretStr | None = Field(
        default=None,
        description="PostgreSQL 地址，如 postgresql://user:password@host/db；不填则用数据文件夹里的 SQLite。",
    )
    secret_key: SecretStr | None = Field(
        default=None, description="签名用密钥，至少 32 个字符；不填则首次启动时生成并存入数据文件夹。"
    )
    public_host: str = Field(default="0.0.0.0", description="公众网站监听的地址。")  # noqa: S104 the public site is for everybody
    public_port: int = Field(default=8080, ge=0, le=65535, description="公众网站端口；0 由系统选一个。")
    staff_host: str = Field(default="127.0.0.1", description="工作人员网站监听的地址；默认只对本机开放。")
    staff_port: int = Field(default=8081, ge=0, le=65535, description="工作人员网站端口；0 由系统选一个。")
    public_url: str = Field(
        default="http://localhost:8080", description="公众访问的网址，用在链接和台账里，结尾不带斜杠。"
    )
    proxies: int = Field(
        default=0, ge=0, le=5, description="前面反向代理的层数；据此从 X-Forwarded-For 里取来访者的真实地址。"
    )
    behind_tls: bool = Field(
        default=False, description="前面有 HTTPS 反向代理时设为 true：Cookie 加 Secure 并发送 HSTS。"
    )
    office_name: str = Field(default="本中心", min_length=1, description="单位全称，用在页面和年度报告里。")
    office_self: str = Field(default="我中心", min_length=1, description="单位自称，全部文稿统一用它。")
    office_address: str = Field(default="", description="单位地址，写入年度报告。")
    office_phone: str = Field(default="", description="信息公开联系电话，写入年度报告。")
    office_site: str = Field(default="", description="单位官网地址。")
    portal_name: str = Field(default="", description="政府门户网站名称，写入年度报告。")
    portal_site: str = Field(default="", description="政府门户网站地址，写入年度报告。")
    office_hours: str = Field(default="", description="窗口和热线的服务时间，如“工作日 8:30—17:00”，写在公众网站上。")
    office_wechat: str = Field(default="", description="微信公众号的名称，写在公众网站上；不填则不列。")
    report_font_dir: str = Field(
        default="", description="存放中文字体文件的文件夹，输出 PDF 年度报告时先在这里找；空着就只用系统的字体。"
    )
    hotline: str = Field(default="12329", description="服务热线，告诉需要人工的群众。")
    region: str = Field(default="", description="本地地名，如“威海”；其他地方的条目不会自动答复。")
    reply_working_days: int = Field(default=5, ge=1, le=60, description="人工答复期限（工作日）。")
    warn_working_days: int = Field(default=2, ge=0, le=30, description="离办理期限还剩几个工作日时，在列表里提醒。")
    review_levels: int = Field(
        default=1, ge=1, le=3, description="答复发出前经几道手：1 拟稿人直接发出，2 拟稿、审核，3 拟稿、审核、签发。"
    )
    review_risk_levels: int | None = Field(
        default=None,
        ge=1,
        le=3,
        description="紧急、投诉举报、涉及法律和钱的留言经几道手；不填时，上一项为 1 的照 1，其余的多一道。",
    )
    max_question_chars: int = Field(default=3000, ge=100, le=20000, description="一条留言最多的字数。")
    target_precision: float = Field(
        default=0.98, gt=0.5, lt=1, description="自动答复要达到的正确率；达不到就只答完全相同的问题。"
    )
    provisional_answers: bool = Field(
        default=False,
        description="带标注的问题太少、还证明不了目标正确率时，是否按暂定门槛自动答复；默认只答完全相同的问题，其余请网友选择。",
    )
    questions_per_minute: int = Field(default=30, ge=1, description="同一来源每分钟最多提交的留言数。")
    searches_per_minute: int = Field(default=240, ge=1, description="同一来源每分钟最多查找的次数，边输入边提示也算。")
    form_seconds_min: int = Field(
        default=2, ge=0, le=60, description="打开提问页面后最快几秒可以提交，用来挡住自动灌水；0 为不限。"
    )
    lookup_failures_per_hour: int = Field(default=20, ge=1, description="同一来源或同一编号每小时最多输错的次数。")

    log_format: LogFormat = Field(
        default=LogFormat.TEXT, description="日志的样子：text 给人看，json 一行一个对象、给日志系统收。"
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        description="读 /metrics（在工作人员网站的端口上）要带的 Bearer 令牌，至少 16 个字符；不填则只有本机能读。",
    )
    applications_online: bool = Field(
        default=False,
        description="是否在公众网站上受理政府信息公开申请；默认不受理，页面只列出其他渠道。开通要先向社会公布，见 docs/cases.md。",
    )
    applications_channels: str = Field(
        default="", description="政府信息公开申请的其他受理渠道（当面、邮寄等的地址、电话和时间），一行一条。"
    )
    applications_keep_days: int = Field(
        default=1095,
        ge=180,
        description="申请办完、复议和诉讼审结以后，申请人信息和附件再保存多少天；到期由 zhengwen cases forget 清除。",
    )

    embeddings_url: str = Field(
        default="",
        description="内网向量服务的地址（兼容 OpenAI 的 /v1），如 http://10.0.0.5:8000/v1；不填则不用，见 docs/engine.md。",
    )
    embeddings_model: str = Field(
        default="", max_length=200, validate_default=True, description="向量服务里的模型名称；填了地址就必须填。"
    )
    embeddings_key: SecretStr | None = Field(default=None, description="向量服务的密钥；服务不要密钥就不填。")
    embeddings_timeout_ms: int = Field(
        default=300, ge=50, le=3000, description="为一条留言最多等向量服务多少毫秒；等不到就照没有它时一样答复。"
    )

    wechat: tuple[WeChatAccount, ...] = Field(
        default=(), description="微信公众号，每个账号一段 [[wechat]]，只能写在设置文件里，见 docs/wechat.md。"
    )

    app: tuple[AppAccount, ...] = Field(
        default=(), description="本单位的手机APP，每个应用一段 [[app]]，只能写在设置文件里，见 docs/app.md。"
    )

    @field_validator("wechat", "app", mode="before")
    @classmethod
    def _only_in_the_file(cls, value: object, info: ValidationInfo) -> object:
        if isinstance(value, str):
            name = info.field_name
            raise ValueError(f"这一项只能写在设置文件 zhengwen.toml 的 [[{name}]] 里，见 docs/{name}.md")
        return value

    @field_validator("wechat")
    @classmethod
    def _names_differ(cls, value: tuple[WeChatAccount, ...]) -> tuple[WeChatAccount, ...]:
        if len({account.name for account in value}) < len(value):
            raise ValueError("两个公众号用了同一个 name，请改成不同的")
        return value

    @field_validator("app")
    @classmethod
    def _apps_differ(cls, value: tuple[AppAccount, ...]) -> tuple[AppAccount, ...]:
        if len({app.name for app in value}) < len(value):
            raise ValueError("两个应用用了同一个 name，请改成不同的")
        if len({app.secret.get_secret_value() for app in value}) < len(value):
            raise ValueError("两个应用用了同一个 secret，请各用各的")
        return value

    @field_validator("database_url")
    @classmethod
    def _postgresql_only(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not value.get_secret_value().startswith(("postgresql://", "postgresql+asyncpg://", "postgres://")):
            raise ValueError("只支持 postgresql:// 开头的地址；用 SQLite 时不要填写")
        return value

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value and len(value.get_secret_value()) < SECRET_MIN_LENGTH:
            raise ValueError(f"密钥至少要 {SECRET_MIN_LENGTH} 个字符；可以用 openssl rand -hex 32 生成")
        return value

    @field_validator("metrics_token")
    @classmethod
    def _no_guess(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not re.fullmatch(r"[!-~]{16,}", value.get_secret_value()):
            raise ValueError("令牌至少要 16 个字符，只用英文字母、数字和符号；可以用 openssl rand -hex 32 生成")
        return value

    @field_validator("public_url")
    @classmethod
    def _plain_address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("要以 http:// 或 https:// 开头")
        return value.rstrip("/")

    @field_validator("embeddings_url")
    @classmethod
    def _base_of_endpoint(cls, value: str) -> str:
        return checked_base(value) if value else ""

    @field_validator("embeddings_model")
    @classmethod
    def _model_with_endpoint(cls, value: str, info: ValidationInfo) -> str:
        url = info.data.get("embeddings_url")  # absent where it was refused itself
        if url and not value.strip():
            raise ValueError("填了向量服务地址 ZHENGWEN_EMBEDDINGS_URL，就要填模型名称")
        if url == "" and value:
            raise ValueError("没有填向量服务地址 ZHENGWEN_EMBEDDINGS_URL，请补上，或把这一项也去掉")
        return value.strip()

    @field_validator("embeddings_key")
    @classmethod
    def _key_with_endpoint(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value and not re.fullmatch(r"[!-~]+", value.get_secret_value()):
            raise ValueError("密钥只能是英文字母、数字和符号，中间不能有空格或换行")
        if value and info.data.get("embeddings_url") == "":
            raise ValueError("没有填向量服务地址 ZHENGWEN_EMBEDDINGS_URL，请补上，或把这一项也去掉")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first (the loader puts the TOML file and secret files there), nothing from a stray `.env`."""
        return (init_settings,)

    @property
    def database_file(self) -> Path:
        """Where SQLite keeps the data when no PostgreSQL is set."""
        return self.data / "zhengwen.db"


def secret_names() -> list[str]:
    """Settings that are secrets, and may therefore stand in a file of their own."""
    return [name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)]


def load(environment: Mapping[str, str] = os.environ, **overrides: Any) -> Settings:
    """Read all sources, refuse what is unknown or unsafe, and say so in one Chinese sentence (SettingsError)."""
    values = _from_environment(environment)
    data = Path(str(overrides.get("data") or values.get("data") or Settings.model_fields["data"].default))
    config = Path(environment.get(f"{PREFIX}CONFIG", str(data / CONFIG_NAME)))
    merged = {**_from_toml(config, required=f"{PREFIX}CONFIG" in environment), **values, **overrides}
    try:
        return Settings(**merged)
    except ValidationError as error:
        raise SettingsError(_explain(error)) from None


def _from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    known, files = set(Settings.model_fields), {f"{name}_file": name for name in secret_names()}
    values: dict[str, str] = {}
    for variable in sorted(environment):
        name = variable.removeprefix(PREFIX).lower()
        if not variable.startswith(PREFIX) or name == "config":
            continue
        if name in known:
            values[name] = environment[variable]
        elif name in files:
            values[files[name]] = _read_secret(variable, Path(environment[variable]))
        else:
            raise SettingsError(f"不认识环境变量 {variable}。请检查拼写；全部设置见 docs/settings.md。")
    return values


def _read_secret(variable: str, path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{variable} 指向的文件 {path} 读不出来（{error.strerror}）。请检查路径和权限。") from None
    except UnicodeDecodeError:
        raise SettingsError(
            f"{variable} 指向的文件 {path} 不是 UTF-8 文本。请改放文本，如 openssl rand -hex 32。"
        ) from None


def _from_toml(path: Path, *, required: bool) -> dict[str, Any]:
    if not path.exists():
        if required:
            raise SettingsError(f"{PREFIX}CONFIG 指向的文件 {path} 不存在。请检查路径，或不设这个变量。")
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"设置文件 {path} 写法有误：{error}") from None
    except OSError as error:
        raise SettingsError(f"设置文件 {path} 读不出来（{error.strerror}）。请检查路径和权限。") from None


def _explain(error: ValidationError) -> str:
    lines = []
    for fault in error.errors():
        name = ".".join(str(part) for part in fault["loc"])
        reason = "没有这项设置，请检查拼写" if fault["type"] == "extra_forbidden" else in_chinese(fault)
        lines.append(f"{PREFIX}{name.upper()}（{name}）：{reason}")
    return "设置有误，服务没有启动：\n  " + "\n  ".join(lines) + "\n全部设置见 docs/settings.md。"
