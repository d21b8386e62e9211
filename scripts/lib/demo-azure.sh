# What scripts/demo --azure shows, which sources this: two daemons on one table of Azure Table Storage,
# played by the emulator of the tests, and one of them dies.

need_packages curl
python_with h11==0.16.0 >/dev/null

# start NAME: a daemon with a socket and a directory of its own, which serves when this returns.
declare -A daemons=()
start() {
    AUTHD_LISTEN=unix:$home/$1.sock AUTHD_STATE_DIR=$home/$1 "$bin/authd" >"$home/log" 2>&1 &
    daemons[$1]=$!
    daemon=$!
    AUTHD_SOCKET=unix:$home/$1.sock await_daemon
    daemon=
}

# turn_to NAME: where the callers' address leads, as a load balancer would have it.
turn_to() {
    echo
    echo "# Callers now reach the $1 daemon."
    echo "\$ ln -sfn $1.sock authd.sock"
    ln -sfn "$1.sock" "$home/authd.sock"
}

# table TEXT: the keys of all rows, as the service has them.
table() {
    echo
    echo "# $1"
    echo "\$ curl $control/state?table=Users"
    curl -s "$control/state?table=Users" >"$home/rows"
    grep -oE '"row": ?"[^"]*"' "$home/rows" | sed 's/^/  /' || echo "  (no rows)"
}

stop_all() {
    local child
    for child in "${daemons[@]}" "$emulator"; do kill "$child" 2>/dev/null || true; done
    for child in "${daemons[@]}" "$emulator"; do wait "$child" 2>/dev/null || true; done
    stop
}
emulator=
trap stop_all EXIT

echo
echo "# Start the table service: the emulator, which is strict like Azure, on a port of 127.0.0.1."
echo "\$ Tests/TableEmulator/run &"
mkfifo "$home/ports"
Tests/TableEmulator/run >"$home/ports" &
emulator=$!
IFS= read -r ports <"$home/ports"
echo "  $ports"
number() { sed -E "s/.*\"$1\": ?([0-9]+).*/\1/" <<<"$ports"; }
control=http://127.0.0.1:$(number control)
ENDPOINT=http://127.0.0.1:$(number port)/devstoreaccount1
SAS_TOKEN=$(curl -s -d '{"ss": "t", "srt": "co", "sp": "raudc"}' "$control/sas" |
    sed -E 's/.*"token": ?"([^"]*)".*/\1/')
# One secret for both, so that each believes the other's tokens; and none remembers sessions, so that
# each sees at once what the other did. `AUTHD_SESSION_CACHE_SECONDS` trades that for speed.
JWT_SECRET=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
export ENDPOINT SAS_TOKEN JWT_SECRET AUTHD_SESSION_CACHE_SECONDS=0 AUTHD_OLD_TABLE=off

echo
echo "# Start two daemons on one table. They share its address, a SAS for it, and JWT_SECRET."
echo "\$ export ENDPOINT=$ENDPOINT SAS_TOKEN='sv=...&sig=...' JWT_SECRET=..."
echo "\$ AUTHD_LISTEN=unix:first.sock authd & AUTHD_LISTEN=unix:second.sock authd &"
start first
sed 's/^/  first:  /' "$home/log"
start second
sed 's/^/  second: /' "$home/log"

turn_to first
step "Register a user." authctl register "$email" --password-stdin <<<"$old"
step "Log in." authctl login "$email" --password-stdin <<<"$old"

turn_to second
step "The second daemon knows the session that the first one made." authctl whoami
step "It renews the tokens." authctl refresh
refused "An address that is taken is taken everywhere." \
    authctl register "$email" --password-stdin <<<"$old"

turn_to first
step "The first one takes the renewed tokens." authctl whoami
echo
echo "# Kill the first daemon without warning."
echo "\$ kill -9 \$first"
kill -9 "${daemons[first]}"; wait "${daemons[first]}" 2>/dev/null || true
unset 'daemons[first]'

turn_to second
step "The second one goes on with the same session." authctl whoami
step "It renews the tokens again." authctl refresh
step "It changes the password; all other sessions end." authctl passwd --password-stdin \
    <<<"$old"$'\n'"$new"
step "It lets the user log in from another place." \
    authctl login "$email" --profile other --password-stdin <<<"$new"

echo
echo "# Start the first daemon again: it has nothing to catch up with."
echo "\$ AUTHD_LISTEN=unix:first.sock authd &"
start first
turn_to first
step "The session goes on there." authctl whoami
step "Both sessions are there." authctl sessions
refused "The old password is worth nothing." \
    authctl login "$email" --profile third --password-stdin <<<"$old"
table "What the table holds: the account and its sessions."
step "Delete the account." authctl delete-user --password-stdin <<<"$new"

turn_to second
refused "The other session ended with it." authctl whoami --profile other
table "Nothing of the user is left in the table."

echo
echo "# Stop both daemons."
echo "\$ kill \$first \$second"
for name in first second; do
    kill "${daemons[$name]}"; wait "${daemons[$name]}"; unset "daemons[$name]"
done
echo
echo "The demo is done."
