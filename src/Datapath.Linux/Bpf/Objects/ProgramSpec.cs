using System.Collections.Immutable;
using Datapath.Linux.Btf;

namespace Datapath.Linux.Bpf;

/// <summary>A program of an object, not yet loaded, linked with the functions that it calls. Change it before the load.</summary>
/// <remarks>Minimum kernel: none; it is pure.</remarks>
public sealed record ProgramSpec
{
    /// <summary>The name of its function. The kernel keeps the first 15 bytes; another may be given before the load.</summary>
    public required string Name { get; set; }

    /// <summary>The name of its section, without a <c>?</c> in front; empty if it comes from no file.</summary>
    public string SectionName { get; init; } = "";

    /// <summary>
    /// The kind, from the name of its section; <see cref="ProgramType.Unspecified"/> if the name says none that is known. Such a program is refused
    /// at the load, unless it is not enabled or a kind was set here.
    /// </summary>
    public required ProgramType Type { get; set; }

    /// <summary>
    /// The hook that it is made for, from the name of its section; <see langword="null"/> for a kind that is made for no certain hook.
    /// </summary>
    public AttachType? AttachType { get; set; }

    /// <summary>
    /// What the name of the section says beside the kind: <c>syscalls/sys_enter_openat</c> of <c>tracepoint/syscalls/sys_enter_openat</c>,
    /// <c>task</c> of <c>iter/task</c>; empty if it says nothing.
    /// </summary>
    public string AttachTarget { get; init; } = "";

    /// <summary>What the kernel must know of it.</summary>
    public ProgramFlags Flags { get; set; }

    /// <summary>Whether it is loaded. At first it is, unless its section is named with a <c>?</c> in front.</summary>
    public bool IsEnabled { get; set; } = true;

    /// <summary>The type of the kernel (an id of its BTF) that the program is made for; 0 if none. Iterators have one, for example.</summary>
    internal uint AttachBtfId { get; init; }

    /// <summary>The instructions, 8 bytes each, before relocation: the program's own, then those of the functions that it calls.</summary>
    internal ReadOnlyMemory<byte> Instructions { get; init; }

    internal ImmutableArray<ProgramRelocation> Relocations { get; init; } = [];

    /// <summary>The functions, for the kernel; offsets in bytes. Empty if any of them has no type.</summary>
    internal ImmutableArray<BtfFunctionInfo> Functions { get; init; } = [];

    /// <summary>The source lines, for the kernel; offsets in bytes.</summary>
    internal ImmutableArray<BtfLineInfo> Lines { get; init; } = [];

    /// <summary>What is to be adapted to the running kernel; offsets in bytes.</summary>
    internal ImmutableArray<BtfCoreRelocation> CoreRelocations { get; init; } = [];
}
