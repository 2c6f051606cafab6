"""What consents are asked about a send."""

from crm_api.consents.gate import Asked
from crm_api.consents.models import ConsentPurpose, MarketingChannel, MessageTopic
from crm_api.mailings.models import Send


def asked_of(send: Send) -> Asked:
    return Asked(
        ConsentPurpose(send.purpose) if send.purpose else None,
        MarketingChannel(send.channel.value),
        send.brand,
        MessageTopic(send.topic) if send.topic else None,
    )
