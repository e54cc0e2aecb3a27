using Datapath.Linux.Bpf;

namespace Datapath.Linux.Tests.Bpf;

/// <summary>What maps are to be, made from C# types.</summary>
[TestFixture]
public class MapSpecTests
{
    private static readonly MapSpec s_inner = MapSpec.Array<uint>("inner", 1);

    private static readonly TestCaseData[] s_paddedKeys =
    [
        Refused("Hash", static () => MapSpec.Hash<Padded, uint>("map", 1)),
        Refused("LruHash", static () => MapSpec.LruHash<Padded, uint>("map", 1)),
        Refused("PerCpuHash", static () => MapSpec.PerCpuHash<Padded, uint>("map", 1)),
        Refused("LruPerCpuHash", static () => MapSpec.LruPerCpuHash<Padded, uint>("map", 1)),
        Refused("LpmTrie", static () => MapSpec.LpmTrie<Padded, uint>("map", 1)),
        Refused("HashOfMaps", static () => MapSpec.HashOfMaps<Padded>("map", 1, s_inner)),
    ];

    private static readonly TestCaseData[] s_paddedValues =
    [
        Refused("Hash", static () => MapSpec.Hash<uint, Padded>("map", 1)),
        Refused("LruHash", static () => MapSpec.LruHash<uint, Padded>("map", 1)),
        Refused("PerCpuHash", static () => MapSpec.PerCpuHash<uint, Padded>("map", 1)),
        Refused("LruPerCpuHash", static () => MapSpec.LruPerCpuHash<uint, Padded>("map", 1)),
        Refused("Array", static () => MapSpec.Array<Padded>("map", 1)),
        Refused("PerCpuArray", static () => MapSpec.PerCpuArray<Padded>("map", 1)),
        Refused("LpmTrie", static () => MapSpec.LpmTrie<Ipv4Prefix, Padded>("map", 1)),
        Refused("Queue", static () => MapSpec.Queue<Padded>("map", 1)),
        Refused("Stack", static () => MapSpec.Stack<Padded>("map", 1)),
        Refused("SkStorage", static () => MapSpec.SocketStorage<Padded>("map")),
    ];

    [TestCaseSource(nameof(s_paddedKeys))]
    public void A_key_with_padding_is_refused_before_there_is_a_map(string kind, Func<MapSpec> make) => Assert.That(
        make,
        Throws.TypeOf<MapLayoutException>().With.Message.EqualTo($"map 'map' ({kind}): key Padded has 3 bytes of padding after field 'Small'; make it a field of its own"));

    [TestCaseSource(nameof(s_paddedValues))]
    public void A_value_with_padding_is_refused_before_there_is_a_map(string kind, Func<MapSpec> make) => Assert.That(
        make,
        Throws.TypeOf<MapLayoutException>().With.Message.EqualTo($"map 'map' ({kind}): value Padded has 3 bytes of padding after field 'Small'; make it a field of its own"));

    private static TestCaseData Refused(string kind, Func<MapSpec> make) => new TestCaseData(kind, make).SetArgDisplayNames(kind);

#pragma warning disable CS0649, CA1823 // only their layout matters
    private struct Padded
    {
        public byte Small;
        public uint Large;
    }
#pragma warning restore CS0649, CA1823
}
