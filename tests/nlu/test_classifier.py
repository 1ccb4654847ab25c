"""The classifier as a trained component: what it learns, how sure it is, and that it survives storage."""

from __future__ import annotations

import numpy as np
import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.nlu.featurizers.sparse_featurizer.count_vectors_featurizer import CountVectorsFeaturizer
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from addons.nlu.classifier import LinearIntentClassifier
from addons.nlu.embedding import BATCH, DIMENSIONS, SentenceEmbedding, embed
from addons.nlu.tokenizer import BrazilianTokenizer

EXAMPLES = {
    "bill": ["quero o boleto", "manda a fatura", "segunda via", "me envia a conta", "preciso do boleto hoje"],
    "paid": ["ja paguei", "paguei ontem", "esta pago", "fiz o pagamento", "ja foi quitado"],
    "human": [
        "quero um atendente",
        "falar com uma pessoa",
        "me passa um humano",
        "atendente",
        "chama alguem",
    ],
}


@pytest.fixture
def graph(tmp_path):
    storage = LocalModelStorage(tmp_path)
    context = ExecutionContext(GraphSchema({}), "test")
    tokenizer = BrazilianTokenizer(BrazilianTokenizer.get_default_config())
    words = CountVectorsFeaturizer.create(
        CountVectorsFeaturizer.get_default_config(), storage, Resource("words"), context
    )
    meaning = SentenceEmbedding.create({"alias": None}, storage, Resource("meaning"), context)
    return storage, context, (tokenizer, words, meaning)


def train(graph, examples=EXAMPLES):
    storage, context, (tokenizer, words, meaning) = graph
    messages = [
        Message({"text": text, "intent": intent}) for intent, texts in examples.items() for text in texts
    ]
    data = TrainingData(messages)
    tokenizer.process_training_data(data)
    words.train(data)
    words.process_training_data(data)
    meaning.process_training_data(data)
    classifier = LinearIntentClassifier.create(
        LinearIntentClassifier.get_default_config(), storage, Resource("classifier"), context
    )
    classifier.train(data)
    return classifier


def parse(graph, classifier, text):
    message = Message({"text": text})
    for component in (*graph[2], classifier):
        component.process([message])
    return message


def test_unseen_words_are_understood_by_their_meaning(graph) -> None:
    classifier = train(graph)
    assert (
        parse(graph, classifier, "gostaria de conversar com um ser humano").get("intent")["name"] == "human"
    )


def test_confidences_are_a_ranking_of_probabilities(graph) -> None:
    ranking = parse(graph, train(graph), "manda o boleto").get("intent_ranking")
    confidences = [item["confidence"] for item in ranking]
    assert ranking[0]["name"] == "bill"
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) == pytest.approx(1, abs=1e-5)


def test_training_twice_gives_the_same_answer(graph) -> None:
    first, second = (parse(graph, train(graph), "paguei a fatura").get("intent_ranking") for _ in range(2))
    assert first == second


def test_the_stored_model_answers_as_the_trained_one(graph) -> None:
    storage, context, _ = graph
    trained = train(graph)
    loaded = LinearIntentClassifier.load(
        LinearIntentClassifier.get_default_config(), storage, Resource("classifier"), context
    )
    text = "cade a minha conta"
    assert parse(graph, loaded, text).get("intent_ranking") == parse(graph, trained, text).get(
        "intent_ranking"
    )


@pytest.mark.parametrize("text", ["", "   ", "!!!", "😀😀", "\u200b", "/" * 900])
def test_a_text_without_words_has_some_answer(graph, text) -> None:
    assert parse(graph, train(graph), text).get("intent")["name"] in EXAMPLES


def test_vectors_have_length_one_or_say_nothing() -> None:
    sentence, noise = embed(["quero pagar minha conta", "?!"])
    assert np.linalg.norm(sentence) == pytest.approx(1, abs=1e-3)
    assert not noise.any()
    assert embed([]).shape == (0, DIMENSIONS)


def test_a_vector_is_the_same_alone_and_in_company() -> None:
    texts = [f"quero o boleto {number}" + " por favor" * (number % 5) for number in range(BATCH + 3)]
    assert np.allclose(embed(texts), np.vstack([embed([text]) for text in texts]), atol=1e-5)
