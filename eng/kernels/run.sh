#!/usr/bin/env bash
# Runs the tests that depend on the kernel on Debian's kernels, in virtual machines under emulation: neither KVM nor an installed kernel is needed.
#   eng/kernels/run.sh               on all kernels of the table below, at the same time
#   eng/kernels/run.sh 6.1...        on these
# Needs tests/Datapath.Kernel.Tests.Guest built for Release. DATAPATH_TESTS chooses folders and classes of tests/Datapath.Kernel.Tests ("Bpf Netlink.DumpTests"),
# DATAPATH_SECONDS is another limit, and DATAPATH_LOGS a folder for the consoles.
# Exits 3 where there is no way to do this.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# kernel, the fewest tests that must pass (a start that fails, or a filter that finds nothing, is no success), seconds at most, folders of tests.
# Services and netlink use nothing of 6.18 that 6.12 lacks, so the older kernel alone tells of them.
table='6.1  700 1200 Bpf Cgroups Masquerade Namespaces Netlink Services
6.12 300 1200 Bpf Cgroups Masquerade Namespaces'

cannot() {
    echo "run.sh: not run: $*" >&2
    exit 3
}
die() {
    echo "run.sh: $*" >&2
    exit 1
}

[[ "$(uname -m)" == x86_64 ]] || cannot "the virtual machines are x86-64, this machine is $(uname -m)"
command -v apt-cache >/dev/null || cannot "the kernels come from Debian's packages, and there is no apt here"
for tool in qemu-system-x86_64 busybox cpio xz zstd setpriv; do
    command -v "$tool" >/dev/null || die "'$tool' is missing; test.sh installs it"
done
bin="$here/../../tests/Datapath.Kernel.Tests.Guest/bin/Release/net10.0"
[[ -f "$bin/Datapath.Kernel.Tests.Guest.dll" ]] || die "build tests/Datapath.Kernel.Tests.Guest first: dotnet build -c Release"
dotnet=$(readlink -f "$(command -v dotnet)")
framework=$(dotnet --list-runtimes | sed -n 's/^Microsoft.NETCore.App \(10\.[0-9.]*\) \[\(.*\)\]$/\2\/\1/p' | sort -V | tail -n 1)

compiler=$(cat "$here/../../tests/Datapath.Kernel.Tests.Guest/obj/compiler")
[[ -x "$compiler" ]] || chmod +x "$compiler" # packages keep no modes

cache="${XDG_CACHE_HOME:-$HOME/.cache}/datapath/kernels"
scratch=$(mktemp -d)
guests=() booted=()
trap '((${#guests[@]} == 0)) || kill "${guests[@]}" 2>/dev/null || true; rm -rf "$scratch"' EXIT

# The newest package of a kernel, for example linux-image-6.1.0-56-amd64.
newest() { apt-cache search --names-only "^linux-image-${1//./\\.}\\.[0-9]+(-[0-9]+|\\+deb[0-9]+)-amd64\$" | cut -d ' ' -f 1 | sort -V | tail -n 1; }

# Prints the folder of an unpacked kernel. Lists of packages may be missing, or name a version that is gone by now: then they are read anew.
unpacked() {
    unpacked_as_listed "$1" || { apt-get update -qq >&2 && unpacked_as_listed "$1"; }
}

unpacked_as_listed() {
    local package folder
    package=$(newest "$1")
    [[ -n "$package" ]] || return 1
    folder="$cache/$package-$(cksum <"$here/unpack.sh" | cut -d ' ' -f 1)"
    if [[ ! -d "$folder" ]]; then
        rm -rf "$cache/linux-image-$1."*
        "$here/unpack.sh" "$package" "$folder.$$" >&2 && mv -T "$folder.$$" "$folder" || return 1
    fi
    echo "$folder"
}

# An initramfs of busybox, the .NET runtime of this machine with the libraries it needs, and the tests.
pack_tests() {
    local tree="$scratch/tree" runtime="$scratch/tree/usr/share/dotnet"
    mkdir -p "$tree"/{bin,usr/bin,sbin} "$runtime/shared/Microsoft.NETCore.App" "$runtime/host/fxr"
    cp "$here/init" "$tree/init"
    cp "$(command -v busybox)" "$tree/bin/busybox"
    cp "$(command -v setpriv)" "$tree/usr/bin/setpriv"
    cp "$dotnet" "$runtime/dotnet"
    cp -r "$framework" "$runtime/shared/Microsoft.NETCore.App/"
    cp -r "$(dirname "$dotnet")/host/fxr/$(basename "$framework")" "$runtime/host/fxr/"
    find "$tree/usr" -type f \( -name '*.so' -o -perm -u+x \) -exec ldd {} + 2>/dev/null | sed -nE 's/.*(=> |\t)(\/[^ ]+) \(.*/\2/p' | sort -u | while read -r library; do
        mkdir -p "$tree$(dirname "$library")"
        cp -L "$library" "$tree$library"
    done
    mkdir -p "$tree/tests"
    (cd "$bin" && cp -- *.dll *.json *.pdb "$tree/tests/")
    compile_ahead "$tree/tests"
    (cd "$tree" && find . | cpio --create --format=newc --quiet) >"$scratch/tests.cpio"
}

# Compiles the assemblies that tests spend their time in: under emulation the runtime's compiler takes a quarter of the time.
compile_ahead() {
    local name
    for name in Datapath.{Abstractions,BpfObjects,Hosting,Linux,Policy,Kernel.Tests,Kernel.Tests.Guest} nunit.framework; do
        "$compiler" "$bin/$name.dll" -o "$1/$name.dll" -r "$framework/*.dll" -r "$bin/*.dll" --targetos linux --targetarch x64 -O >"$scratch/compiler.log" 2>&1 || {
            cat "$scratch/compiler.log"
            die "$name.dll could not be compiled ahead of time"
        }
    done
}

# Boots a kernel; the console goes to a file. Without SMAP, because the emulator of Debian 12 takes the iretq by which .NET resumes a thread for an
# access of the kernel's; without the check of the timer, which a kernel fails that starts while others have the processor; one that stumbles ends the run at once.
boot() {
    local folder=$1 log=$2 seconds=$3 tests=$4 initrd="$2.cpio"
    mkdir "$2.tree"
    echo "$tests" >"$2.tree/arguments"
    (cd "$2.tree" && echo arguments | cpio --create --format=newc --quiet) >"$2.arguments.cpio"
    cat "$folder/modules.cpio" "$scratch/tests.cpio" "$2.arguments.cpio" >"$initrd"
    exec timeout "$seconds" qemu-system-x86_64 -machine pc -accel tcg -cpu max,-smap -smp 1 -m 2048 -nodefaults -no-reboot -display none \
        -serial "file:$log" -device isa-debug-exit,iobase=0xf4,iosize=0x4 \
        -kernel "$folder/vmlinux" -initrd "$initrd" -append "console=ttyS0 quiet oops=panic panic=-1 mitigations=off audit=0 nokaslr no_timer_check random.trust_cpu=on"
}

wanted=("$@")
((${#wanted[@]})) || mapfile -t wanted < <(cut -d ' ' -f 1 <<<"$table")
SECONDS=0
pack_tests
for kernel in "${wanted[@]}"; do
    read -r _ _ seconds folders < <(grep -E "^${kernel//./\\.} " <<<"$table") || die "the table here has no kernel $kernel"
    if [[ -z "$(newest "$kernel")" ]] && ! { apt-get update -qq && [[ -n "$(newest "$kernel")" ]]; }; then
        echo "run.sh: Linux $kernel: not run, this distribution has no package of it" >&2
        continue
    fi
    folder=$(unpacked "$kernel") || die "Linux $kernel could not be downloaded or unpacked"
    boot "$folder" "$scratch/$kernel.log" "${DATAPATH_SECONDS:-$seconds}" "${DATAPATH_TESTS:-$folders}" &
    guests+=($!)
    booted+=("$kernel")
done
((${#guests[@]})) || cannot "no kernel is left"
echo "${#guests[@]} virtual machines started after $SECONDS s"

broken=0
for i in "${!guests[@]}"; do
    kernel=${booted[i]} log="$scratch/${booted[i]}.log" status=0
    read -r _ minimum seconds _ < <(grep -E "^${kernel//./\\.} " <<<"$table")
    [[ -z "${DATAPATH_TESTS:-}" ]] || minimum=1
    wait "${guests[i]}" || status=$?
    verdict=$(tr -d '\r' <"$log" | sed -n 's/^verdict: //p' | tail -n 1)
    passed=${verdict%% passed*}
    case $status in
        3) problem= ;; # see init
        124) problem="not done within ${DATAPATH_SECONDS:-$seconds} s" ;;
        5) problem="tests failed" ;;
        *) problem="the virtual machine ended with $status" ;;
    esac
    [[ -n "$problem" ]] || [[ "$passed" =~ ^[0-9]+$ ]] || problem="no verdict"
    [[ -n "$problem" ]] || [[ "$verdict" == *", 0 failed,"* ]] || problem="tests failed"
    [[ -n "$problem" ]] || ((passed >= minimum)) || problem="only $passed tests passed, $minimum must"
    [[ -z "${DATAPATH_LOGS:-}" ]] || install -D "$log" "$DATAPATH_LOGS/linux-$kernel.log"
    if [[ -n "$problem" ]]; then
        broken=1
        echo "Linux $kernel: $problem; its console:"
        tr -d '\r' <"$log" | grep -vE '^Passed ' || true
    fi
    echo "Linux $kernel: ${verdict:-no verdict}, after $SECONDS s"
done
exit "$broken"
