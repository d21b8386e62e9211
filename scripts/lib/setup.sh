# Shared by the scripts: installs what a step needs and says so. Source it from the top folder.

# need_packages NAME...: Debian packages; installs those that are missing, as root or by sudo.
need_packages() {
    local missing=() name
    for name in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] ||
            missing+=("$name")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    echo "Installing Debian packages: ${missing[*]}" >&2
    local root=()
    [ "$(id -u)" = 0 ] || root=(sudo)
    "${root[@]}" apt-get update -qq >&2
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

# need_swift: a Swift 6.3 toolchain on the PATH; authd can't install one by apt.
need_swift() {
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p' | head -n 1)
    case "$version" in
        6.[3-9]* | 6.[1-9][0-9]* | [7-9].*) ;;
        "") echo "Swift is not on the PATH. Install Swift 6.3 or newer (swift.org/install)." >&2; exit 1 ;;
        *) echo "Swift $version is too old: authd needs 6.3 or newer." >&2; exit 1 ;;
    esac
}

# need_build_packages: what the daemon and its command line are built with.
need_build_packages() {
    need_swift
    need_packages libprotobuf-c-dev libssl-dev libcrypt-dev libargon2-dev libzxcvbn-dev libsqlite3-dev \
        libqrcodegen-dev libpng-dev libcurl4-openssl-dev pkg-config
}

# python_with NAME...: prints the Python of a virtual environment in .build that has these packages
# from PyPI, made when it is missing.
python_with() {
    local home=.build/python
    need_packages python3 python3-venv >&2
    if [ ! -x "$home/bin/python" ]; then
        echo "Making a Python environment in $home" >&2
        python3 -m venv "$home" >&2
    fi
    local name missing=()
    for name in "$@"; do
        "$home/bin/pip" show -q "${name%%[=<>]*}" >/dev/null 2>&1 || missing+=("$name")
    done
    if [ ${#missing[@]} -gt 0 ]; then
        echo "Installing Python packages: ${missing[*]}" >&2
        "$home/bin/pip" install -q --disable-pip-version-check "${missing[@]}" >&2
    fi
    echo "$PWD/$home/bin/python"
}
