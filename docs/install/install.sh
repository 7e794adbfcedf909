#!/bin/sh
# Installs from this folder, without any network. Usage: sh install.sh [FOLDER]; the folder is /opt/zhengwen unless given.
# An installation that is there already is brought to this version; data lies elsewhere and is not touched.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-/opt/zhengwen}
wanted=$(cat "$here/python-version")

python=
for name in "python$wanted" python3; do
  if command -v "$name" >/dev/null 2>&1 &&
    [ "$("$name" -c 'import sys; print("%d.%d" % sys.version_info[:2])')" = "$wanted" ]; then
    python=$name
    break
  fi
done
if [ -z "$python" ]; then
  echo "这个安装包是为 Python $wanted 准备的，这台机器上没有找到它。请安装 python$wanted（含 venv），或换一个安装包。" >&2
  exit 1
fi
if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
  echo "$python 没有 venv 模块。Debian、Ubuntu 上请安装 python$wanted-venv 或 python3-venv，然后再运行一次。" >&2
  exit 1
fi

echo "安装到 $folder ……"
"$python" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --find-links "$here/wheels" \
  --upgrade --upgrade-strategy only-if-needed zhengwen
"$folder/bin/zhengwen" --version
echo "已安装。试运行：ZHENGWEN_DATA=./var $folder/bin/zhengwen serve --demo"
echo "作为系统服务：把 $here/zhengwen.service 复制到 /etc/systemd/system/，再运行 systemctl enable --now zhengwen"
