"""Runs the emulator: python Tests/TableEmulator [--port 0] [--state FILE] ...

Prints one line of JSON when it is ready, then serves until SIGTERM or SIGINT.
"""

import argparse
import asyncio
import json
import signal
import ssl

from emulator.control import Control
from emulator.emulator import Emulator
from emulator.settings import DEVELOPMENT_ACCOUNT, DEVELOPMENT_KEY, Account


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="TableEmulator", description="Azure Table Storage for tests, on 127.0.0.1."
    )
    parser.add_argument("--port", type=int, default=0, help="of the tables; 0: any")
    parser.add_argument("--control-port", type=int, default=0, help="for tests; 0: any")
    parser.add_argument("--identity-port", type=int, default=0, help="of tokens; 0: any")
    parser.add_argument("--state", help="SQLite file that keeps tables and commits")
    parser.add_argument("--account", default=DEVELOPMENT_ACCOUNT)
    parser.add_argument("--key", default=DEVELOPMENT_KEY, help="primary, base 64")
    parser.add_argument("--certificate", help="PEM file: the table port speaks TLS")
    parser.add_argument("--certificate-key", help="PEM file")
    return parser.parse_args()


async def run(options: argparse.Namespace) -> None:
    tls = None
    if options.certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(options.certificate, options.certificate_key)
    emulator = Emulator(Account(options.account, options.key), options.state, tls)
    control = Control(emulator)
    await emulator.tables.start(options.port)
    await emulator.identity_port.start(options.identity_port)
    await control.server.start(options.control_port)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    # A test's runner may have started us from a thread that blocks them.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGINT})
    print(json.dumps(control.ports), flush=True)
    await stop.wait()
    await emulator.stop()
    await control.server.stop()


if __name__ == "__main__":
    asyncio.run(run(arguments()))
