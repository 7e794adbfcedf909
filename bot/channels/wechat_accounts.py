"""The official accounts this service answers for, made from the settings: keys decoded, envelopes ready."""

from dataclasses import dataclass

from bot.channels.wechat_crypto import Envelope
from knowledge.channel_settings import WeChatAccount, decoded_key
from knowledge.settings import Settings
from knowledge.vocabulary import WeChatMode


@dataclass(frozen=True)
class Account:
    """One account at work. In plain mode there is no envelope; in the other two there always is."""

    settings: WeChatAccount
    envelope: Envelope | None

    @property
    def name(self) -> str:
        """The name in the callback address."""
        return self.settings.name

    @property
    def token(self) -> str:
        """What signatures are made with."""
        return self.settings.token.get_secret_value()

    @property
    def can_push(self) -> bool:
        """Whether customer-service messages may be sent at all."""
        return self.settings.customer_messages


def accounts_of(settings: Settings) -> dict[str, Account]:
    """Every account of the settings, by name."""
    return {chosen.name: Account(chosen, _envelope(chosen)) for chosen in settings.wechat}


def _envelope(chosen: WeChatAccount) -> Envelope | None:
    # The mode is the operator's word alone; a key left over from another mode turns nothing on.
    if chosen.mode is WeChatMode.PLAIN or chosen.aes_key is None:
        return None
    previous = decoded_key(chosen.previous_aes_key) if chosen.previous_aes_key else None
    return Envelope(chosen.token.get_secret_value(), chosen.appid, decoded_key(chosen.aes_key), previous)
