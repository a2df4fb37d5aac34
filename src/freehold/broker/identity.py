"""Who the broker is to nodes: its address and public keys."""

from freehold.broker.context import Broker
from freehold.contracts.registration import BrokerIdentity


def identity_of(broker: Broker) -> BrokerIdentity:
    """The broker's public face."""
    return BrokerIdentity(
        broker_url=broker.settings.public_url,
        signing_key=broker.keys.signing.public_text(),
        sealing_key=broker.keys.sealing.public_text(),
    )
