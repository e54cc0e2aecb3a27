#!/usr/bin/env bash
# Does what docs/getting-started.md says, in a fresh folder outside of the tree: packs the libraries (built already), writes the project and the program
# of the page, runs it, publishes it trimmed and runs that too. A warning fails, and so does a size that is not the one in docs/embedding.md, or a package whose page leads to where nothing is. Needs
# root, and the libraries built for Release.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly sizes=$PWD/docs/embedding.md tolerance=3 # percent

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
page="$scratch/page.md"
sed "s#/tmp/datapath-packages#$scratch/packages#; s/^\(for .* -c Release\)/\1 --no-build/" docs/getting-started.md >"$page"

fail() {
    echo "eng/pack-app.sh: $1" >&2
    [[ -z "${2:-}" ]] || cat "$2" >&2
    exit 1
}

# The Nth block of a language on the page.
block() {
    awk -v start="\`\`\`$1" -v wanted="$2" '$0 == start { count++; inside = count == wanted; next } $0 == "```" { inside = 0 } inside
        END { exit count < wanted }' "$page" || fail "docs/getting-started.md has no block $2 of $1"
}

# Runs the Nth command of the page.
run() {
    bash -euo pipefail -c "$(block sh "$1")" >"$scratch/run.log" 2>&1 || fail "$2" "$scratch/run.log"
    ! grep -E '\b(warning|error) [A-Z]+[0-9]+' "$scratch/run.log" || fail "$2: it warns"
}

version=$(dotnet msbuild src/Datapath.Hosting/Datapath.Hosting.csproj -getProperty:Version)
# What the user's cache has is read, and nothing is added to it.
NUGET_FALLBACK_PACKAGES=$(dotnet nuget locals global-packages --list | sed 's/^[^:]*: //; s#/$##')
[[ ! -d "$NUGET_FALLBACK_PACKAGES/datapath.hosting/$version" ]] || fail "the package cache has a Datapath.Hosting $version already: remove datapath.* from $NUGET_FALLBACK_PACKAGES"
run 1 "the libraries cannot be packed"
# Beside the page of a package there are no files, and a repository without a URL leads nobody there.
! grep -nP '\]\((?!https?://|#)' src/README.md || fail "the README of the packages has links that are relative"
# What is packed says nothing of where it was built.
for package in "$scratch"/packages/*.nupkg; do
    unzip -qo "$package" '*.dll' -d "$scratch/libraries"
done
! grep -rlF "$PWD" "$scratch/libraries" || fail "libraries of packages have the path of the clone in them"
! grep -nP '<repository (?!.*url=)' src/*/obj/Release/*."$version".nuspec || fail "a package names a repository without its URL"

mkdir "$scratch/shop"
cd "$scratch/shop"
export NUGET_FALLBACK_PACKAGES NUGET_PACKAGES="$scratch/cache"
block xml 1 >Shop.csproj
block csharp 1 >Program.cs
block text 1 >"$scratch/expected"
run 2 "the program does not run"
diff "$scratch/expected" "$scratch/run.log" || fail "the program does not print what docs/getting-started.md shows"
run 3 "the program cannot be published trimmed"
out/Shop | diff "$scratch/expected" - || fail "the trimmed program does not print what docs/getting-started.md shows"

wrong=0 packages=()
# Compares the size of something, in bytes, with its line in the table.
check_size() {
    local name=$1 size=$((($2 + 1023) / 1024)) line told
    if ! IFS=: read -r line told < <(grep -nE "^\| \`$name\` \| [0-9]+ KiB \|" "$sizes"); then
        echo "eng/pack-app.sh: docs/embedding.md has no line for $name in its table of sizes: add '| \`$name\` | $size KiB |'" >&2
        wrong=1
        return
    fi
    told=$(sed -E 's/^[^|]*\| [^|]+ \| ([0-9]+) KiB.*/\1/' <<<"$told")
    echo "  $name: $size KiB"
    if ((size * 100 < told * (100 - tolerance) || size * 100 > told * (100 + tolerance))); then
        echo "eng/pack-app.sh: $name has $size KiB, and docs/embedding.md says $told: if that is right, change line $line" >&2
        wrong=1
    fi
}

echo "packages used by a fresh project, also trimmed:"
for package in "$scratch"/packages/*.nupkg; do
    name=$(basename "$package" ".$version.nupkg")
    packages+=("$name")
    check_size "$name" "$(stat -c %s "$package")"
done
[[ "$(uname -m)" != x86_64 ]] || check_size Shop "$(du -sb --exclude='*.pdb' --exclude='*.xml' --exclude='*.dbg' out | cut -f1)"
for name in $(sed -nE 's/^\| `([A-Za-z.]+)` \| [0-9]+ KiB \|.*/\1/p' "$sizes"); do
    [[ " Shop ${packages[*]} " == *" $name "* ]] || { echo "eng/pack-app.sh: docs/embedding.md has the size of $name, which is not packed" >&2; wrong=1; }
done
((wrong == 0)) || fail "the table of sizes in docs/embedding.md is not right"
