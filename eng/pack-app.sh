#!/usr/bin/env bash
# Packs the libraries and uses them as a stranger does: a fresh project outside of the tree with references to the packages alone dials a service of its
# own, run by `dotnet run` and published trimmed and self-contained. A warning fails. Needs root, and the libraries built for Release.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() {
    echo "eng/pack-app.sh: $1" >&2
    [[ -z "${2:-}" ]] || cat "$2" >&2
    exit 1
}

version=$(dotnet msbuild src/Datapath.Hosting/Datapath.Hosting.csproj -getProperty:Version)
# What the user's cache has is read, and nothing is added to it.
NUGET_FALLBACK_PACKAGES=$(dotnet nuget locals global-packages --list | sed 's/^[^:]*: //; s#/$##')
[[ ! -d "$NUGET_FALLBACK_PACKAGES/datapath.hosting/$version" ]] || fail "the package cache has a Datapath.Hosting $version already: remove datapath.* from $NUGET_FALLBACK_PACKAGES"
for project in src/*/*.csproj; do
    dotnet pack "$project" -c Release --no-build -o "$scratch/packages" >"$scratch/pack.log" 2>&1 || fail "$project cannot be packed" "$scratch/pack.log"
    ! grep -E '\b(warning|error) [A-Z]+[0-9]+' "$scratch/pack.log" || fail "packing $project warns"
done

# The sources of packages are those of the tree, with the packages in the place of its own.
cp -r eng/pack-app "$scratch/app"
sed 's#value="eng/packages"#value="../packages"#' nuget.config >"$scratch/app/nuget.config"
sed -i "s/VERSION/$version/" "$scratch/app/App.csproj"
cd "$scratch/app"
export NUGET_FALLBACK_PACKAGES NUGET_PACKAGES="$scratch/cache"
dotnet run -c Release >"$scratch/run.log" 2>&1 || fail "the app does not run" "$scratch/run.log"
[[ "$(tail -n 1 "$scratch/run.log")" == "10.96.0.1:80 is answered by the backend" ]] || fail "the app does not reach its service" "$scratch/run.log"
dotnet publish -c Release --use-current-runtime --self-contained -p:PublishTrimmed=true -o "$scratch/out" >"$scratch/publish.log" 2>&1 || fail "the app cannot be published trimmed" "$scratch/publish.log"
! grep -E '\b(warning|error) [A-Z]+[0-9]+' "$scratch/publish.log" || fail "publishing the app trimmed warns"
[[ "$("$scratch/out/App")" == "10.96.0.1:80 is answered by the backend" ]] || fail "the trimmed app does not reach its service"
echo "packages used by a fresh project, also trimmed ($(du -sh --exclude='*.pdb' --exclude='*.xml' --exclude='*.dbg' "$scratch/out" | cut -f1)):"
(cd "$scratch/packages" && du -k -- *.nupkg | sed "s/\.$version\.nupkg//" | sort -k2 | sed 's/^\([0-9]*\)\t\(.*\)/  \2 \1 KiB/')
