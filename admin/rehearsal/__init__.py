"""The rehearsal: the whole service with a stand-in for WeChat's servers and a page like a phone; no account is needed."""
