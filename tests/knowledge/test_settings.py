"""Settings: where they come from, what is refused, and what a refusal says."""

import stat
import threading
from pathlib import Path

import pytest

from knowledge import settings, signing
from knowledge.errors import SettingsError

LONG = "k" * settings.SECRET_MIN_LENGTH


def refusal(environment: dict[str, str], data: Path) -> str:
    with pytest.raises(SettingsError) as caught:
        settings.load(environment, data=data)
    return str(caught.value)


def test_defaults_hold_where_nothing_is_set(tmp_path: Path) -> None:
    chosen = settings.load({}, data=tmp_path)
    assert (chosen.public_port, chosen.staff_port, chosen.staff_host) == (8080, 8081, "127.0.0.1")
    assert chosen.database_url is None
    assert chosen.database_file == tmp_path / "zhengwen.db"


def test_environment_gives_a_setting(tmp_path: Path) -> None:
    environment = {"ZHENGWEN_PUBLIC_PORT": "9001", "ZHENGWEN_DATA": str(tmp_path), "PATH": "/bin", "PUBLIC_PORT": "1"}
    chosen = settings.load(environment)
    assert (chosen.public_port, chosen.data) == (9001, tmp_path)


def test_toml_file_in_the_data_folder_gives_a_setting(tmp_path: Path) -> None:
    (tmp_path / "zhengwen.toml").write_text('region = "威海"\nproxies = 2\nbehind_tls = true\n', "utf-8")
    chosen = settings.load({"ZHENGWEN_DATA": str(tmp_path)})
    assert (chosen.region, chosen.proxies, chosen.behind_tls) == ("威海", 2, True)


def test_named_toml_file_takes_the_place_of_the_one_in_the_data_folder(tmp_path: Path) -> None:
    (tmp_path / "zhengwen.toml").write_text("proxies = 1\n", "utf-8")
    other = tmp_path / "other.toml"
    other.write_text("staff_port = 9100\n", "utf-8")
    chosen = settings.load({"ZHENGWEN_CONFIG": str(other)}, data=tmp_path)
    assert (chosen.proxies, chosen.staff_port) == (0, 9100)


def test_environment_wins_over_toml_and_arguments_win_over_both(tmp_path: Path) -> None:
    (tmp_path / "zhengwen.toml").write_text("public_port = 1001\nstaff_port = 1001\nproxies = 1\n", "utf-8")
    environment = {"ZHENGWEN_PUBLIC_PORT": "2002", "ZHENGWEN_STAFF_PORT": "2002"}
    chosen = settings.load(environment, data=tmp_path, public_port=3003)
    assert (chosen.public_port, chosen.staff_port, chosen.proxies) == (3003, 2002, 1)


def test_secrets_are_read_from_files_without_the_line_end(tmp_path: Path) -> None:
    key, url = tmp_path / "key", tmp_path / "url"
    key.write_text(LONG + "\n", "utf-8")
    url.write_text("postgresql://user:word@host/db\n", "utf-8")
    environment = {"ZHENGWEN_SECRET_KEY_FILE": str(key), "ZHENGWEN_DATABASE_URL_FILE": str(url)}
    chosen = settings.load(environment, data=tmp_path)
    assert signing.secret_key(chosen) == LONG.encode()
    assert chosen.database_url
    assert chosen.database_url.get_secret_value() == "postgresql://user:word@host/db"


def test_secret_file_wins_over_toml(tmp_path: Path) -> None:
    (tmp_path / "zhengwen.toml").write_text(f'secret_key = "{"t" * 40}"\n', "utf-8")
    (tmp_path / "key").write_text(LONG, "utf-8")
    chosen = settings.load({"ZHENGWEN_SECRET_KEY_FILE": str(tmp_path / "key")}, data=tmp_path)
    assert signing.secret_key(chosen) == LONG.encode()


def test_only_secrets_may_stand_in_files_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "region").write_text("威海", "utf-8")
    sentence = refusal({"ZHENGWEN_REGION_FILE": str(tmp_path / "region")}, tmp_path)
    assert "ZHENGWEN_REGION_FILE" in sentence


def test_empty_database_address_means_sqlite(tmp_path: Path) -> None:
    chosen = settings.load({"ZHENGWEN_DATABASE_URL": "", "ZHENGWEN_SECRET_KEY": ""}, data=tmp_path)
    assert not chosen.database_url
    assert len(signing.secret_key(chosen)) >= settings.SECRET_MIN_LENGTH


@pytest.mark.parametrize(
    ("environment", "named", "advice"),
    [
        ({"ZHENGWEN_PUBLIC_PROT": "1"}, "ZHENGWEN_PUBLIC_PROT", "检查拼写"),
        ({"ZHENGWEN_SECRET_KEY": "short"}, "ZHENGWEN_SECRET_KEY", "至少要 32 个字符"),
        ({"ZHENGWEN_PUBLIC_PORT": "70000"}, "ZHENGWEN_PUBLIC_PORT", "不能大于 65535"),
        ({"ZHENGWEN_STAFF_PORT": "-1"}, "ZHENGWEN_STAFF_PORT", "不能小于 0"),
        ({"ZHENGWEN_PUBLIC_PORT": "eighty"}, "ZHENGWEN_PUBLIC_PORT", "要填整数"),
        ({"ZHENGWEN_BEHIND_TLS": "maybe"}, "ZHENGWEN_BEHIND_TLS", "只能填 true 或 false"),
        ({"ZHENGWEN_TARGET_PRECISION": "1"}, "ZHENGWEN_TARGET_PRECISION", "要小于 1"),
        ({"ZHENGWEN_TARGET_PRECISION": "0.5"}, "ZHENGWEN_TARGET_PRECISION", "要大于 0.5"),
        ({"ZHENGWEN_TARGET_PRECISION": "high"}, "ZHENGWEN_TARGET_PRECISION", "要填数字"),
        ({"ZHENGWEN_OFFICE_NAME": ""}, "ZHENGWEN_OFFICE_NAME", "不能空着"),
        ({"ZHENGWEN_DATABASE_URL": "mysql://u:word@h/d"}, "ZHENGWEN_DATABASE_URL", "只支持 postgresql://"),
        ({"ZHENGWEN_DATABASE_URL": "sqlite:///x.db"}, "ZHENGWEN_DATABASE_URL", "只支持 postgresql://"),
        ({"ZHENGWEN_PUBLIC_URL": "ftp://x"}, "ZHENGWEN_PUBLIC_URL", "http:// 或 https://"),
        ({"ZHENGWEN_CONFIG": "/nowhere/z.toml"}, "ZHENGWEN_CONFIG", "不存在"),
        ({"ZHENGWEN_SECRET_KEY_FILE": "/nowhere/key"}, "ZHENGWEN_SECRET_KEY_FILE", "读不出来"),
    ],
)
def test_refusal_names_the_variable_and_what_to_do(
    environment: dict[str, str], named: str, advice: str, tmp_path: Path
) -> None:
    sentence = refusal(environment, tmp_path)
    assert named in sentence
    assert advice in sentence
    assert "docs/settings.md" in sentence or "请检查" in sentence


def test_all_wrong_settings_are_named_at_once(tmp_path: Path) -> None:
    sentence = refusal({"ZHENGWEN_PUBLIC_PORT": "x", "ZHENGWEN_PROXIES": "9"}, tmp_path)
    assert "ZHENGWEN_PUBLIC_PORT" in sentence
    assert "ZHENGWEN_PROXIES" in sentence


def test_refusal_does_not_repeat_a_secret(tmp_path: Path) -> None:
    environment = {"ZHENGWEN_SECRET_KEY": "tooshortsecret", "ZHENGWEN_DATABASE_URL": "mysql://user:pass-word@host/db"}
    sentence = refusal(environment, tmp_path)
    assert "tooshortsecret" not in sentence
    assert "pass-word" not in sentence


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        ("public_prot = 1\n", "public_prot"),
        ("[server]\nport = 1\n", "server"),
        ("public_port = \n", "zhengwen.toml"),
        ("public_port = 70000\n", "不能大于 65535"),
    ],
)
def test_fault_in_the_toml_file_is_refused(toml: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "zhengwen.toml").write_text(toml, "utf-8")
    assert expected in refusal({}, tmp_path)


def test_toml_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "zhengwen.toml").write_bytes('region = "威海"'.encode("gbk"))
    assert "zhengwen.toml" in refusal({}, tmp_path)


def test_folder_in_the_place_of_the_toml_file_is_refused(tmp_path: Path) -> None:
    assert "读不出来" in refusal({"ZHENGWEN_CONFIG": str(tmp_path)}, tmp_path)


def test_secret_file_of_random_bytes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(bytes(range(128, 192)))
    sentence = refusal({"ZHENGWEN_SECRET_KEY_FILE": str(tmp_path / "key")}, tmp_path)
    assert "ZHENGWEN_SECRET_KEY_FILE" in sentence
    assert "UTF-8" in sentence


def test_secret_key_is_made_once_and_readable_to_the_owner_only(tmp_path: Path) -> None:
    chosen = settings.load({}, data=tmp_path)
    first = signing.secret_key(chosen)
    file = tmp_path / "secrets" / "secret_key"
    assert len(first) >= settings.SECRET_MIN_LENGTH
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert signing.secret_key(settings.load({}, data=tmp_path)) == first
    assert [found.name for found in file.parent.iterdir()] == ["secret_key"]


def test_two_data_folders_have_different_keys(tmp_path: Path) -> None:
    one, two = (settings.load({}, data=tmp_path / name) for name in ("one", "two"))
    assert signing.secret_key(one) != signing.secret_key(two)


def test_many_starting_at_once_agree_on_one_key(tmp_path: Path) -> None:
    """Threads share a process number, as processes in containers do."""
    chosen = settings.load({}, data=tmp_path)
    gate, keys = threading.Barrier(8), []

    def start() -> None:
        gate.wait()
        keys.append(signing.secret_key(chosen))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1
    assert [found.name for found in (tmp_path / "secrets").iterdir()] == ["secret_key"]


def test_damaged_key_file_is_refused_and_not_replaced(tmp_path: Path) -> None:
    chosen = settings.load({}, data=tmp_path)
    signing.secret_key(chosen)
    file = tmp_path / "secrets" / "secret_key"
    file.write_text("cut", "utf-8")
    with pytest.raises(SettingsError, match="备份"):
        signing.secret_key(chosen)
    assert file.read_text("utf-8") == "cut"


def test_nothing_secret_shows_when_settings_are_printed(tmp_path: Path) -> None:
    secret, url = "s" * 20 + "ecret" * 4, "postgresql://user:pass-word@host/db"
    chosen = settings.load({"ZHENGWEN_SECRET_KEY": secret, "ZHENGWEN_DATABASE_URL": url}, data=tmp_path)
    for shown in (repr(chosen), str(chosen), str(chosen.model_dump()), chosen.model_dump_json()):
        assert secret not in shown
        assert "pass-word" not in shown


def test_every_setting_says_in_chinese_what_it_means() -> None:
    for name, field in settings.Settings.model_fields.items():
        assert any("一" <= character <= "鿿" for character in field.description or ""), name


ENDPOINT = {"ZHENGWEN_EMBEDDINGS_URL": "http://10.0.0.5:8000/v1/", "ZHENGWEN_EMBEDDINGS_MODEL": "some-model"}


def test_vectors_are_off_unless_an_endpoint_is_named(tmp_path: Path) -> None:
    assert not settings.load({}, data=tmp_path).embeddings_url
    chosen = settings.load({**ENDPOINT, "ZHENGWEN_EMBEDDINGS_KEY": "sk-1"}, data=tmp_path)
    assert (chosen.embeddings_url, chosen.embeddings_timeout_ms) == ("http://10.0.0.5:8000/v1", 300)
    assert "sk-1" not in repr(chosen)


def test_the_key_of_the_endpoint_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk-from-file\n", "utf-8")
    chosen = settings.load({**ENDPOINT, "ZHENGWEN_EMBEDDINGS_KEY_FILE": str(tmp_path / "key")}, data=tmp_path)
    assert chosen.embeddings_key
    assert chosen.embeddings_key.get_secret_value() == "sk-from-file"


@pytest.mark.parametrize(
    ("changed", "advice"),
    [
        ({"URL": "ftp://10.0.0.5/v1"}, "http:// 或 https://"),
        ({"URL": "10.0.0.5:8000/v1"}, "http:// 或 https://"),
        ({"URL": "http://"}, "http:// 或 https://"),
        ({"URL": "http://host:99999/v1"}, "http:// 或 https://"),
        ({"URL": "http://[::1/v1"}, "http:// 或 https://"),
        ({"URL": "http://ho st/v1"}, "http:// 或 https://"),
        ({"URL": "http://me:word@10.0.0.5/v1"}, "不能带用户名"),
        ({"URL": "http://10.0.0.5/v1?key=word"}, "不能带用户名"),
        ({"URL": "http://10.0.0.5/v1/embeddings"}, "只填到 /v1"),
        ({"MODEL": ""}, "就要填模型名称"),
        ({"URL": ""}, "ZHENGWEN_EMBEDDINGS_URL"),
        ({"URL": "", "MODEL": "", "KEY": "sk-1"}, "ZHENGWEN_EMBEDDINGS_URL"),
        ({"KEY": "two words"}, "不能有空格"),
        ({"TIMEOUT_MS": "10"}, "不能小于 50"),
    ],
)
def test_an_endpoint_that_cannot_work_is_refused(changed: dict[str, str], advice: str, tmp_path: Path) -> None:
    environment = {**ENDPOINT, **{f"ZHENGWEN_EMBEDDINGS_{name}": value for name, value in changed.items()}}
    sentence = refusal(environment, tmp_path)
    assert "ZHENGWEN_EMBEDDINGS_" in sentence
    assert advice in sentence
    assert "word@" not in sentence
    assert "two words" not in sentence


def test_roles_of_the_second_factor_are_refused_where_they_would_do_nothing(tmp_path: Path) -> None:
    roles = {"ZHENGWEN_SECOND_FACTOR_ROLES": "administrator, auditor"}
    assert "一起填写" in refusal(roles, tmp_path)
    assert settings.load({**roles, "ZHENGWEN_SECOND_FACTOR": "required"}, data=tmp_path).second_factor == "required"
    wrong = {"ZHENGWEN_SECOND_FACTOR": "required", "ZHENGWEN_SECOND_FACTOR_ROLES": "administrator,king"}
    assert "没有角色 king" in refusal(wrong, tmp_path)
