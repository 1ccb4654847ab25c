"""No secret stands in the repository, and the search for them finds one when there is one."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess

import pytest

from deploy.supply import __main__ as command
from deploy.supply.leaks import Planted, leaks_in

NOTHING = Planted(frozenset(), {})
# Put together here, so that the search does not find this file.
DIGEST = hashlib.sha256(b"planted")
HEXADECIMAL = DIGEST.hexdigest()[:32]
KNOWN_BAD = {
    "Twilio account or key": ["AC" + HEXADECIMAL, "SK" + HEXADECIMAL],
    "random hexadecimal": [HEXADECIMAL, DIGEST.hexdigest(), HEXADECIMAL.upper()],
    "random characters": [
        base64.urlsafe_b64encode(DIGEST.digest()).decode(),
        base64.b64encode(DIGEST.digest()).decode().rstrip("="),
    ],
    "private key": ["-----BEGIN " + "PRIVATE KEY-----", "-----BEGIN RSA " + "PRIVATE KEY-----"],
    "password in an address": [
        "postgresql" + "://bot:s3nha@db.example/bot",
        "redis" + "://:s3nha@cache:6379",
    ],
    "key of a known service": [
        "AKIA" + "ABCDEFGHIJKLMNOP",
        "ghp_" + "a" * 36,
        "eyJhbGciOiJIUzI1" + ".eyJzdWIiOiIx",
    ],
    "host of a registry": ["https://Py" + "PI.org/simple", "files.python" + "hosted.org"],
    "path of one machine": ["/" + "work/main", "cd /" + "root", "cat /t" + "mp/w/x", "/home" + "/ana/bot"],
}
HARMLESS = [
    "https://bot.example/webhooks/whatsapp/webhook#rc=2&rp=5xx,ct,rt",
    "00190500954014481606906809350314337370000000100",
    "test_the_search_for_secrets_leaves_a_long_name_alone",
    "TWILIO_AUTH_TOKEN_SECONDARY_AND_MORE_LETTERS",
    "0" * 32,
    "AC" + "0" * 8,
    "http://127.0.0.1:5005/webhooks/rest/webhook e ana@provedor.example",
    "docs/work and ~/work and home",
]


def git(folder, *arguments):
    subprocess.run([str(shutil.which("git")), *arguments], cwd=folder, check=True)


@pytest.fixture
def repository(tmp_path):
    git(tmp_path, "init", "--quiet")
    (tmp_path / "code.py").write_text("KEY = os.environ['KEY']\n", "utf-8")
    return tmp_path


def test_the_repository_holds_no_secret(capsys):
    found = command.main(["secrets"])
    assert found == 0, capsys.readouterr().err


@pytest.mark.parametrize(
    ("rule", "value"), [(rule, value) for rule, values in KNOWN_BAD.items() for value in values]
)
def test_a_planted_secret_is_found(rule, value, repository):
    (repository / "folder").mkdir()
    (repository / "folder" / "notes.txt").write_text(f"first line\nhere: '{value}',\n", "utf-8")
    found = [(leak.path, leak.line) for leak in leaks_in(repository, NOTHING) if leak.rule == rule]
    assert found == [("folder/notes.txt", 2)]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_is_left_alone(text, repository):
    (repository / "notes.txt").write_text(text, "utf-8")
    assert leaks_in(repository, NOTHING) == []


def test_committed_new_and_binary_files_are_searched_and_ignored_ones_not(repository):
    (repository / ".gitignore").write_text(".env\n", "utf-8")
    for name in (".env", "new.txt", "committed.txt"):
        (repository / name).write_text(f"TOKEN={HEXADECIMAL}\n", "utf-8")
    (repository / "picture.png").write_bytes(b"\x89PNG\xff\xfe " + HEXADECIMAL.encode() + b" \x00")
    git(repository, "add", "committed.txt")
    assert [leak.path for leak in leaks_in(repository, NOTHING)] == [
        "committed.txt",
        "new.txt",
        "picture.png",
    ]


def test_without_git_nothing_passes(tmp_path):
    with pytest.raises(subprocess.CalledProcessError):
        leaks_in(tmp_path, NOTHING)


def test_a_reviewed_value_passes_and_another_in_the_same_file_does_not(repository):
    (repository / "notes.txt").write_text(f"{HEXADECIMAL}\n{HEXADECIMAL[::-1]}\n", "utf-8")
    first, second = leaks_in(repository, NOTHING)
    planted = Planted(frozenset({first.fingerprint}), {})
    assert leaks_in(repository, planted) == [second]


def test_a_reviewed_file_passes_for_the_named_rules_only(repository):
    (repository / "lock.txt").write_text(f"{HEXADECIMAL}\n{'AC' + HEXADECIMAL}\n", "utf-8")
    planted = Planted(frozenset(), {"*.txt": frozenset({"random hexadecimal", "random characters"})})
    assert [leak.rule for leak in leaks_in(repository, planted)] == ["Twilio account or key"]


def test_the_command_says_where_and_not_what(repository, monkeypatch, capsys):
    (repository / "notes.txt").write_text(f"TOKEN={HEXADECIMAL}\n", "utf-8")
    monkeypatch.setattr(command, "PROJECT_ROOT", repository)
    assert command.main(["secrets"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("notes.txt:1: random hexadecimal (fingerprint ")
    assert HEXADECIMAL not in said


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{values: [{fingerprint: abc}], files: []}", "needs a reason"),
        ("{values: [], files: [{pattern: '*', rules: [private key], reason: ''}]}", "needs a reason"),
        ("{values: [], files: [{pattern: '*', rules: [everything], reason: x}]}", "no rule everything"),
    ],
)
def test_an_entry_without_a_reason_or_of_no_rule_is_refused(text, problem, tmp_path):
    path = tmp_path / "planted.yml"
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=problem):
        Planted.load(path)
