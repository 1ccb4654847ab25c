"""Known vulnerabilities are found, and only those that somebody read lately may stay."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone

import pytest

from deploy.supply import __main__ as command
from deploy.supply.audit import Finding, NotAsked, Report, ask, complaints, load_exemptions
from deploy.supply.lock import EVERYTHING, Package, read_lock

TODAY = date(2026, 11, 25)
EXPIRES = date(2027, 5, 31)
FINDING = Finding("alpha", "1.0", ("PYSEC-2026-1", "CVE-2026-1"), ("1.1",))
ANSWER = {
    "dependencies": [
        {
            "name": "alpha",
            "version": "1.0",
            "vulns": [
                {"id": "PYSEC-2026-1", "aliases": ["CVE-2026-1"], "fix_versions": ["1.1"], "description": "…"}
            ],
        },
        {"name": "beta", "version": "2.0", "vulns": []},
    ],
    "fixes": [],
}
SKIPPED = {"dependencies": [{"name": "gamma", "skip_reason": "gamma (3.0) not found"}], "fixes": []}
ENTRY = "- {{package: alpha, ids: [{id}], reason: {reason}, expires: {expires}}}\n"


@pytest.fixture
def exemptions(tmp_path):
    def load(id_="CVE-2026-1", reason="not reachable", expires=EXPIRES):
        path = tmp_path / "vulnerabilities.yml"
        path.write_text(ENTRY.format(id=id_, reason=reason, expires=expires), "utf-8")
        return load_exemptions(path)

    return load


@pytest.fixture
def tool(tmp_path):
    """A pip-audit that says what it is told to."""

    def make(output, status=0, error=""):
        (tmp_path / "output").write_text(output, "utf-8")
        (tmp_path / "error").write_text(error, "utf-8")
        path = tmp_path / "pip-audit"
        path.write_text(
            f"#!/bin/sh\ncat {tmp_path}/output\ncat {tmp_path}/error >&2\nexit {status}\n", "utf-8"
        )
        path.chmod(0o755)
        return path

    return make


@pytest.fixture
def audit(monkeypatch, exemptions):
    """Runs the command on an answer and a list of its own."""

    def run(report, **exemption):
        monkeypatch.setattr(command, "ask", lambda _lock: report)
        monkeypatch.setattr(command, "read_lock", lambda _lock: [Package("alpha", "1.0", "", ("a",), ())])
        listed = exemptions(**exemption) if exemption else []
        monkeypatch.setattr(command, "load_exemptions", lambda: listed)
        return command.main(["audit"])

    return run


def test_a_report_is_read_with_all_names(tool):
    assert ask(EVERYTHING, tool(json.dumps(ANSWER), status=1)) == Report((FINDING,), ())


def test_what_could_not_be_asked_counts_as_unchecked(tool):
    assert ask(EVERYTHING, tool(json.dumps(SKIPPED))) == Report((), ("gamma (3.0) not found",))


@pytest.mark.parametrize("output", ["", "{}", "ERROR", "[]", '{"dependencies": []}'])
def test_no_report_is_not_a_clean_report(output, tool):
    with pytest.raises(NotAsked, match="connection refused"):
        ask(EVERYTHING, tool(output, status=1, error="connection refused"))


def test_without_the_tool_the_way_out_is_said(tmp_path):
    with pytest.raises(NotAsked, match="rode `make supply`"):
        ask(EVERYTHING, tmp_path / "absent")


def test_a_vulnerability_that_nobody_read_fails(audit, capsys):
    assert audit(Report((FINDING,), ())) == 1
    assert "alpha 1.0: PYSEC-2026-1, CVE-2026-1; corrigida em: 1.1" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["PYSEC-2026-1", "CVE-2026-1"])
def test_one_that_was_read_passes_by_any_of_its_names(name, audit):
    soon = datetime.now(timezone.utc).date() + timedelta(days=30)
    assert audit(Report((FINDING,), ()), id_=name, expires=soon) == 0


def test_an_expired_exemption_fails_twice(audit, capsys):
    assert audit(Report((FINDING,), ()), expires=date(2026, 11, 1)) == 1
    error = capsys.readouterr().err
    assert "alpha: a revisão venceu em 01/11/2026; leia de novo" in error
    assert "alpha 1.0: PYSEC-2026-1" in error


def test_an_expired_exemption_fails_even_without_a_finding(audit):
    assert audit(Report((), ()), expires=date(2026, 11, 1)) == 1


def test_another_vulnerability_of_the_same_package_is_not_covered(exemptions):
    (exemption,) = exemptions()
    other = Finding("alpha", "1.0", ("CVE-2026-2",), ())
    assert exemption.covers(FINDING, TODAY)
    assert not exemption.covers(other, TODAY)
    assert not exemption.covers(FINDING, EXPIRES)


def test_an_unchecked_package_is_said_and_is_no_success(audit, capsys):
    assert audit(Report((), ("gamma (3.0) not found",))) == 2
    assert "1 bibliotecas não puderam ser conferidas; a primeira: gamma" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong", ["reason: ''", "reason: ~", "expires: ~", "expires: sometime", "ids: []", "ids: ~"]
)
def test_an_entry_that_lacks_something_is_refused(wrong, tmp_path):
    name = wrong.split(":")[0]
    fields = {"ids": "ids: [CVE-1]", "reason": "reason: x", "expires": "expires: 2027-01-01", name: wrong}
    path = tmp_path / "vulnerabilities.yml"
    path.write_text(f"- {{package: alpha, {', '.join(fields.values())}}}", "utf-8")
    with pytest.raises(ValueError, match="alpha needs ids, a reason and a day"):
        load_exemptions(path)


def test_the_list_itself_is_checked(exemptions):
    locked = [Package("alpha", "1.0", "", ("a",), ())]
    assert complaints(exemptions(), locked, TODAY) == []
    assert complaints(exemptions(expires=date(2027, 11, 27)), locked, TODAY) == [
        "alpha: a revisão vale por mais de um ano; encurte"
    ]
    assert complaints(exemptions(expires=TODAY), locked, TODAY) == [
        "alpha: a revisão venceu em 25/11/2026; leia de novo"
    ]
    assert complaints(exemptions(), [], TODAY) == ["alpha: não está mais travada; tire-a da lista"]


def test_the_committed_list_is_in_order():
    today = datetime.now(timezone.utc).date()
    assert complaints(load_exemptions(), read_lock(EVERYTHING), today) == []
