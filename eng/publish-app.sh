#!/usr/bin/env bash
# Publishes tests/Datapath.TrimmedApp, which keeps every assembly of the project whole, as users ship programs: trimmed and self-contained, and by the
# NativeAOT compiler where the package source has it for this machine. A warning fails; so does an app that counts wrongly. Needs root.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly app=tests/Datapath.TrimmedApp
case "$(uname -m)" in
    x86_64) readonly runtime=linux-x64 ;;
    aarch64) readonly runtime=linux-arm64 ;;
    *)
        echo "eng/publish-app.sh: .NET publishes no runtime for $(uname -m)" >&2
        exit 2
        ;;
esac
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Publishes into folder $1 below the scratch folder, with the properties that follow.
publish() {
    local name=$1
    shift
    dotnet publish "$app" -c Release -p:PublishFor="$runtime" "$@" --artifacts-path "$scratch/$name.artifacts" -o "$scratch/$name" >"$scratch/$name.log" 2>&1 || {
        cat "$scratch/$name.log"
        return 1
    }
    # Errors they are already (TreatWarningsAsErrors), but a tool that is not told of that would slip through.
    if grep -E '\b(warning|error) [A-Z]+[0-9]+' "$scratch/$name.log"; then
        echo "eng/publish-app.sh: the publish as '$name' warns" >&2
        return 1
    fi
}

# What the getting-started program tells of its own connections.
count() {
    local told
    told=$("$scratch/$1/Datapath.TrimmedApp" | tr -s ' ')
    if [[ "$told" != $' 3 udp 127.0.0.1:7\n 2 udp 127.0.0.2:53' ]]; then
        printf 'eng/publish-app.sh: the app published as %s counts wrongly:\n%s\n' "$1" "$told" >&2
        return 1
    fi
    echo "$1 ($runtime): published without a warning, $(du -sh --exclude='*.pdb' --exclude='*.xml' --exclude='*.dbg' "$scratch/$1" | cut -f1), counts right"
}

publish trimmed
count trimmed

# A feed that lacks the compiler of this SDK's version is the one reason to do without.
if dotnet restore "$app" -p:PublishFor="$runtime" -p:PublishNative=true --artifacts-path "$scratch/native.artifacts" >"$scratch/native.restore.log" 2>&1; then
    publish native -p:PublishNative=true
    count native
elif missing=$(grep -m 1 -oE 'NU110[0-9]: Unable to find package [^ ]*(ILCompiler|NativeAOT)[^ ]*' "$scratch/native.restore.log"); then
    echo "native ($runtime): not published, because the package source lacks the compiler: ${missing%.}"
else
    cat "$scratch/native.restore.log"
    exit 1
fi
