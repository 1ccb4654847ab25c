"""Custom actions, one module per theme; rasa-sdk registers every `Action` it finds here."""

from actions.bill.choosing import AskPaymentFormat, ValidateBillForm
from actions.bill.delivery import ActionDeliverBill
from actions.bill.listing import ActionListInvoices, ActionTellDebt, AskInvoice
from actions.block import ActionCheckBlock, ActionTrustUnblock, ValidateUnblockForm
from actions.contract import AskContract, ValidateContractForm
from actions.conversation import ActionNotUnderstood, ActionStartOver
from actions.human import ActionHandoff
from actions.identity import ActionIdentify, ValidateIdentityForm
from actions.payment import ActionCheckPayment
from actions.statement import ActionOtherDocument, ActionSendStatement

__all__ = [
    "ActionCheckBlock",
    "ActionCheckPayment",
    "ActionDeliverBill",
    "ActionHandoff",
    "ActionIdentify",
    "ActionListInvoices",
    "ActionNotUnderstood",
    "ActionOtherDocument",
    "ActionSendStatement",
    "ActionStartOver",
    "ActionTellDebt",
    "ActionTrustUnblock",
    "AskContract",
    "AskInvoice",
    "AskPaymentFormat",
    "ValidateBillForm",
    "ValidateContractForm",
    "ValidateIdentityForm",
    "ValidateUnblockForm",
]
