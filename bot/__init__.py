"""Answers the public: the public site, the channels, the answer engine, the life of a question and its reply."""
