#!/usr/bin/env bash
# Runs everything that must hold: restore in locked mode, build, formatting, the eBPF objects against their sources, all tests, and those that
# depend on the kernel on older kernels too, in virtual machines (eng/kernels).
# Needs root (eBPF, network namespaces) and the .NET 10 SDK; installs what else it needs on Debian and Ubuntu.
#   ./test.sh                 all of it
#   ./test.sh NAME...         the same, but only tests whose project names contain a NAME; the virtual machines go by the name "eng/kernels"
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

die() {
    echo "test.sh: $*" >&2
    exit 2
}

step() {
    echo
    echo "== $* (at $SECONDS s)"
}

names=("$@")
# Whether a project is among those asked for.
wanted() {
    local word
    ((${#names[@]})) || return 0
    for word in "${names[@]}"; do [[ "$1" != *"$word"* ]] || return 0; done
    return 1
}

[[ "$(uname -s)" == Linux ]] || die "Datapath runs on Linux only, this is $(uname -s)"
[[ "$(id -u)" == 0 ]] || die "run this as root: the tests load eBPF programs and make network namespaces"
command -v dotnet >/dev/null || die "the .NET 10 SDK is missing (no 'dotnet' on the PATH): https://dotnet.microsoft.com/download"
dotnet --version >/dev/null || die "the .NET SDK that global.json asks for is missing; installed are: $(dotnet --list-sdks | tr '\n' ' ')"

# command:package; the version of clang is pinned, because another one makes other objects
missing=() tools=(clang-19:clang-19 llvm-strip-19:llvm-19 setpriv:util-linux)
if wanted Datapath.Kernel.Tests; then
    tools+=(dnsmasq:dnsmasq-base dig:bind9-dnsutils promtool:prometheus nft:nftables)
fi
if wanted Datapath.Kubernetes.Tests; then
    tools+=(kubectl:kubernetes-client)
fi
if wanted eng/kernels && [[ "$(uname -m)" == x86_64 ]]; then
    tools+=(qemu-system-x86_64:qemu-system-x86 busybox:busybox-static cpio:cpio xz:xz-utils zstd:zstd)
fi
for pair in "${tools[@]}"; do
    command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
done
if ((${#missing[@]})); then
    command -v apt-get >/dev/null || die "missing: ${missing[*]}; install them by your system's package manager"
    step "Install ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq || die "apt-get update failed; install by hand: ${missing[*]}"
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null || die "apt-get install failed; install by hand: ${missing[*]}"
fi

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
scratch=$(mktemp -d)
guests= beside= asides=
trap 'for child in $guests $beside $asides; do { kill "$child" && wait "$child"; } 2>/dev/null || true; done; rm -rf "$scratch"' EXIT

step "Restore, exactly what the lock files say"
dotnet restore Datapath.slnx --locked-mode

step "Build"
dotnet build Datapath.slnx -c Release --no-restore

step "The eBPF objects are what their sources make"
eng/build-bpf.sh --verify

passed=0 failed=0 skipped=0 broken=()
# Runs the tests of a project, if it is among those asked for, and counts them. What follows the project goes to dotnet test.
test_project() {
    local project=$1 name log
    name=$(basename "$project" .csproj)
    wanted "$name" || return 0
    step "$name"
    log="$scratch/$name.log"
    dotnet test "$project" -c Release --no-build "${@:2}" 2>&1 | tee "$log" || broken+=("$name")
    count "$name" "$log"
}

# Counts what the tests of a project told.
count() {
    local name=$1 log=$2 line f p s
    # The closing line: "Passed!  - Failed:     0, Passed:    30, Skipped:     0, Total: ..."
    line=$(grep -E '^(Passed|Failed)! +- Failed:' "$log" | tail -n 1 || true)
    [[ -n "$line" ]] || { broken+=("$name (told no result)"); return 0; }
    read -r f p s < <(sed -E 's/.*Failed: +([0-9]+), Passed: +([0-9]+), Skipped: +([0-9]+).*/\1 \2 \3/' <<<"$line")
    ((failed += f, passed += p, skipped += s)) || true
}

# Runs a command whose end is looked at later, by tell.
noted() {
    local name=$1 status=0
    shift
    "$@" >"$scratch/$name.log" 2>&1 || status=$?
    echo "$status" >"$scratch/$name.status"
}

# Tells what came of it.
tell() {
    step "$2"
    cat "$scratch/$1.log"
    [[ "$(cat "$scratch/$1.status")" == 0 ]] || broken+=("$2")
}

# Tells what tests did that ran beside others, and counts them.
tell_tests() {
    tell "$1" "$2"
    count "$2" "$scratch/$1.log"
}

# The build has refused warnings already, so analyzers are not asked again: what is left is white space and the order of imports.
check_format() {
    dotnet format whitespace Datapath.slnx --no-restore --verify-no-changes && dotnet format style Datapath.slnx --no-restore --verify-no-changes --severity error
}
export -f check_format

# The tests of the kernel go first: they have to tell of it, not of a busy machine. They wait most of their time and have labs of their own, so four groups of
# about the same length run beside each other.
declare -A groups=(
    [Services]="FullyQualifiedName~Kernel.Tests.Services."
    ["Masquerade, Netlink, Samples, Soak"]="FullyQualifiedName~Kernel.Tests.Masquerade.&FullyQualifiedName!~Masquerade.Flows.&FullyQualifiedName!~Masquerade.Fragments.&FullyQualifiedName!~Masquerade.Takeover|FullyQualifiedName~Kernel.Tests.Netlink.|FullyQualifiedName~Kernel.Tests.Samples.|FullyQualifiedName~Kernel.Tests.Soak."
    [Flows]="FullyQualifiedName~Kernel.Tests.Masquerade.Flows.|FullyQualifiedName~Kernel.Tests.Masquerade.Fragments.|FullyQualifiedName~Kernel.Tests.Masquerade.Takeover|FullyQualifiedName~Kernel.Tests.Upgrade."
)
others="FullyQualifiedName!~Kernel.Tests.Services.&FullyQualifiedName!~Kernel.Tests.Masquerade.&FullyQualifiedName!~Kernel.Tests.Upgrade.&FullyQualifiedName!~Kernel.Tests.Netlink.&FullyQualifiedName!~Kernel.Tests.Samples.&FullyQualifiedName!~Kernel.Tests.Soak."
kernel=tests/Datapath.Kernel.Tests/Datapath.Kernel.Tests.csproj
for group in "${!groups[@]}"; do
    ! wanted Datapath.Kernel.Tests || noted "$group" dotnet test "$kernel" -c Release --no-build --filter "${groups[$group]}" &
    beside+=" $!"
done
# What neither the kernel nor time matters to has what the others leave of the processors.
{
    noted formatting nice -n 10 bash -c check_format
    ! wanted Datapath.Policy.Tests || noted Datapath.Policy.Tests nice -n 10 dotnet test tests/Datapath.Policy.Tests -c Release --no-build
    noted publish-app nice -n 10 eng/publish-app.sh
    noted pack-app nice -n 10 eng/pack-app.sh
} &
asides=$!
test_project "$kernel" --filter "$others"
for child in $beside; do wait "$child" || broken+=("what ran beside the kernel's tests"); done
beside=
for group in "${!groups[@]}"; do ! wanted Datapath.Kernel.Tests || tell_tests "$group" "Datapath.Kernel.Tests, $group"; done
if wanted eng/kernels; then
    step "Older kernels, in virtual machines: started, their results come below"
    eng/kernels/run.sh >"$scratch/kernels.log" 2>&1 &
    guests=$!
fi

for project in tests/*.Tests/*.csproj; do
    [[ "$project" == */Datapath.Kernel.Tests.csproj || "$project" == */Datapath.Policy.Tests.csproj ]] || test_project "$project"
done

wait "$asides" || broken+=("what ran beside the tests")
asides=
tell formatting "Formatting"
tell publish-app "Published trimmed and self-contained, the getting-started program runs"
tell pack-app "Packed, the packages serve a project that has nothing else"
! wanted Datapath.Policy.Tests || tell_tests Datapath.Policy.Tests Datapath.Policy.Tests

notes=() finished=0
if [[ -n "$guests" ]]; then
    step "Older kernels, in virtual machines"
    log="$scratch/kernels.log" status=0
    wait "$guests" || status=$?
    guests=
    cat "$log"
    mapfile -t notes < <(grep -E '^(Linux [0-9.]+: .* after|run\.sh: )' "$log" || true)
    finished=$(grep -cE '^Linux [0-9.]+: .* after' "$log" || true)
    case $status in
        0) ;;
        3) ;; # there is no way to do it on this machine, and the notes say why
        *) broken+=("eng/kernels") ;;
    esac
fi

step "Summary"
for name in "${broken[@]}"; do echo "failed: $name"; done
for note in "${notes[@]}"; do echo "$note"; done
echo "$passed passed, $failed failed, $skipped skipped"
((${#broken[@]} == 0 && failed == 0 && passed + finished > 0))
