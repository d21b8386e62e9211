"""Builds and runs what is measured: authd, the limit, and the peers."""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
HERE = ROOT / "Benchmarks"
BUILD = ROOT / ".build" / "benchmarks"
START_SECONDS = 120


def run(*command, **options):
    subprocess.run([str(part) for part in command], check=True, **options)


def output(*command, environment=None):
    return subprocess.run(
        [str(part) for part in command], check=True, capture_output=True, text=True,
        env={**os.environ, **(environment or {})}).stdout


def build_c():
    """The limit, the load generator and the baselines."""
    BUILD.mkdir(parents=True, exist_ok=True)
    for name, libraries in (("limit", []), ("loadgen", []), ("baselines", ["-lcrypt"])):
        run("cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", BUILD / name, HERE / f"{name}.c",
            *libraries)
    run("cc", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o",
        BUILD / "slow_sync.so", HERE / "slow_sync.c")


def build_go(name):
    """A peer in Go, with Debian's libraries."""
    environment = dict(os.environ, GO111MODULE="off", GOPATH="/usr/share/gocode",
                       GOCACHE=str(BUILD / "go-cache"), GOFLAGS="")
    run("go", "build", "-o", BUILD / name, HERE / "peers" / f"{name}.go", env=environment)


def build_grpc_swift():
    package = HERE / "peers" / "grpc-swift"
    scratch = ROOT / ".build" / "benchmarks-grpc-swift"
    run("swift", "build", "-c", "release", "--package-path", package, "--scratch-path", scratch,
        "-q")
    shutil.copy(scratch / "release" / "EchoServer", BUILD / "grpc_swift_echo")


def cpu_seconds(pid):
    """CPU time of all threads of a process so far, those that ended too."""
    # The clock of another process, as clock_getcpuclockid makes it.
    return time.clock_gettime(~pid << 3 | 2)


class Server:
    """A process that listens on a Unix socket of its own, stopped by its process id."""

    def __init__(self, directory, name, command, environment=None):
        self.socket = str(pathlib.Path(directory) / f"{name}.sock")
        self.log = open(pathlib.Path(directory) / f"{name}.log", "wb")
        command = [str(part).replace("SOCKET", self.socket) for part in command]
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            command, env=environment, stdout=self.log, stderr=self.log, cwd=directory)
        self.pid = self.process.pid
        self.seconds_to_listen = self.await_listening()

    def await_listening(self):
        while time.monotonic() - self.started < START_SECONDS:
            with socket.socket(socket.AF_UNIX) as probe:
                try:
                    probe.connect(self.socket)
                    return time.monotonic() - self.started
                except OSError:
                    pass
            if self.process.poll() is not None:
                break
            time.sleep(0.001)
        raise SystemExit(f"{self.log.name}: the server did not start")

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()

    def memory(self, name):
        """A figure of /proc/PID/status in KiB, such as RssAnon."""
        for line in open(f"/proc/{self.pid}/status"):
            if line.startswith(name + ":"):
                return int(line.split()[1])
        raise KeyError(name)


class Emulator:
    """The emulator of Azure's tables, with its rows in a file."""

    def __init__(self, state):
        python = ROOT / ".build" / "python" / "bin" / "python"
        self.process = subprocess.Popen(
            [python, "-B", ROOT / "Tests" / "TableEmulator", "--state", state],
            stdout=subprocess.PIPE, text=True)
        self.pid = self.process.pid
        ports = json.loads(self.process.stdout.readline())
        self.control_address = f"http://127.0.0.1:{ports['control']}"
        token = self.control("/sas", {"ss": "t", "srt": "co", "sp": "raudc"})["token"]
        self.environment = {
            "ENDPOINT": f"http://127.0.0.1:{ports['port']}/devstoreaccount1",
            "SAS_TOKEN": token, "AUTHD_STORE": "azure", "AUTHD_OLD_TABLE": "off"}

    def control(self, path, body=None):
        """A call of the control port; with a body it is a POST."""
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(self.control_address + path, data) as answer:
            return json.load(answer)

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Authd(Server):
    """A daemon with state in a directory of its own; `under` is a command that runs it."""

    def __init__(self, directory, binary, name="authd", under=(), **settings):
        state = pathlib.Path(directory) / f"{name}-state"
        environment = {
            "PATH": os.environ["PATH"], "AUTHD_STATE_DIR": str(state),
            "AUTHD_LISTEN": f"unix:{pathlib.Path(directory) / (name + '.sock')}",
            "AUTHD_LOG_LEVEL": "warning",
            "AUTHD_AUDIT": f"file:{pathlib.Path(directory) / (name + '.audit')}",
            # As many connections as a load opens, all of them of one user.
            "AUTHD_CONNECTIONS_MAX": "20000", "AUTHD_CONNECTIONS_PER_UID_MAX": "20000",
        }
        environment.update({key: str(value) for key, value in settings.items()})
        super().__init__(directory, name, [*under, binary], environment)


def load(socket_path, *options):
    """One run of the load generator: its figures."""
    text = output(BUILD / "loadgen", "-s", socket_path, "-l", *options)
    return {key: float(value) for key, value in (pair.split("=") for pair in text.split())}
