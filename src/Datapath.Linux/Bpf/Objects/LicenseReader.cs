using System.Text;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Bpf;

/// <summary>Reads the section <c>license</c>.</summary>
internal static class LicenseReader
{
    public static string Read(ElfFile elf)
    {
        var section = elf.FindSection("license")
            ?? throw new InvalidBpfObjectException("no section 'license'; the kernel offers most helpers only to a GPL-compatible program");
        return Encoding.UTF8.GetString(section.Data.Span).TrimEnd('\0');
    }
}
