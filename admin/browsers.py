"""A browser's kind in words, from what it says of itself; what it says is never kept."""

# The first that fits counts: nearly all of them claim to be Chrome and Safari as well.
KINDS = (
    ("MicroMessenger/", "微信"),
    ("DingTalk", "钉钉"),
    ("Edg", "Edge"),
    ("QQBrowser/", "QQ浏览器"),
    ("360", "360浏览器"),
    ("QIHU", "360浏览器"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("Trident/", "IE"),
)
SYSTEMS = (
    ("HarmonyOS", "鸿蒙"),
    ("Android", "安卓"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("UOS", "统信"),
    ("Kylin", "麒麟"),
    ("Linux", "Linux"),
)
UNKNOWN = "其他浏览器"


def in_words(user_agent: str) -> str:
    """The kind of browser and of system, like `Chrome（Windows）`; made of our own words only."""
    kind = next((word for mark, word in KINDS if mark in user_agent), UNKNOWN)
    system = next((word for mark, word in SYSTEMS if mark in user_agent), "")
    return f"{kind}（{system}）" if system else kind
