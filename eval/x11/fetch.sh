#!/usr/bin/env bash
# Fetches the X11 programs and libraries that the five X11 subjects come from, as this Debian release packages their source:
# about 480 000 lines of C. Nothing of it is kept in this repository.
#
#   eval/x11/fetch.sh [FOLDER]      (default: target/x11)
#
# Needs apt-get (its sources are taken from /etc/apt, with `deb` read as `deb-src`), dpkg-source (package dpkg-dev), a network.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=${1:-target/x11}
packages=(x11-utils x11-xserver-utils xinput libx11 libxi libxext libxcb libxmu libxrandr libxinerama libxxf86vm libxt xorgproto)

command -v dpkg-source >/dev/null || { echo "fetch.sh: dpkg-source is missing; apt-get install dpkg-dev" >&2; exit 2; }
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
mkdir -p "$state/parts" "$state/lists/partial" "$state/archives/partial" "$folder"
for list in /etc/apt/sources.list.d/*.sources; do
    [ -e "$list" ] && sed 's/^Types:.*/Types: deb-src/' "$list" >"$state/parts/$(basename "$list")"
done
[ -e /etc/apt/sources.list ] && sed -n 's/^deb /deb-src /p' /etc/apt/sources.list >"$state/parts/main.list"
options=(-o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$state/parts" -o Dir::State::Lists="$state/lists"
    -o Dir::Cache="$state" -o APT::Sandbox::User=root -qq)
apt-get "${options[@]}" update
# A mirror may have lost what a release points to, and still have the text of a later one.
later() {
    for suite in stable testing unstable; do
        local parts="$state/$suite"
        [ -d "$parts" ] || { mkdir "$parts" && cp "$state"/parts/* "$parts"/; }
        sed -i "s/^Suites:.*/Suites: $suite/; s/^\\(deb-src .*\\) [a-z-]* main.*/\\1 $suite main/" "$parts"/*
        mkdir -p "$state/lists-$suite/partial"
        local from=("${options[@]}" -o Dir::Etc::SourceParts="$parts" -o Dir::State::Lists="$state/lists-$suite")
        apt-get "${from[@]}" update 2>/dev/null || true
        apt-get "${from[@]}" source --tar-only "$1" 2>/dev/null && return
    done
    return 1
}
cd "$folder"
missing=()
for package in "${packages[@]}"; do
    [ "$package" != libxi ] && compgen -G "$package-*/" >/dev/null && continue
    [ -d "$package-upstream" ] && continue
    apt-get "${options[@]}" source "$package" && continue
    # Not every mirror keeps Debian's own changes; the upstream text alone will do.
    if apt-get "${options[@]}" source --tar-only "$package" || later "$package"; then
        mkdir "$package-upstream"
        tar -xf "$package"_*.tar.* -C "$package-upstream" --strip-components=1
    else
        missing+=("$package")
    fi
done
# Of what has no source here, the headers at least.
for package in x11proto-dev libxi-dev libxrandr-dev; do
    [ -d "$package" ] && continue
    apt-get -qq -o APT::Sandbox::User=root download "$package" && dpkg-deb -x "$package"_*.deb "$package"
done
# The protocol's functions are made from its description when libxcb is built.
if compgen -G "libxcb-*/src/c_client.py" >/dev/null; then
    made=$(mktemp -d)
    (cd "$made" && apt-get -qq -o APT::Sandbox::User=root download xcb-proto python3-xcbgen)
    for package in "$made"/*.deb; do dpkg-deb -x "$package" "$made"; done
    modules=$(dirname "$(find "$made" -type d -name xcbgen | head -n 1)")
    for tree in libxcb-*/; do
        # Programs include <xcb/xcb.h>.
        mv "$tree/src" "$tree/xcb"
        for protocol in $(find "$made" -name '*.xml'); do
            (cd "$tree/xcb" && python3 c_client.py -c libxcb -l "X Version 11" -s 3 -p "$modules" "$protocol") >/dev/null
        done
    done
    rm -rf "$made"
fi
rm -f -- *.dsc *.tar.* *.diff.gz *.deb
for tree in */; do
    files=$(find "$tree" -name '*.[ch]' -type f | wc -l)
    lines=$(find "$tree" -name '*.[ch]' -type f -exec cat {} + | wc -l)
    printf '%-32s %5d files %7d lines\n' "$tree" "$files" "$lines"
done
[ ${#missing[@]} -eq 0 ] || echo "fetch.sh: not to be had here: ${missing[*]}" >&2
# tree.py can do without these two: it has the protocol's headers from x11proto-dev.
for package in "${missing[@]}"; do
    [ "$package" = xinput ] || [ "$package" = xorgproto ] || exit 1
done
