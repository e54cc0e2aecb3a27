#!/usr/bin/env bash
# Unpacks one of Debian's kernel packages for a virtual machine, without installing it.
#   unpack.sh PACKAGE FOLDER
# makes FOLDER/vmlinux, to be entered directly (its own decompressor takes longer under emulation than the rest of the boot), and
# FOLDER/modules.cpio, an initramfs with the modules that the tests need and with the options that the kernel was built with.
set -euo pipefail
package=$1 folder=$2
# crc32c_generic comes first, because libcrc32c asks for it by name.
modules=(crc32c_generic veth bridge dummy vxlan geneve macvlan 8021q sch_ingress sch_fq sch_tbf sch_netem cls_bpf act_bpf nf_defrag_ipv4 nf_defrag_ipv6 nf_conntrack nf_tables inet_diag tcp_diag udp_diag)

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
chmod 755 "$scratch" # apt's own user downloads into it
mkdir -p "$folder"
(cd "$scratch" && apt-get download -qq "$package" 2>&1 | grep -v 'unsandboxed' >&2) || true
deb=("$scratch"/linux-image-*.deb)
[[ -f "${deb[0]}" ]] || { echo "unpack.sh: $package could not be downloaded" >&2; exit 1; }
dpkg-deb --fsys-tarfile "${deb[0]}" | tar -x -C "$scratch" --wildcards './boot/vmlinuz-*' './boot/config-*' '*/modules.*' '*/kernel/drivers/net/*' '*/kernel/net/*' '*/kernel/lib/*' '*/kernel/crypto/*'

# Where the compressed vmlinux lies in the image: Documentation/arch/x86/boot.rst, setup_sects, payload_offset and payload_length.
# The last four bytes of the payload are its unpacked length.
image=$(echo "$scratch"/boot/vmlinuz-*)
number() { od -An -j "$1" -N "$2" "-tu$2" "$image" | tr -d ' '; }
start=$((($(number 0x1f1 1) + 1) * 512 + $(number 0x248 4)))
length=$(($(number 0x24c 4) - 4))
payload() { tail -c "+$((start + 1))" "$image" | head -c "$length" || true; }
case $(payload | od -An -N4 -tx1 | tr -d ' ') in
    fd377a58) payload | xz -dc >"$folder/vmlinux" ;;
    28b52ffd) payload | zstd -dcq >"$folder/vmlinux" ;;
    *) echo "unpack.sh: $package is compressed in a way that is not known here" >&2; exit 1 ;;
esac

release=$(basename "$scratch"/lib/modules/*)
find "$scratch/lib/modules" -name '*.ko.xz' -exec xz -d {} +
busybox depmod -b "$scratch" "$release"
tree="$scratch/tree/lib/modules/$release"
mkdir -p "$tree"
copy() {
    local line file
    # A line of modules.dep: a module, then whatever it needs.
    line=$(grep -m 1 -E "(^|/)$1\.ko:" "$scratch/lib/modules/$release/modules.dep") || { echo "unpack.sh: $package has no module $1" >&2; return 1; }
    for file in ${line/:/}; do
        mkdir -p "$(dirname "$tree/$file")"
        cp "$scratch/lib/modules/$release/$file" "$tree/$file"
    done
}
for module in "${modules[@]}"; do copy "$module"; done
cp "$scratch/lib/modules/$release"/modules.builtin* "$tree"
busybox depmod -b "$scratch/tree" "$release"
printf '%s\n' "${modules[@]}" >"$scratch/tree/modules"
mkdir "$scratch/tree/boot"
cp "$scratch"/boot/config-* "$scratch/tree/boot"
(cd "$scratch/tree" && find . | cpio --create --format=newc --quiet) >"$folder/modules.cpio"
