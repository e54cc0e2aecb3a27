using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Maps of all other kinds, each made without an object file.</summary>
[TestFixture]
internal sealed class OtherMapTests
{
    [Test]
    public void A_trie_that_is_full_says_so()
    {
        using var map = BpfMap.Create(MapSpec.LpmTrie<Ipv4Prefix, uint>("routes", 1));
        var trie = map.AsLpmTrie<Ipv4Prefix, uint>();
        trie.Set(new(IPAddress.Parse("10.0.0.0"), 8), 1);
        Assert.That(
            () => trie.Set(new(IPAddress.Parse("11.0.0.0"), 8), 1),
            Throws.TypeOf<BpfException>().With.Message.EqualTo("update a prefix of map 'routes': ENOSPC (the map is full; it has room for 1)"));
    }

    [Test]
    public void A_ring_of_a_size_that_rings_do_not_have_says_so([Values(5000U, 1024U, 12288U)] uint size) => Assert.That(
        () => BpfMap.Create(MapSpec.RingBuffer("ring", size)).Dispose(),
        Throws.TypeOf<BpfException>().With.Message.EqualTo($"create map 'ring' (RingBuffer, {size} bytes): EINVAL (a ring has a power of two of bytes, {Environment.SystemPageSize} or more)"));

    [Test]
    public void A_program_of_another_kind_than_the_first_is_not_put_into_an_array()
    {
        using var map = BpfMap.Create(new MapSpec { Name = "jumps", Type = MapType.ProgramArray, KeySize = 4, ValueSize = 4, MaxEntries = 2 });
        using var first = TestPrograms.Return(2, ProgramType.Xdp, name: "first");
        using var other = TestPrograms.Return(0, ProgramType.SocketFilter, name: "other");
        var jumps = map.AsProgramArray();
        jumps.Set(0, first);
        Assert.That(
            () => jumps.Set(1, other),
            Throws.TypeOf<BpfException>().With.Message.EqualTo(
                "put program 'other' at 1 of map 'jumps': EINVAL (it is a SocketFilter, and all programs of an array are of the kind and the hook of the first)"));
    }

    [Test]
    public void An_array_of_performance_events_without_a_size_has_a_place_for_each_possible_CPU()
    {
        using var map = BpfMap.Create(new MapSpec { Name = "events", Type = MapType.PerfEventArray, KeySize = 4, ValueSize = 4, MaxEntries = 0 });
        Assert.That(map.Info.MaxEntries, Is.EqualTo(PossibleCpus.Count));
    }

    [Test]
    public void An_array_is_read_and_written_by_index_and_at_once()
    {
        using var map = BpfMap.Create(MapSpec.Array<uint>("array", 1000));
        var array = map.AsArray<uint>();
        array[999] = 7;
        Assert.That((array[999], array[0]), Is.EqualTo((7, 0)));
        array.SetAll(10, [1, 2, 3]);
        array.SetAll(1000, []);
        var all = array.ToArray();
        Assert.That(all, Has.Length.EqualTo(1000));
        Assert.That((all[9], all[10], all[11], all[12], all[13], all[999]), Is.EqualTo((0, 1, 2, 3, 0, 7)));
        Assert.That(() => array[1000], Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => array[-1] = 1, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => array.SetAll(999, [1, 2]), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("of map 'array' with 1000"));
    }

    [Test]
    public void An_array_larger_than_a_call_is_written_and_read_whole()
    {
        using var map = BpfMap.Create(MapSpec.Array<uint>("array", 3000));
        var array = map.AsArray<uint>();
        uint[] values = [.. Enumerable.Range(1, 2900).Select(static i => (uint)i)];
        array.SetAll(100, values);
        Assert.That(array.ToArray(), Is.EqualTo((uint[])[.. new uint[100], .. values]));
        Assert.That(array[2999], Is.EqualTo(2900));
        var copy = new uint[3001];
        array.CopyTo(copy);
        Assert.That((copy[100], copy[2999], copy[3000]), Is.EqualTo((1, 2900, 0)));
        Assert.That(() => array.CopyTo(new uint[2999]), Throws.TypeOf<ArgumentException>().With.Message.StartsWith("room for 2999 elements is not enough"));
    }

    [Test]
    public void The_longest_prefix_of_IPv4_matches()
    {
        using var map = BpfMap.Create(MapSpec.LpmTrie<Ipv4Prefix, uint>("routes", 16));
        var trie = map.AsLpmTrie<Ipv4Prefix, uint>();
        trie.Set(new(IPNetwork.Parse("10.0.0.0/8")), 8);
        trie.Set(new(IPNetwork.Parse("10.1.0.0/16")), 16);
        Assert.That(trie.TryAdd(new(IPAddress.Parse("10.1.2.3")), 32), Is.True);
        Assert.That(trie.TryAdd(new(IPAddress.Parse("10.1.2.3")), 33), Is.False);
        Assert.That(Match("10.1.2.3"), Is.EqualTo(32));
        Assert.That(Match("10.1.2.4"), Is.EqualTo(16));
        Assert.That(Match("10.2.0.1"), Is.EqualTo(8));
        Assert.That(Match("11.0.0.1"), Is.Null);
        Assert.That(
            trie.ToList().Select(static e => $"{e.Key} {e.Value}"),
            Is.EquivalentTo(new[] { "10.0.0.0/8 8", "10.1.0.0/16 16", "10.1.2.3/32 32" }));
        Assert.That(trie.Remove(new(IPNetwork.Parse("10.1.0.0/16"))), Is.True);
        Assert.That(trie.Remove(new(IPNetwork.Parse("10.1.0.0/16"))), Is.False);
        Assert.That(Match("10.1.2.4"), Is.EqualTo(8));

        uint? Match(string address) => trie.TryMatch(new(IPAddress.Parse(address)), out var value) ? value : null;
    }

    [Test]
    public void A_prefix_is_replaced_only_if_just_it_is_there()
    {
        using var map = BpfMap.Create(MapSpec.LpmTrie<Ipv4Prefix, uint>("routes", 16));
        var trie = map.AsLpmTrie<Ipv4Prefix, uint>();
        trie.Set(new(IPNetwork.Parse("10.0.0.0/8")), 8);
        Assert.That(trie.TryReplace(new(IPNetwork.Parse("10.1.0.0/16")), 16), Is.False);
        Assert.That(trie.TryReplace(new(IPNetwork.Parse("10.0.0.0/8")), 9), Is.True);
        Assert.That(trie.ToList().Select(static e => $"{e.Key} {e.Value}"), Is.EqualTo(new[] { "10.0.0.0/8 9" }));
    }

    // More than a call takes; the shorter prefix holds them all.
    [Test]
    [LoadTest] // to walk over a trie takes the kernel time by the square of its size
    public void Many_prefixes_are_written_copied_and_removed_at_once()
    {
        using var map = BpfMap.Create(MapSpec.LpmTrie<Ipv4Prefix, uint>("routes", 5001));
        var trie = map.AsLpmTrie<Ipv4Prefix, uint>();
        trie.Set(new(IPNetwork.Parse("10.0.0.0/8")), 0);
        Ipv4Prefix[] prefixes = [.. Enumerable.Range(0, 5000).Select(static i => new Ipv4Prefix(new IPAddress((byte[])[10, 0, (byte)(i >> 8), (byte)i])))];
        uint[] numbers = [.. Enumerable.Range(1, 5000).Select(static i => (uint)i)];
        trie.SetAll(prefixes, numbers);
        var list = trie.ToList();
        Assert.That(list[..5000], Is.EquivalentTo(prefixes.Zip(numbers, static (p, n) => KeyValuePair.Create(p, n))));
        Assert.That(list[5000].Value, Is.Zero, "a longer prefix comes before the shorter one that holds it");
        var (keys, values) = (new Ipv4Prefix[5001], new uint[5001]);
        Assert.That(trie.CopyTo(keys, values), Is.EqualTo(5001));
        Assert.That(keys.Zip(values, static (p, n) => KeyValuePair.Create(p, n)), Is.EqualTo(list));
        Assert.That(() => trie.CopyTo(keys.AsSpan(1), values.AsSpan(1)), Throws.TypeOf<ArgumentException>().With.Message.StartsWith("room for 5000 elements"));
        Assert.That(trie.RemoveAll([.. prefixes, .. prefixes[..10]]), Is.EqualTo(5000));
        Assert.That(trie.Keys.Select(static k => k.ToString()), Is.EqualTo(new[] { "10.0.0.0/8" }));
        Assert.That(() => trie.SetAll(prefixes, []), Throws.TypeOf<ArgumentException>().With.Message.StartsWith("5000 prefixes and 0 values for map 'routes'"));
        using var full = BpfMap.Create(MapSpec.LpmTrie<Ipv4Prefix, uint>("routes", 2));
        Assert.That(
            () => full.AsLpmTrie<Ipv4Prefix, uint>().SetAll(prefixes, numbers),
            Throws.TypeOf<BpfException>().With.Message.EqualTo("update prefix 2 of 5000 (those before are written) in map 'routes': ENOSPC (the map is full; it has room for 2)"));
    }

    [Test]
    public void The_longest_prefix_of_IPv6_matches()
    {
        using var map = BpfMap.Create(MapSpec.LpmTrie<Ipv6Prefix, ulong>("routes", 16));
        var trie = map.AsLpmTrie<Ipv6Prefix, ulong>();
        trie.Set(new(IPNetwork.Parse("::/0")), 1);
        trie.Set(new(IPNetwork.Parse("fd00:1:2::/48")), 48);
        Assert.That(trie.TryMatch(new(IPAddress.Parse("fd00:1:2:3::4")), out var value) ? value : 0, Is.EqualTo(48));
        Assert.That(trie.TryMatch(new(IPAddress.Parse("fd00:1:3::")), out value) ? value : 0, Is.EqualTo(1));
        Assert.That(trie.Keys.Select(static k => k.ToString()), Is.EquivalentTo(new[] { "::/0", "fd00:1:2::/48" }));
    }

    [Test]
    public void A_queue_gives_the_first_value_first()
    {
        using var map = BpfMap.Create(MapSpec.Queue<ulong>("line", 3));
        var queue = map.AsQueue<ulong>();
        Assert.That((queue.TryPop(out _), queue.TryPeek(out _)), Is.EqualTo((false, false)));
        Assert.That((queue.TryPush(1), queue.TryPush(2), queue.TryPush(3), queue.TryPush(4)), Is.EqualTo((true, true, true, false)));
        queue.PushOver(5);
        Assert.That(queue.TryPeek(out var value) ? value : 0, Is.EqualTo(2));
        var all = new List<ulong>();
        while (queue.TryPop(out value))
            all.Add(value);
        Assert.That(all, Is.EqualTo(new ulong[] { 2, 3, 5 }));
    }

    [Test]
    public void A_stack_gives_the_last_value_first()
    {
        using var map = BpfMap.Create(MapSpec.Stack<ulong>("pile", 3));
        var stack = map.AsStack<ulong>();
        Assert.That((stack.TryPop(out _), stack.TryPeek(out _)), Is.EqualTo((false, false)));
        Assert.That((stack.TryPush(1), stack.TryPush(2), stack.TryPush(3), stack.TryPush(4)), Is.EqualTo((true, true, true, false)));
        stack.PushOver(5);
        Assert.That(stack.TryPeek(out var value) ? value : 0, Is.EqualTo(5));
        var all = new List<ulong>();
        while (stack.TryPop(out value))
            all.Add(value);
        Assert.That(all, Is.EqualTo(new ulong[] { 5, 3, 2 }));
    }

    [Test]
    public void An_array_of_programs_tells_what_it_holds()
    {
        using var map = BpfMap.Create(MapSpec.ProgramArray("jumps", 4));
        var array = map.AsProgramArray();
        Assert.That(array.TryGetId(1, out _), Is.False);
        using var program = TestPrograms.Proceed();
        array.Set(1, program);
        Assert.That(array.TryGetId(1, out var id) ? id : 0, Is.EqualTo(program.Id));
        Assert.That(array.Remove(1), Is.True);
        Assert.That(array.Remove(1), Is.False);
        Assert.That(
            () => array.Set(4, program),
            Throws.TypeOf<BpfException>().With.Message.StartsWith("put program 'proceed' at 4 of map 'jumps': E2BIG"));
    }

    [Test]
    public void An_array_of_maps_holds_maps_alive()
    {
        using var map = BpfMap.Create(MapSpec.ArrayOfMaps("outer", 2, MapSpec.Hash<uint, ulong>("inner", 8)));
        AssertHolds(map.AsMapOfMaps<uint>(), 1U, MapSpec.Hash<uint, ulong>("inner", 8));
    }

    [Test]
    public void A_hash_of_maps_holds_maps_alive()
    {
        using var map = BpfMap.Create(MapSpec.HashOfMaps<ulong>("outer", 2, MapSpec.Array<ulong>("inner", 8)));
        var maps = map.AsMapOfMaps<ulong>();
        Assert.That(maps.Keys, Is.Empty);
        AssertHolds(maps, 1UL << 40, MapSpec.Array<ulong>("inner", 8));
    }

    [Test]
    public void A_hash_of_maps_takes_a_map_only_where_there_is_none_or_only_where_there_is_one()
    {
        var innerSpec = MapSpec.Array<ulong>("inner", 8);
        using var map = BpfMap.Create(MapSpec.HashOfMaps<uint>("outer", 2, innerSpec));
        var maps = map.AsMapOfMaps<uint>();
        using var first = BpfMap.Create(innerSpec);
        using var second = BpfMap.Create(innerSpec);
        using var different = BpfMap.Create(innerSpec with { ValueSize = 16 });
        Assert.That(maps.TryReplace(1, first), Is.False);
        Assert.That(maps.TryGetId(1, out _), Is.False);
        Assert.That((maps.TryAdd(1, first), maps.TryAdd(1, second)), Is.EqualTo((true, false)));
        Assert.That(maps.TryGetId(1, out var id) ? id : 0, Is.EqualTo(first.Info.Id));
        Assert.That(maps.TryReplace(1, second), Is.True);
        Assert.That(maps.TryGetId(1, out id) ? id : 0, Is.EqualTo(second.Info.Id));
        Assert.That(() => maps.TryAdd(2, different), Throws.TypeOf<BpfException>().With.Message.StartsWith("put map 'inner' into map 'outer': EINVAL (it must be of the kind"));
        Assert.That((maps.TryAdd(2, second), maps.Keys.Order()), Is.EqualTo((true, new uint[] { 1, 2 })));
        Assert.That(() => maps.TryAdd(3, second), Throws.TypeOf<BpfException>().With.Property("Errno").EqualTo(Errno.E2BIG));
    }

    [Test]
    public void Many_maps_are_put_listed_and_taken_away_at_once([Values] bool isArray)
    {
        var innerSpec = MapSpec.Array<ulong>("inner", 8);
        using var map = BpfMap.Create(isArray ? MapSpec.ArrayOfMaps("outer", 8, innerSpec) : MapSpec.HashOfMaps<uint>("outer", 8, innerSpec));
        var maps = map.AsMapOfMaps<uint>();
        BpfMap[] inners = [.. Enumerable.Range(0, 4).Select(_ => BpfMap.Create(innerSpec))];
        using var different = BpfMap.Create(innerSpec with { ValueSize = 16 });
        try
        {
            Assert.That(maps.ToList(), Is.Empty);
            maps.SetAll([1, 3, 5, 7], inners);
            Assert.That(
                maps.ToList().OrderBy(static e => e.Key),
                Is.EqualTo(inners.Select(static (inner, i) => KeyValuePair.Create((uint)((2 * i) + 1), inner.Info.Id))));
            Assert.That(maps.RemoveAll([3, 4, 7]), Is.EqualTo(2));
            Assert.That(maps.ToList().Select(static e => e.Key).Order(), Is.EqualTo(new uint[] { 1, 5 }));
            Assert.That(
                () => maps.SetAll([2, 4], [inners[1], different]),
                Throws.TypeOf<BpfException>().With.Message.StartsWith("put map 'inner', number 1 of 2 (those before are there), into map 'outer': EINVAL (it must be of the kind"));
            Assert.That(maps.TryGetId(2, out var id) ? id : 0, Is.EqualTo(inners[1].Info.Id));
            Assert.That(() => maps.SetAll([1], inners), Throws.TypeOf<ArgumentException>().With.Message.StartsWith("1 keys and 4 maps for map 'outer'"));
        }
        finally
        {
            foreach (var inner in inners)
                inner.Dispose();
        }
    }

    [Test]
    public void Places_of_an_array_of_maps_are_always_there()
    {
        var innerSpec = MapSpec.Array<ulong>("inner", 8);
        using var map = BpfMap.Create(MapSpec.ArrayOfMaps("outer", 2, innerSpec));
        using var inner = BpfMap.Create(innerSpec);
        var maps = map.AsMapOfMaps<uint>();
        Assert.That(() => maps.TryAdd(0, inner), Throws.TypeOf<NotSupportedException>().With.Message.StartsWith("map 'outer' is an array of maps"));
        Assert.That(() => maps.TryReplace(0, inner), Throws.TypeOf<NotSupportedException>());
    }

    [Test]
    public void A_value_lives_in_its_socket()
    {
        using var map = BpfMap.Create(MapSpec.SocketStorage<ulong>("marks"));
        var storage = map.AsSocketStorage<ulong>();
        using var socket = new Socket(SocketType.Dgram, ProtocolType.Udp);
        using var other = new Socket(SocketType.Dgram, ProtocolType.Udp);
        Assert.That(storage.TryGetValue(socket.SafeHandle, out _), Is.False);
        Assert.That((storage.TryAdd(socket.SafeHandle, 1), storage.TryAdd(socket.SafeHandle, 2)), Is.EqualTo((true, false)));
        Assert.That(storage.TryReplace(other.SafeHandle, 8), Is.False);
        storage.Set(other.SafeHandle, 9);
        Assert.That(storage.TryGetValue(socket.SafeHandle, out var value) ? value : 0, Is.EqualTo(1));
        Assert.That(storage.TryReplace(socket.SafeHandle, 3), Is.True);
        Assert.That(storage.TryGetValue(socket.SafeHandle, out value) ? value : 0, Is.EqualTo(3));
        Assert.That((storage.Remove(socket.SafeHandle), storage.Remove(socket.SafeHandle)), Is.EqualTo((true, false)));
        Assert.That(storage.TryGetValue(other.SafeHandle, out value) ? value : 0, Is.EqualTo(9));
        Assert.That(() => storage.Set(map.Handle, 1), Throws.TypeOf<BpfException>().With.Property("Errno").EqualTo(Errno.ENOTSOCK));
    }

    [Test]
    public void A_map_that_is_gone_cannot_be_opened_by_number()
    {
        uint id;
        using (var map = BpfMap.Create(MapSpec.Array<uint>("array", 1)))
        {
            id = map.Info.Id;
            using var again = BpfMap.OpenById(id);
            Assert.That(again.Info, Is.EqualTo(map.Info));
        }

        Assert.That(
            () =>
            {
                using var map = BpfMap.OpenById(uint.MaxValue);
            },
            Throws.TypeOf<BpfException>().With.Message.StartsWith("open map 4294967295: ENOENT"));
    }

    private static void AssertHolds<TKey>(BpfMapOfMaps<TKey> maps, TKey key, MapSpec innerSpec)
        where TKey : unmanaged
    {
        Assert.That(maps.TryGetId(in key, out _), Is.False);
        uint id;
        using (var inner = BpfMap.Create(innerSpec))
        {
            maps.Set(in key, inner);
            id = inner.Info.Id;
        }

        Assert.That(maps.TryGetId(in key, out var found) ? found : 0, Is.EqualTo(id));
        using (var opened = BpfMap.OpenById(id))
            Assert.That(opened.Info.Name, Is.EqualTo("inner"));
        using var different = BpfMap.Create(innerSpec with { ValueSize = 16 });
        Assert.That(
            () => maps.Set(in key, different),
            Throws.TypeOf<BpfException>().With.Message.StartsWith("put map 'inner' into map 'outer': EINVAL (it must be of the kind"));
        Assert.That((maps.Remove(in key), maps.Remove(in key)), Is.EqualTo((true, false)));
    }
}
