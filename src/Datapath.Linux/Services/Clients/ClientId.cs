using Datapath.BpfObjects.Layout;

namespace Datapath.Linux.Services;

/// <summary>A client as the programs know it: a network namespace by its cookie, or the processes below a cgroup by its id.</summary>
/// <param name="Value">As in <see cref="ClientKey.Client"/>.</param>
internal readonly record struct ClientId(ulong Value)
{
    public bool IsCgroup => (Value & ClientKey.CgroupBit) != 0;

    public static ClientId Namespace(ulong cookie) => new(cookie);

    public static ClientId Cgroup(ulong id) => new(id | ClientKey.CgroupBit);

    public override string ToString() => IsCgroup ? $"cgroup {Value & ~ClientKey.CgroupBit}" : $"netns {Value}";
}
