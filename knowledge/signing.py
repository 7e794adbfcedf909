"""The key that passwords of questions, cookies of forms and digests of users come from; made once, never defaulted."""

import os
import secrets
import tempfile
from pathlib import Path

from knowledge.errors import SettingsError
from knowledge.settings import SECRET_MIN_LENGTH, Settings


def secret_key(settings: Settings) -> bytes:
    """The key all signatures come from: the setting, else one made at first start and kept readable to the owner only."""
    if settings.secret_key:
        return settings.secret_key.get_secret_value().encode()
    path = settings.data / "secrets" / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_once(path, secrets.token_hex(32))
    key = path.read_text("utf-8").strip()
    if len(key) < SECRET_MIN_LENGTH:
        raise SettingsError(f"密钥文件 {path} 太短或为空。请从备份恢复它；没有备份时删除它再启动，旧查询密码将失效。")
    return key.encode()


def _write_once(path: Path, text: str) -> None:
    """Two processes may start at once: the first to link its file wins, the other reads that one."""
    # Not named by the process number: in containers all are number 1, and a leftover of a crash would bar the next start.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix="new-")  # readable to the owner only
    mine = Path(name)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(mine, path)
    except FileExistsError:
        pass
    finally:
        mine.unlink()
