"""Only models that were trained here, and did not change since, are opened."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from billing.settings import PROJECT_ROOT
from deploy import model, serve
from deploy.manifest import Manifest, ModelRefused
from deploy.processes import QUIET_RASA
from tests.stack import KEYS, free_ports


@pytest.fixture
def trainings(tmp_path, monkeypatch):
    """The names of the models that were trained; each training writes a file, and Rasa is not asked."""
    names = []

    def train(name):
        names.append(name)
        (tmp_path / f"{name}.tar.gz").write_bytes(b"the trained model")

    for module in (model, serve):
        monkeypatch.setattr(module, "MODELS", tmp_path)
    monkeypatch.setattr(model, "_train", train)
    return names


def test_a_trained_model_is_accepted_and_kept(trainings):
    path = model.train_if_needed()
    assert model.train_if_needed() == serve.model_to_serve() == path
    assert len(trainings) == 1


@pytest.mark.usefixtures("trainings")
def test_the_manifest_holds_hash_ingredients_and_date():
    path = model.train_if_needed()
    entry = Manifest(path.parent)._entries()[path.name]
    assert entry.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert path.name == f"billing-{entry.ingredients[:12]}.tar.gz"
    assert entry.trained_at.endswith("+00:00")


@pytest.mark.parametrize("choose", [model.train_if_needed, serve.model_to_serve])
def test_one_changed_byte_is_refused(choose, trainings):
    path = model.train_if_needed()
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(ModelRefused, match=rf"{path.name} mudou depois do treino e não será aberto"):
        choose()
    assert len(trainings) == 1


def test_a_model_that_training_did_not_write_down_is_refused(tmp_path):
    stranger = tmp_path / "stranger.tar.gz"
    stranger.write_bytes(b"anything")
    with pytest.raises(ModelRefused, match=r"stranger.tar.gz não está em MANIFEST.json"):
        Manifest(tmp_path).require(stranger)


@pytest.mark.usefixtures("trainings")
def test_a_listed_model_that_is_gone_is_refused_in_words():
    path = model.train_if_needed()
    path.unlink()
    with pytest.raises(ModelRefused, match="Não consegui ler o modelo"):
        Manifest(path.parent).require(path)


def test_a_model_from_before_the_manifest_is_trained_anew(trainings):
    model.model_path().write_bytes(b"from before")
    assert model.train_if_needed().read_bytes() == b"the trained model"
    assert len(trainings) == 1


@pytest.mark.usefixtures("trainings")
def test_serving_passes_strangers_over_and_says_so(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(serve, "model_path", lambda: tmp_path / "billing-of-newer-data.tar.gz")
    kept = model.train_if_needed()
    stranger = tmp_path / "stranger.tar.gz"
    stranger.write_bytes(b"anything")
    os.utime(kept, (0, 0))
    assert serve.model_to_serve() == kept
    said = capsys.readouterr().out
    assert "stranger.tar.gz não está na lista do que foi treinado aqui e não será aberto" in said
    assert f"Os dados mudaram depois do modelo {kept.name}, que fica em uso" in said


@pytest.mark.usefixtures("trainings")
def test_an_older_model_stays_in_the_list_for_a_rollback(monkeypatch):
    older = model.train_if_needed()
    monkeypatch.setattr(model, "_ingredients", lambda: "f" * 64)
    newer = model.train_if_needed()
    manifest = Manifest(older.parent)
    manifest.require(older)
    manifest.require(newer)
    assert set(manifest.kept()) == {older, newer}


@pytest.mark.parametrize("text", ["", "[]", '{"a.tar.gz": {}}', '{"a.tar.gz": "sha"}'])
@pytest.mark.usefixtures("trainings")
def test_an_unreadable_manifest_accepts_nothing(text):
    path = model.train_if_needed()
    path.with_name("MANIFEST.json").write_text(text, "utf-8")
    with pytest.raises(ModelRefused, match=r"MANIFEST.json não está legível"):
        model.train_if_needed()


@pytest.fixture(scope="module")
def tampered(tmp_path_factory):
    """A project whose model was exchanged after training."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("actions", "addons", "billing", "data", "deploy", "sandbox"):
        shutil.copytree(PROJECT_ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("config.yml", "credentials.yml", "domain.yml", "requirements.txt"):
        shutil.copy(PROJECT_ROOT / name, folder / name)
    (folder / "models").mkdir()
    path = Path(run(folder, "-c", "from deploy.model import model_path; print(model_path())").stdout.strip())
    path.write_bytes(b"the trained model")
    Manifest(folder / "models").enter(path, "")
    path.write_bytes(b"another model")
    return folder


def run(folder, *arguments):
    bot, actions, sandbox = map(str, free_ports(3))
    chosen = {
        **KEYS,
        "BOT_PORT": bot,
        "ACTIONS_PORT": actions,
        "SANDBOX_PORT": sandbox,
        "SGP_BASE_URL": "https://sgp.example",
        "SGP_TOKEN": "token",
        "SGP_APP": "app",
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "0" * 32,
        "TWILIO_WHATSAPP_NUMBER": "whatsapp:+551140000000",
        "PUBLIC_BASE_URL": "https://bot.example",
    }
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, **QUIET_RASA, **chosen, "PYTHONPATH": ""},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", ["deploy.run", "deploy.serve"])
def test_the_commands_end_before_rasa_starts(command, tampered):
    done = run(tampered, "-m", command)
    assert done.returncode == 2
    assert "mudou depois do treino e não será aberto" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tampered / "var" / "log").exists()


def test_evaluation_does_not_open_it_either(tampered):
    (exchanged,) = (tampered / "models").glob("*.tar.gz")
    done = run(tampered, "-m", "deploy.evaluation", str(exchanged))
    assert done.returncode == 1
    assert "mudou depois do treino e não será aberto" in done.stderr
