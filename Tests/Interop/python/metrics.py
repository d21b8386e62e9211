"""The daemon's metrics, read by Prometheus's own library for Python."""

import time

import tokens
from daemon import Daemon
from prometheus_client.parser import text_string_to_metric_families
from report import require

from authd.v1 import admin_pb2, auth_pb2

AUTH, ADMIN = "authd.v1.AuthService", "authd.v1.AdminService"
WRONG, LOGINS, VERIFICATIONS = 3, 2, 40


def read(client):
    """The metrics by their names; each sample by its name and labels."""
    answer = client.call(
        "GetMetrics", admin_pb2.GetMetricsRequest(), admin_pb2.GetMetricsResponse(), service=ADMIN
    )
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    samples = {}
    for family in families.values():
        for sample in family.samples:
            key = (sample.name, *sorted(sample.labels.items()))
            require(key not in samples, "twice", key)
            samples[key] = sample.value
    return families, samples


def calls(samples, method, code="OK", reason="", service=AUTH):
    labels = {"service": service, "method": method, "code": code, "reason": reason}
    return samples.get(("authd_calls_total", *sorted(labels.items())), 0)


def check(report, program, home):
    with Daemon(program, home / "metrics") as client:
        token = tokens.log_in(client).tokens.access_token
        right = auth_pb2.LoginRequest(email="ada@example.com", password=tokens.PASSWORD)
        for _ in range(LOGINS - 1):
            client.call("Login", right, auth_pb2.LoginResponse())
        for _ in range(WRONG):
            wrong = auth_pb2.LoginRequest(email="nobody@example.com", password="x" * 12)
            report.refused(
                "A wrong login to be counted", "INVALID_CREDENTIALS",
                lambda: client.call("Login", wrong, auth_pb2.LoginResponse()))
        for _ in range(VERIFICATIONS):
            tokens.verify(client, token)
        families, samples = read(client)
        with report.check("Metrics of known types, each with its help"):
            require(len(families) > 15, len(families))
            for family in families.values():
                require(family.type in ("counter", "gauge", "histogram"), family.name)
                require(family.documentation, family.name)
        with report.check("Calls by outcome"):
            require(calls(samples, "Login") == LOGINS, samples)
            refused = calls(samples, "Login", "UNAUTHENTICATED", "INVALID_CREDENTIALS")
            require(refused == WRONG, refused)
            require(calls(samples, "VerifyToken") == VERIFICATIONS)
        with report.check("Refusals worth an alarm, before there is one"):
            for code, reason in (
                ("INTERNAL", "INTERNAL"), ("RESOURCE_EXHAUSTED", "OVERLOADED"),
                ("UNAVAILABLE", "STORE_UNAVAILABLE"),
            ):
                labels = {"service": AUTH, "method": "Login", "code": code, "reason": reason}
                require(samples[("authd_calls_total", *sorted(labels.items()))] == 0)
        with report.check("Times of calls"):
            labels = (("method", "Login"), ("service", AUTH))
            name = "authd_call_duration_seconds"
            buckets = sorted(
                (float(dict(key[1:])["le"]), value)
                for key, value in samples.items()
                if key[0] == f"{name}_bucket" and set(labels) <= set(key[1:])
            )
            counts = [count for _, count in buckets]
            require(counts == sorted(counts) and counts[-1] == LOGINS + WRONG, buckets)
            require(samples[(f"{name}_count", *labels)] == LOGINS + WRONG)
            require(0 < samples[(f"{name}_sum", *labels)] < 60)
            known = (("method", "VerifyToken"), ("service", AUTH))
            require(0 < samples[(f"{name}_count", *known)] < VERIFICATIONS, "at once is not timed")
        with report.check("The process's own numbers"):
            require(abs(time.time() - samples[("authd_process_start_time_seconds",)]) < 300)
            require(1 << 20 < samples[("authd_process_resident_memory_bytes",)] < 1 << 30)
            require(samples[("authd_process_cpu_seconds_total",)] > 0)
            require(samples[("authd_connections", ("peers", "callers"))] == 1)
            require(samples[("authd_password_hash_runs_total",)] >= LOGINS + WRONG)
            require(samples[("authd_audit_healthy",)] == 1)
        with report.check("The next reading counts the one before"):
            _, again = read(client)
            require(calls(again, "GetMetrics", service=ADMIN) == 1)
