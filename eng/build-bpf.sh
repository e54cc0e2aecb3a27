#!/usr/bin/env bash
# Compiles the eBPF objects with the pinned clang. Two checkouts in different places give the same bytes.
#   eng/build-bpf.sh           writes the committed objects
#   eng/build-bpf.sh --verify  compiles to a scratch folder and fails if a committed object differs
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly version=19 # pinned: another version makes other bytes
readonly cc="clang-$version" strip="llvm-strip-$version"
for tool in "$cc" "$strip"; do
    if ! command -v "$tool" >/dev/null; then
        echo "eng/build-bpf.sh: $tool is missing; on Debian or Ubuntu: apt-get install clang-$version llvm-$version" >&2
        exit 2
    fi
done

# Compiles every *.bpf.c of folder $1 into folder $2.
compile() {
    local source object
    for source in "$1"/*.bpf.c; do
        object="$2/$(basename "$source" .c).o"
        "$cc" -target bpfel -mcpu=v3 -O2 -g -nostdinc -Wall -Wextra -Werror \
            -ffile-prefix-map="$PWD"=. -fdebug-compilation-dir=. -c "$source" -o "$object"
        "$strip" -g "$object" # drops DWARF, keeps BTF
    done
}

# Folders with eBPF sources and where their objects are committed.
readonly folders=(
    src/Datapath.BpfObjects/bpf:src/Datapath.BpfObjects/objects
    bench/Datapath.Bench/bpf:bench/Datapath.Bench/objects
    samples/EbpfCounter/bpf:samples/EbpfCounter/objects
    tests/Datapath.Kernel.Tests/bpf:tests/Datapath.Kernel.Tests/objects
    tests/Datapath.Kernel.Tests/bpf/gallery:tests/Datapath.Kernel.Tests/objects/gallery
)

if [[ "${1:-}" != "--verify" ]]; then
    for pair in "${folders[@]}"; do
        compile "${pair%%:*}" "${pair##*:}"
    done
    exit 0
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
status=0
for pair in "${folders[@]}"; do
    rm -f "$scratch"/*
    compile "${pair%%:*}" "$scratch"
    if ! diff -q --exclude=gallery "$scratch" "${pair##*:}"; then
        echo "eng/build-bpf.sh: the committed objects in ${pair##*:} differ from their sources; run eng/build-bpf.sh and commit them" >&2
        status=1
    fi
done
exit "$status"
