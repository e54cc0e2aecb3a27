using Datapath.Linux.Bpf;

namespace Datapath.Linux.Tests.Errors;

/// <summary>Maps and programs to fail with. They belong to the kernel that plays.</summary>
internal static class FakeObjects
{
    public static BpfMap Hash(uint maxEntries = 64) => BpfMap.Create(MapSpec.Hash<uint, ulong>("fake", maxEntries));

    public static BpfProgram Program(ProgramType type = ProgramType.SchedClassifier, AttachType? hook = null, ProgramFlags flags = default)
    {
        using var btf = new SafeBpfHandle(int.MaxValue); // no descriptor: this kernel does not look
        return BpfProgram.Load(new ProgramSpec { Name = "fake", Type = type, AttachType = hook, Flags = flags }, [0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0], "GPL", btf);
    }
}
