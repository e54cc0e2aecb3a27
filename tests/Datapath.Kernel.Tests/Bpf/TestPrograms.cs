using System.Runtime.InteropServices;
using Datapath.BpfObjects;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Programs of a few instructions, written by hand.</summary>
internal static class TestPrograms
{
    private const ulong Exit = 0x95;

    /// <summary>Lets every call go on.</summary>
    public static BpfProgram Proceed(AttachType hook = AttachType.CgroupInet4Connect) => Load("proceed", hook, 0x1_000000b7, Exit);

    /// <summary>Refuses every call with EPERM.</summary>
    public static BpfProgram Refuse(AttachType hook = AttachType.CgroupInet4Connect) => Load("refuse", hook, 0xb7, Exit);

    /// <summary>Returns a register that it has never set.</summary>
    public static BpfProgram ReadUnsetRegister() => Load("unset", AttachType.CgroupInet4Connect, Exit);

    public static BpfProgram Load(string name, AttachType hook, params ulong[] instructions) =>
        Load(name, ProgramType.CgroupSockAddr, hook, instructions);

    /// <summary>Returns a number and does nothing else.</summary>
    public static BpfProgram Return(int value, ProgramType type, AttachType? hook = null, string? name = null) =>
        Load(name ?? $"return_{(uint)value}", type, hook, 0xb7 | ((ulong)(uint)value << 32), Exit);

    public static BpfProgram Load(string name, ProgramType type, AttachType? hook, params ulong[] instructions) =>
        Load(name, type, hook, ProgramFlags.None, instructions);

    public static BpfProgram Load(string name, ProgramType type, AttachType? hook, ProgramFlags flags, params ulong[] instructions)
    {
        using var types = new BpfMapFactory(BpfObjectSpec.Parse(SocketLbObject.Read()));
        var spec = new ProgramSpec { Name = name, Type = type, AttachType = hook, Flags = flags };
        return BpfProgram.Load(spec, MemoryMarshal.AsBytes<ulong>(instructions), "GPL", types.Btf);
    }
}
