"""The settings of people and access at the staff desk: who publishes, the second factor, how long a session lasts."""

from pydantic import BaseModel, Field, ValidationInfo, field_validator

from knowledge.vocabulary import Publishing, Role, SecondFactorRule


class StaffSettings(BaseModel):
    """A part of the one list of settings."""

    publishing: Publishing = Field(
        default=Publishing.ANYONE,
        description="谁可以发出答复、办结、公开到留言板：anyone 经办人员也可以，reviewers 只有审核、签发和管理员。",
    )
    second_factor: SecondFactorRule = Field(
        default=SecondFactorRule.OPTIONAL,
        description="工作人员登录时的动态验证码：off 不用，optional 本人可以自己开通，required 必须开通。见 docs/people.md。",
    )
    second_factor_roles: str = Field(
        default="",
        description="second_factor 为 required 时必须开通的角色，用逗号分开，如 administrator,auditor；不填则人人必须。",
    )
    idle_minutes: int = Field(
        default=60, ge=0, le=1440, description="工作人员多少分钟没有操作就要重新登录；0 不限，只看 session_hours。"
    )
    session_hours: int = Field(default=8, ge=1, le=24, description="工作人员登录后保持的小时数。")

    @field_validator("second_factor_roles")
    @classmethod
    def _roles_there_are(cls, value: str, info: ValidationInfo) -> str:
        if value and info.data.get("second_factor") is not SecondFactorRule.REQUIRED:
            raise ValueError('只在 second_factor = "required" 时有用，请一起填写，或把这一项去掉')
        unknown = {word.strip() for word in value.split(",") if word.strip()} - set(Role)
        if unknown:
            raise ValueError(f"没有角色 {'、'.join(sorted(unknown))}；可以填 {'、'.join(Role)}")
        return value
