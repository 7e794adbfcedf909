"""Echo bots of other projects, as their documentation shows them; only ever run by `wechat_load.py`, in their own venv."""
