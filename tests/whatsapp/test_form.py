"""Every shape in which a message comes, and the shapes in which none should."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.whatsapp.form import MAX_ID, MAX_TEXT, IncomingMessage, StatusUpdate, UnreadableForm

SID = "SM0123456789abcdef0123456789abcdef"
ADDRESS = "whatsapp:+5511987654321"
ALWAYS = {
    "SmsMessageSid": SID,
    "NumMedia": "0",
    "ProfileName": "Maria",
    "SmsSid": SID,
    "WaId": "551187654321",
    "SmsStatus": "received",
    "Body": "",
    "To": "whatsapp:+551140041234",
    "NumSegments": "1",
    "MessageSid": SID,
    "AccountSid": "AC0123456789abcdef0123456789abcdef",
    "From": ADDRESS,
    "ApiVersion": "2010-04-01",
}


def read(**fields):
    return IncomingMessage.from_form(ALWAYS | fields)


def media(content_type, **fields):
    url = "https://api.twilio.com/2010-04-01/Accounts/AC0/Messages/MM0/Media/ME0"
    return {"NumMedia": "1", "MediaUrl0": url, "MediaContentType0": content_type, **fields}


def test_a_text():
    message = read(Body=" Quero meu boleto\n", MessageType="text")

    assert message == IncomingMessage(SID, ADDRESS, "text", "Quero meu boleto", None, None)


def test_a_text_without_its_type():
    assert read(Body="oi").kind == "text"


@pytest.mark.parametrize(
    ("fields", "kind", "text"),
    [
        (media("image/jpeg", MessageType="image"), "image", ""),
        (media("image/jpeg"), "image", ""),
        (media("image/png", Body="segue o comprovante"), "image", "segue o comprovante"),
        (media("application/pdf", MessageType="document"), "document", ""),
        (media("application/pdf", Body="comprovante.pdf"), "document", "comprovante.pdf"),
        (media("text/plain"), "document", ""),
        (media(""), "document", ""),
        (media("audio/ogg; codecs=opus", MessageType="audio"), "audio", ""),
        (media("audio/ogg"), "audio", ""),
        (media("video/mp4", Body="olha"), "video", "olha"),
        (media("image/webp"), "sticker", ""),
        (media("image/webp", MessageType="sticker"), "sticker", ""),
        (media("text/vcard"), "contact", ""),
        (media("text/x-vcard; charset=utf-8"), "contact", ""),
        ({"MessageType": "contacts"}, "contact", ""),
        ({"Latitude": "-23.55", "Longitude": "-46.63", "Label": "Casa", "Address": "Rua A"}, "location", ""),
        ({"MessageType": "location", "Latitude": "0", "Longitude": "0"}, "location", ""),
        ({"Latitude": "", "Longitude": ""}, "unsupported", ""),
        ({"MessageType": "reaction", "Body": "👍"}, "reaction", "👍"),
        ({"MessageType": "edited", "Body": "quero o pix"}, "edited", "quero o pix"),
        ({"MessageType": "order"}, "unsupported", ""),
        ({"MessageType": "interactive", "InteractiveData": "{}", "FlowData": "{}"}, "unsupported", ""),
        ({}, "unsupported", ""),
        ({"Body": " \n "}, "unsupported", ""),
        ({"Body": "oi", "Forwarded": "true", "FrequentlyForwarded": "true"}, "text", "oi"),
        ({"Body": "oi", "ReferralBody": "Anúncio", "ReferralSourceUrl": "https://fb.example"}, "text", "oi"),
        ({"Body": "oi", "ChannelMetadata": '{"type": "whatsapp"}', "CampoNovo": "1"}, "text", "oi"),
        ({"Body": "oi", "MessageType": "tipo_novo"}, "text", "oi"),
        ({"Body": "oi", "NumMedia": "muitos", "MediaContentType1": "image/jpeg"}, "text", "oi"),
    ],
)
def test_kinds(fields, kind, text):
    message = read(**fields)

    assert (message.kind, message.text, message.button) == (kind, text, None)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (
            {
                "Body": "Segunda via",
                "ButtonText": "Segunda via",
                "ButtonPayload": "id-1",
                "MessageType": "button",
            },
            "Segunda via",
        ),
        ({"ButtonText": "Segunda via", "ButtonPayload": "id-1"}, "Segunda via"),
        (
            {
                "ListId": "id-1",
                "ListTitle": "Novembro",
                "ListDescription": "R$ 99,90",
                "MessageType": "interactive",
            },
            "Novembro",
        ),
        ({"Body": "Novembro", "ListId": "id-1", "ButtonPayload": ""}, "Novembro"),
    ],
)
def test_touched_buttons_and_rows_are_texts_with_an_id(fields, text):
    message = read(**fields)

    assert (message.kind, message.text, message.button) == ("text", text, "id-1")


def test_an_answer_names_the_message_it_answers():
    message = read(Body="essa", OriginalRepliedMessageSid="MM1", OriginalRepliedMessageSender=ADDRESS)
    assert message.replied_to is None

    other = "MM0123456789abcdef0123456789abcdef"
    assert read(Body="essa", OriginalRepliedMessageSid=other).replied_to == other


@pytest.mark.parametrize(
    ("fields", "address"),
    [
        ({"From": "whatsapp:BR.1502576394655843"}, "whatsapp:BR.1502576394655843"),
        ({"From": "", "ExternalUserIdentifier": "BR.1502576394655843"}, "whatsapp:BR.1502576394655843"),
        ({"From": ADDRESS, "ExternalUserIdentifier": "BR.1502576394655843"}, ADDRESS),
        ({"From": f"whatsapp:US.{'9' * 140}", "WaId": ""}, f"whatsapp:US.{'9' * 140}"),
    ],
)
def test_a_hidden_number_is_an_address_too(fields, address):
    assert read(Body="oi", **fields).address == address


def test_the_older_names_of_the_id_do_as_well():
    for absent in ({"MessageSid": ""}, {"MessageSid": "", "SmsMessageSid": ""}):
        assert read(Body="oi", **absent).message_sid == SID


@pytest.mark.parametrize(
    "fields",
    [
        {"MessageSid": "", "SmsMessageSid": "", "SmsSid": ""},
        {"MessageSid": "a b", "SmsMessageSid": "../../x", "SmsSid": "S" * 65},
        {"From": ""},
        {"From": "+5511987654321"},
        {"From": "whatsapp:"},
        {"From": "whatsapp:+55 11 98765"},
        {"From": f"whatsapp:{'1' * 191}"},
        {"From": "whatsapp:+55119\u0000"},
        {"From": "", "ExternalUserIdentifier": "x" * 5000},
    ],
)
def test_without_an_id_or_an_address_it_is_no_message(fields):
    with pytest.raises(UnreadableForm) as raised:
        read(Body="segredo", **fields)
    assert "segredo" not in str(raised.value)


def test_an_empty_form_is_no_message():
    with pytest.raises(UnreadableForm):
        IncomingMessage.from_form({})


def test_a_long_text_is_cut_and_a_long_id_is_none():
    message = read(Body="a" * 1_000_000, ButtonPayload="b" * (MAX_ID + 1), OriginalRepliedMessageSid="c" * 99)

    assert message == IncomingMessage(SID, ADDRESS, "text", "a" * MAX_TEXT, None, None)


def test_what_cannot_be_stored_is_left_out():
    assert read(Body="bol\0eto \ud83d").text == "boleto ?"


def test_nothing_of_the_person_is_in_the_repr():
    shown = repr(read(Body="meu cpf", ButtonPayload="id-1"))

    assert "meu cpf" not in shown
    assert "55119" not in shown


@given(
    st.dictionaries(
        st.sampled_from(
            [*ALWAYS, "MessageType", "MediaContentType0", "Latitude", "ListId", "OriginalRepliedMessageSid"]
        ),
        st.text(),
    )
)
def test_any_form_is_a_message_or_unreadable(fields):
    try:
        message = read(**fields)
    except UnreadableForm:
        return
    assert message.address.startswith("whatsapp:")
    message.text.encode()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"MessageStatus": "delivered"}, StatusUpdate(SID, "delivered", None)),
        ({"MessageStatus": "Read", "EventType": "READ", "To": ADDRESS}, StatusUpdate(SID, "read", None)),
        ({"MessageStatus": "failed", "ErrorCode": "63016"}, StatusUpdate(SID, "failed", 63016)),
        ({"MessageStatus": "sent", "ErrorCode": ""}, StatusUpdate(SID, "sent", None)),
        ({"MessageStatus": "sent", "ErrorCode": "0"}, StatusUpdate(SID, "sent", None)),
        ({"MessageStatus": "failed", "ErrorCode": "muito"}, StatusUpdate(SID, "failed", None)),
        ({"MessageStatus": "failed", "ErrorCode": "9" * 5000}, StatusUpdate(SID, "failed", None)),
        ({"SmsStatus": "queued"}, StatusUpdate(SID, "queued", None)),
        ({"MessageStatus": "", "SmsStatus": "queued"}, StatusUpdate(SID, "queued", None)),
        ({"MessageStatus": "estado_novo"}, StatusUpdate(SID, "estado_novo", None)),
    ],
)
def test_status_callbacks(fields, expected):
    assert StatusUpdate.from_form({"MessageSid": SID, **fields}) == expected


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"MessageSid": SID},
        {"MessageSid": SID, "MessageStatus": ""},
        {"MessageSid": SID, "MessageStatus": "x" * 5000},
        {"MessageSid": SID, "MessageStatus": "<b>"},
        {"MessageStatus": "sent"},
    ],
)
def test_a_callback_without_id_or_status_is_unreadable(form):
    with pytest.raises(UnreadableForm):
        StatusUpdate.from_form(form)
