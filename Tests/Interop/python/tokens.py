"""Access tokens, between authd and PyJWT, both ways."""

import base64
import hashlib
import hmac
import json
import os
import subprocess
import time

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from daemon import Daemon
from report import require

from authd.v1 import auth_pb2

PASSWORD = "quartz-Lantern-84-otter"
SECRET = "an interop secret of more than 64 bytes, so that it is fit for HS512 as well."
KEYS = {
    "ES256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "ES384": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
    "EdDSA": ["-algorithm", "ED25519"],
    "RS256": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    "PS256": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
}


def check(report, program, home):
    for algorithm in ["HS256", "HS384", "HS512"]:
        with report.check(f"A daemon under {algorithm} runs"):
            with Daemon(
                program, home / algorithm, JWT_SECRET=SECRET, JWT_ALGORITHM=algorithm
            ) as client:
                check_shared_secret(report, client, algorithm)
    for algorithm, options in KEYS.items():
        with report.check(f"A daemon under {algorithm} runs"):
            paths = [home / f"{algorithm}-{name}.pem" for name in ("signs", "verifies", "strange")]
            for path in paths:
                make_key(path, options)
            with Daemon(
                program,
                home / algorithm,
                JWT_SECRET=SECRET,
                JWT_ALGORITHM=algorithm,
                AUTHD_JWT_KEY_FILES=f"{paths[0]},{paths[1]}",
            ) as client:
                check_key_pairs(report, client, algorithm, paths)


def make_key(path, options):
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    subprocess.run(
        ["openssl", "genpkey", *options, "-out", path], check=True, stderr=subprocess.DEVNULL
    )


def log_in(client):
    request = auth_pb2.RegisterRequest(email="ada@example.com", password=PASSWORD)
    client.call("Register", request, auth_pb2.RegisterResponse())
    request = auth_pb2.LoginRequest(email="ada@example.com", password=PASSWORD)
    return client.call("Login", request, auth_pb2.LoginResponse())


def verify(client, token):
    request = auth_pb2.VerifyTokenRequest(access_token=token)
    return client.call("VerifyToken", request, auth_pb2.VerifyTokenResponse())


def signing_keys(client):
    answer = client.call(
        "GetSigningKeys", auth_pb2.GetSigningKeysRequest(), auth_pb2.GetSigningKeysResponse()
    )
    return answer.jwks_json


def decode(token, key, algorithm):
    """PyJWT's own verification: signature, times, issuer, audience."""
    return jwt.decode(
        token,
        key,
        algorithms=[algorithm],
        audience="authd",
        issuer="authd",
        options={"require": ["iss", "aud", "sub", "sid", "jti", "iat", "exp", "auth_time", "amr"]},
    )


def check_shared_secret(report, client, algorithm):
    login = log_in(client)
    token = login.tokens.access_token
    with report.check(f"PyJWT verifies authd's {algorithm}"):
        claims = decode(token, SECRET, algorithm)
        require(claims["sub"] == login.user_id and claims["sid"] == login.session_id, claims)
        require(claims["email"] == "ada@example.com" and claims["amr"] == ["pwd"], claims)
        require(claims["exp"] - claims["iat"] == 15 * 60, claims)
        header = jwt.get_unverified_header(token)
        require(header == {"alg": algorithm, "typ": "at+jwt"}, header)
    with report.check(f"A refresh token under {algorithm} is signed with another key"):
        refresh = login.tokens.refresh_token
        require(jwt.get_unverified_header(refresh)["typ"] == "rt+jwt", refresh)
        try:
            jwt.decode(refresh, SECRET, algorithms=["HS256", "HS384", "HS512"])
        except jwt.InvalidSignatureError:
            pass
        else:
            raise AssertionError("JWT_SECRET itself signed it")
    with report.check(f"No {algorithm} secret is published"):
        require(json.loads(signing_keys(client)) == {"keys": []}, signing_keys(client))
    claims = jwt.decode(token, options={"verify_signature": False})
    check_foreign(report, client, algorithm, claims, {}, SECRET, SECRET[::-1])


def check_key_pairs(report, client, algorithm, paths):
    login = log_in(client)
    token = login.tokens.access_token
    jwks = signing_keys(client)
    with report.check(f"PyJWT verifies authd's {algorithm} by the kid of the JWKS"):
        keys = jwt.PyJWKSet.from_json(jwks)
        header = jwt.get_unverified_header(token)
        require(header["typ"] == "at+jwt" and header["alg"] == algorithm, header)
        require(len({key.key_id for key in keys.keys}) == 2, jwks)
        claims = decode(token, keys[header["kid"]].key, algorithm)
        require(claims["sub"] == login.user_id and claims["sid"] == login.session_id, claims)
    with report.check(f"The other {algorithm} key of the JWKS does not verify it"):
        other = next(key for key in keys.keys if key.key_id != header["kid"])
        try:
            decode(token, other.key, algorithm)
        except jwt.InvalidSignatureError:
            pass
        else:
            raise AssertionError("it verified")
    with report.check(f"Each {algorithm} kid is a thumbprint, and nothing private is published"):
        for entry in json.loads(jwks)["keys"]:
            require(entry["kid"] == thumbprint(entry), entry)
            require(entry["use"] == "sig" and entry["alg"] == algorithm, entry)
            require(not {"d", "p", "q", "dp", "dq", "qi", "k"} & entry.keys(), sorted(entry))
    private = [load_pem_private_key(path.read_bytes(), None) for path in paths]
    claims = jwt.decode(token, options={"verify_signature": False})
    check_foreign(
        report, client, algorithm, claims, {"kid": header["kid"]}, private[0], private[2]
    )
    with report.check(f"authd verifies PyJWT's {algorithm} under its second key"):
        require(verify(client, jwt.encode(
            claims, private[1], algorithm, {"typ": "at+jwt", "kid": other.key_id}
        )).user_id == login.user_id)
    report.refused(
        f"A {algorithm} kid that names another key", "TOKEN_INVALID",
        lambda: verify(client, jwt.encode(
            claims, private[0], algorithm, {"typ": "at+jwt", "kid": other.key_id})),
    )
    # RFC 8725 §2.1: the public key, which everybody has, must not serve as a shared secret.
    for name, secret in {
        "PEM": subprocess.check_output(["openssl", "pkey", "-in", paths[0], "-pubout"]),
        "JWKS": jwks.encode(),
        "JWT_SECRET": SECRET.encode(),
    }.items():
        for more in ({}, {"kid": header["kid"]}):
            report.refused(
                f"{algorithm}: HS256 under {name}{' with kid' if more else ''}", "TOKEN_INVALID",
                lambda: verify(client, hs256(claims, secret, {"typ": "at+jwt", **more})),
            )


def check_foreign(report, client, algorithm, claims, header, key, strange):
    """Tokens that PyJWT made from the claims of a live session: one good, the others attacks."""
    header = {"typ": "at+jwt", **header}

    def made(changes=None, key=key, algorithm=algorithm, header=header):
        return jwt.encode({**claims, **(changes or {})}, key, algorithm, header)

    def refused(name, token, reason="TOKEN_INVALID"):
        report.refused(f"{algorithm}: {name}", reason, lambda: verify(client, token))

    with report.check(f"authd verifies PyJWT's {algorithm}"):
        answer = verify(client, made())
        require(answer.session_id == claims["sid"] and answer.token_id == claims["jti"], answer)
    refused("another key", made(key=strange))
    refused("alg none", made(key=None, algorithm="none"))
    refused("typ JWT", made(header={**header, "typ": "JWT"}))
    refused("typ of a refresh token", made(header={**header, "typ": "rt+jwt"}))
    refused("no typ", made(header={**header, "typ": None}))
    refused("crit", made(header={**header, "crit": ["b64"], "b64": True}))
    refused("an unknown kid", made(header={**header, "kid": "nobody"}))
    refused("another issuer", made({"iss": "elsewhere"}))
    refused("another audience", made({"aud": "elsewhere"}))
    refused("no subject", made({"sub": None}))
    refused("issued in an hour", made({"iat": int(time.time()) + 3600}))
    refused("a fourth part", made() + ".e30")
    refused("no signature", made().rpartition(".")[0] + ".")
    refused("padding", made() + "=")
    refused("expired", made({"exp": int(time.time()) - 1}), "TOKEN_EXPIRED")
    refused("another user's id", made({"sub": claims["sub"][::-1]}), "TOKEN_REVOKED")
    refused("no such session", made({"sid": claims["sid"][::-1]}), "TOKEN_REVOKED")


def hs256(claims, secret, header):
    """PyJWT refuses a public key as a secret, so this does by hand what an attacker does."""
    parts = [{"alg": "HS256", **header}, claims]
    signed = b".".join(unpadded(json.dumps(part).encode()) for part in parts)
    return (signed + b"." + unpadded(hmac.digest(secret, signed, "sha256"))).decode()


def thumbprint(entry):
    """RFC 7638 §3: SHA-256 of the required members, sorted, without white space."""
    names = {"EC": "crv kty x y", "RSA": "e kty n", "OKP": "crv kty x"}[entry["kty"]].split()
    text = json.dumps({name: entry[name] for name in names}, separators=(",", ":"))
    return unpadded(hashlib.sha256(text.encode()).digest()).decode()


def unpadded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")
