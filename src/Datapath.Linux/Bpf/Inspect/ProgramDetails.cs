using System.Collections.Immutable;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Bpf;

/// <summary>Everything that the kernel says of a program. What a version of Linux does not tell is 0.</summary>
/// <remarks>Minimum kernel: 4.13.</remarks>
public sealed record ProgramDetails
{
    private ProgramDetails()
    {
    }

    /// <summary>Its number, unique while the machine runs.</summary>
    public required uint Id { get; init; }

    /// <summary>Its kind.</summary>
    public required ProgramType Type { get; init; }

    /// <summary>
    /// The name of its function. The kernel keeps 15 bytes; a longer name comes from the program's types, if it has any and this process may
    /// read them.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>A hash of its instructions as 16 hexadecimal digits; equal for equal code, whatever maps it uses.</summary>
    public required string Tag { get; init; }

    /// <summary>When it was loaded: time since the machine started, suspended time included.</summary>
    public required TimeSpan LoadedAfterBoot { get; init; }

    /// <summary>The user who loaded it.</summary>
    public required uint UserId { get; init; }

    /// <summary>Bytes of machine code; 0 if it is interpreted, or if this process may not know.</summary>
    public required uint MachineCodeSize { get; init; }

    /// <summary>Bytes of its instructions after the verifier's changes; 0 if this process may not know.</summary>
    public required uint Size { get; init; }

    /// <summary>The maps that it uses, by number.</summary>
    public required ImmutableArray<uint> MapIds { get; init; }

    /// <summary>Its types, by number; 0 if it has none. Minimum kernel: 5.0.</summary>
    public required uint BtfId { get; init; }

    /// <summary>How often it ran and for how long, while that was counted (<see cref="BpfStatistics"/>). Minimum kernel: 5.1.</summary>
    public required BpfRunStatistics Statistics { get; init; }

    /// <summary>How often it did not run because it was running on the same CPU already. Minimum kernel: 5.12.</summary>
    public required long RecursionMisses { get; init; }

    /// <summary>How many instructions the verifier looked at. Minimum kernel: 5.16.</summary>
    public required uint VerifiedInstructions { get; init; }

    /// <summary>Whether its licence lets it call everything. Minimum kernel: 4.18.</summary>
    public required bool IsGplCompatible { get; init; }

    /// <summary>The interface whose hardware runs it; 0 for all that the CPU runs. Minimum kernel: 4.16.</summary>
    public required uint InterfaceIndex { get; init; }

    /// <summary>The BTF object of what it is attached to (tracing, extension), by number; 0 for others. Minimum kernel: 5.18.</summary>
    public required uint AttachBtfObjectId { get; init; }

    /// <summary>The function or type in it. Minimum kernel: 5.18.</summary>
    public required uint AttachBtfId { get; init; }

    /// <summary>Bytes of kernel memory; null if <c>/proc</c> does not tell.</summary>
    public required long? MemoryBytes { get; init; }

    /// <summary>Kind, name and number, for example <c>Xdp drop_all (program 7)</c>.</summary>
    public override string ToString() => $"{Type} {Name} (program {Id})";

    internal static unsafe ProgramDetails Read(SafeBpfHandle handle, BtfObjects types)
    {
        var raw = ReadRaw(handle, out var maps, out var functions);
        var start = raw.Start;
        var name = KernelName.Read(new ReadOnlySpan<byte>(start.Name, KernelName.Size));
        return new()
        {
            Id = start.Id,
            Type = (ProgramType)start.Type,
            Name = FullName(name, start.BtfId, functions, types),
            Tag = Convert.ToHexStringLower(BitConverter.GetBytes(start.Tag)), // eight bytes, whatever number they make
            LoadedAfterBoot = TimeSpan.FromTicks((long)(start.LoadTime / 100)),
            UserId = start.CreatedByUid,
            MachineCodeSize = start.JitedLength,
            Size = start.XlatedLength,
            MapIds = [.. maps],
            BtfId = start.BtfId,
            Statistics = new((long)start.RunCount, (long)start.RunTimeNanoseconds),
            RecursionMisses = (long)raw.RecursionMisses,
            VerifiedInstructions = raw.VerifiedInstructions,
            IsGplCompatible = (start.GplCompatible & 1) != 0,
            InterfaceIndex = start.IfIndex,
            AttachBtfObjectId = raw.AttachBtfObjectId,
            AttachBtfId = raw.AttachBtfId,
            MemoryBytes = (long?)DescriptorInfo.Read(handle).Number("memlock"),
        };
    }

    // Asked first, the kernel tells how many maps and functions there are, asked again, which.
    private static unsafe RawProgramDetails ReadRaw(SafeBpfHandle handle, out uint[] maps, out BtfFunctionInfo[] functions)
    {
        using var lease = handle.Lease();
        var raw = default(RawProgramDetails);
        Ask(lease.Fd, &raw);
        maps = new uint[raw.Start.MapCount];
        functions = raw.Start.FuncInfoRecordSize == sizeof(BtfFunctionInfo) ? new BtfFunctionInfo[raw.Start.FuncInfoCount] : [];
        if (maps.Length == 0 && functions.Length == 0)
            return raw;
        fixed (uint* mapIds = maps)
        fixed (BtfFunctionInfo* records = functions)
        {
            raw = default;
            (raw.Start.MapIds, raw.Start.MapCount) = ((ulong)mapIds, (uint)maps.Length);
            if (functions.Length > 0)
                (raw.Start.FuncInfo, raw.Start.FuncInfoCount, raw.Start.FuncInfoRecordSize) = ((ulong)records, (uint)functions.Length, (uint)sizeof(BtfFunctionInfo));
            Ask(lease.Fd, &raw);
        }

        return raw;
    }

    internal static unsafe void Ask(uint fd, RawProgramDetails* raw)
    {
        var attr = new InfoAttr { BpfFd = fd, Info = (ulong)raw, InfoLength = (uint)sizeof(RawProgramDetails) };
        BpfException.ThrowIfFailed(Libc.Bpf(BpfCommand.ObjGetInfoByFd, ref attr), $"read what the kernel says of a program");
    }

    private static string FullName(string name, uint btf, BtfFunctionInfo[] functions, BtfObjects types)
    {
        if (name.Length < KernelName.Size - 1 || functions.Length == 0 || types.Find(btf) is not { } index)
            return name;
        try
        {
            // The program's own function is the one at the first instruction. Its loader may have named the program otherwise.
            var full = index[functions.First(static f => f.Offset == 0).Type].NameText;
            return full.StartsWith(name, StringComparison.Ordinal) ? full : name;
        }
        catch (Exception e) when (e is InvalidBpfObjectException or InvalidOperationException)
        {
            return name;
        }
    }
}
