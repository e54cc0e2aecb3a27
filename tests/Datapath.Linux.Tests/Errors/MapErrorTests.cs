using System.Net;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Tests.Errors;

/// <summary>Element calls that fail half way, kernels without batches, and maps that change under a walk.</summary>
[TestFixture]
internal sealed unsafe class MapErrorTests
{
    private static readonly uint[] s_keys = [.. Enumerable.Range(0, 8).Select(static i => (uint)i)];
    private static readonly ulong[] s_values = [.. s_keys.Select(static k => 10UL * k)];

    [TestCase(Errno.EINVAL)] // before 5.6
    [TestCase(Errno.ENOTSUPP)] // a kind without batches
    [TestCase(Errno.EOPNOTSUPP)]
    public void Elements_are_written_read_and_removed_one_by_one_where_there_are_no_batches(object missing)
    {
        var kernel = NoBatches((Errno)missing);
        using var play = kernel.Play();
        using var map = FakeObjects.Hash();
        var hash = map.AsHash<uint, ulong>();
        hash.SetAll(s_keys, s_values);
        Assert.That(kernel.LastMap.Count, Is.EqualTo(8));
        Assert.That(hash.ToList().Select(static e => e.Value), Is.EquivalentTo(s_values));
        var (keys, values) = (new uint[64], new ulong[64]);
        Assert.That(hash.CopyTo(keys, values), Is.EqualTo(8));
        Assert.That((keys[..8], values[..8]), Is.EqualTo((s_keys, s_values)));
        Assert.That(() => hash.CopyTo(new uint[7], new ulong[7]), Throws.ArgumentException.With.Message.StartsWith("room for 7 elements is not enough for map 'fake'"));
        Assert.That(hash.RemoveAll([1, 2, 99, 3]), Is.EqualTo(3));
        Assert.That(kernel.LastMap.Count, Is.EqualTo(5));
        AssertAskedOnce(kernel);
    }

    [Test]
    public void A_batch_that_ends_early_says_where()
    {
        var kernel = new FakeKernel().On(BpfCommand.MapUpdateBatch, static (void* attr, ref int result) => EndAt(attr, 5, Errno.E2BIG));
        using var play = kernel.Play();
        using var map = FakeObjects.Hash();
        var hash = map.AsHash<uint, ulong>();
        Assert.That((hash.TrySetAll(s_keys, s_values, out var written), written), Is.EqualTo((Errno.E2BIG, 5)));
        var thrown = Assert.Throws<BpfException>(() => hash.SetAll(s_keys, s_values));
        Assert.That(thrown!.Message, Does.StartWith("update element 5 of 8 (those before are written) in map 'fake': E2BIG"));
        Assert.That(kernel.CountOf(BpfCommand.MapUpdateElem), Is.Zero, "a batch that began is no missing batch");
    }

    // An older kernel says so for an element that it does not like, after some that it did.
    [Test]
    public void An_errno_of_missing_batches_after_some_elements_is_an_error()
    {
        var kernel = new FakeKernel().On(BpfCommand.MapUpdateBatch, static (void* attr, ref int result) => EndAt(attr, 2, Errno.EINVAL));
        using var play = kernel.Play();
        using var map = FakeObjects.Hash();
        Assert.That((map.AsHash<uint, ulong>().TrySetAll(s_keys, s_values, out var written), written), Is.EqualTo((Errno.EINVAL, 2)));
        Assert.That(kernel.CountOf(BpfCommand.MapUpdateElem), Is.Zero);
    }

    [TestCase(Errno.EFAULT)]
    [TestCase(Errno.ENOMEM)]
    [TestCase(Errno.EPERM)]
    public void A_batch_that_is_refused_as_a_whole_wrote_nothing(object errno)
    {
        using var play = new FakeKernel().FailAlways(BpfCommand.MapUpdateBatch, (Errno)errno).Play();
        using var map = FakeObjects.Hash();
        Assert.That((map.AsHash<uint, ulong>().TrySetAll(s_keys, s_values, out var written), written), Is.EqualTo(((Errno)errno, 0)));
    }

    [Test]
    public void Removing_goes_on_behind_a_key_that_is_not_there()
    {
        uint[] starts = new uint[4];
        var calls = 0;
        using var play = new FakeKernel().On(BpfCommand.MapDeleteBatch, Delete).Play();
        using var map = FakeObjects.Hash();
        Assert.That(map.AsHash<uint, ulong>().RemoveAll(s_keys), Is.EqualTo(7));
        Assert.That(starts[..calls], Is.EqualTo((uint[])[0U, 4]));

        Errno Delete(void* attr, ref int result)
        {
            starts[calls++] = *(uint*)((MapBatchAttr*)attr)->Keys;
            return calls == 1 ? EndAt(attr, 3, Errno.ENOENT) : Errno.None;
        }
    }

    [Test]
    public void Elements_are_copied_one_by_one_where_it_turns_out_that_there_are_no_batches()
    {
        var kernel = NoBatches(Errno.EINVAL);
        using var play = kernel.Play();
        using var map = FakeObjects.Hash();
        var hash = map.AsHash<uint, ulong>();
        foreach (var key in s_keys)
            hash.Set(key, s_values[key]);
        var (keys, values) = (new uint[8], new ulong[8]);
        Assert.That(hash.CopyTo(keys, values), Is.EqualTo(8));
        Assert.That((keys, values), Is.EqualTo((s_keys, s_values)));
        Assert.That(hash.CopyTo(keys, values), Is.EqualTo(8));
        Assert.That(kernel.CountOf(BpfCommand.MapLookupBatch), Is.EqualTo(1), "it is asked once");
    }

    [Test]
    public void A_bucket_larger_than_the_buffer_is_read_with_more_room()
    {
        var rooms = new List<uint>();
        using var play = new FakeKernel().On(BpfCommand.MapLookupBatch, Read).Play();
        using var map = FakeObjects.Hash(maxEntries: 4);
        Assert.That(map.AsHash<uint, ulong>().ToList().Select(static e => e.Key), Is.EqualTo((uint[])[7U]));
        Assert.That(rooms, Is.EqualTo((uint[])[4U, 8, 16]));

        Errno Read(void* attr, ref int result)
        {
            var batch = (MapBatchAttr*)attr;
            rooms.Add(batch->Count);
            if (batch->Count < 16)
                return Errno.ENOSPC;
            *(uint*)batch->Keys = 7;
            return EndAt(attr, 1, Errno.ENOENT);
        }
    }

    [Test]
    public void A_read_that_fails_after_the_first_part_is_an_error()
    {
        var calls = 0;
        using var play = new FakeKernel().On(BpfCommand.MapLookupBatch, Read).Play();
        using var map = FakeObjects.Hash();
        Assert.That(Assert.Throws<BpfException>(() => map.AsHash<uint, ulong>().ToList())!.Errno, Is.EqualTo(Errno.EFAULT));

        Errno Read(void* attr, ref int result) => calls++ == 0 ? EndAt(attr, 2, Errno.None) : Errno.EFAULT;
    }

    [Test]
    public void A_walk_over_a_map_that_is_emptied_under_it_ends()
    {
        var kernel = NoBatches(Errno.EINVAL);
        using var play = kernel.Play();
        using var map = FakeObjects.Hash();
        var hash = map.AsHash<uint, ulong>();
        hash.SetAll(s_keys, s_values);
        var seen = new List<uint>();
        foreach (var key in hash.Keys)
        {
            seen.Add(key);
            if (seen.Count == 3)
                kernel.LastMap.Clear();
        }

        Assert.That(seen, Is.EqualTo((uint[])[0U, 1, 2, 3])); // the key after the one in hand was known before
    }

    // Whoever deletes the key in hand and adds it again sends the walk back to the start each time.
    [Test]
    public void A_walk_that_is_sent_back_forever_ends()
    {
        var kernel = NoBatches(Errno.EINVAL);
        using var play = kernel.Play();
        using var map = FakeObjects.Hash(maxEntries: 8);
        var hash = map.AsHash<uint, ulong>();
        hash.SetAll(s_keys, s_values);
        _ = kernel.On(BpfCommand.MapGetNextKey, static (void* attr, ref int result) =>
        {
            *(uint*)((MapElementAttr*)attr)->ValueOrNextKey = 0;
            return Errno.None;
        });
        Assert.That(hash.Keys.Count(), Is.EqualTo((2 * 8) + 64));
    }

    [Test]
    public void An_element_that_goes_between_its_key_and_its_value_is_passed_over()
    {
        var kernel = NoBatches(Errno.EINVAL);
        using var play = kernel.Play();
        using var map = FakeObjects.Hash();
        var hash = map.AsHash<uint, ulong>();
        hash.SetAll(s_keys, s_values);
        _ = kernel.Fail(BpfCommand.MapLookupElem, Errno.ENOENT, Errno.ENOENT);
        Assert.That(hash.ToList().Select(static e => e.Key), Is.EqualTo(s_keys[2..]));
    }

    [Test]
    public void A_full_map_says_so()
    {
        using var play = NoBatches(Errno.EINVAL).Play();
        using var map = FakeObjects.Hash(maxEntries: 4);
        var hash = map.AsHash<uint, ulong>();
        Assert.That((hash.TrySetAll(s_keys, s_values, out var written), written), Is.EqualTo((Errno.E2BIG, 4)));
        Assert.That(
            Assert.Throws<BpfException>(() => hash.Set(9, 9))!.Message,
            Is.EqualTo("update a key of map 'fake': E2BIG (the map is full)"));
    }

    [Test]
    public void A_map_that_the_kernel_will_not_describe_is_closed_again([Values] bool isPinned)
    {
        var kernel = new FakeKernel();
        using var play = kernel.Play();
        using (var map = FakeObjects.Hash())
            map.Pin("/p");
        _ = kernel.FailAlways(BpfCommand.ObjGetInfoByFd, Errno.ENOMEM);
        Assert.That(() => (isPinned ? BpfMap.OpenPinned("/p") : FakeObjects.Hash()).Dispose(), Throws.TypeOf<BpfException>().With.Property("IsTransient").True);
        Assert.That(kernel.Open, Is.Empty);
    }

    [TestCase(Errno.EINVAL)] // before 5.6
    [TestCase(Errno.ENOTSUPP)] // a trie before 5.13
    public void Prefixes_are_written_read_and_removed_one_by_one_where_there_are_no_batches(object missing)
    {
        var kernel = NoBatches((Errno)missing);
        using var play = kernel.Play();
        using var map = BpfMap.Create(MapSpec.LpmTrie<Ipv4Prefix, uint>("fake", 8));
        var trie = map.AsLpmTrie<Ipv4Prefix, uint>();
        Ipv4Prefix[] prefixes = [.. s_keys.Select(static i => new Ipv4Prefix(new IPAddress(i), 32))];
        trie.SetAll(prefixes, s_keys);
        Assert.That(trie.ToList(), Is.EqualTo(prefixes.Zip(s_keys, static (p, v) => KeyValuePair.Create(p, v))));
        var (keys, values) = (new Ipv4Prefix[8], new uint[8]);
        Assert.That(trie.CopyTo(keys, values), Is.EqualTo(8));
        Assert.That((keys, values), Is.EqualTo((prefixes, s_keys)));
        Assert.That(() => trie.CopyTo(new Ipv4Prefix[7], new uint[7]), Throws.ArgumentException.With.Message.StartsWith("room for 7 elements is not enough for map 'fake'"));
        Assert.That(trie.RemoveAll(prefixes.AsSpan(2)), Is.EqualTo(6));
        Assert.That(trie.RemoveAll(prefixes), Is.EqualTo(2));
        AssertAskedOnce(kernel);
    }

    [TestCase(Errno.EINVAL)]
    [TestCase(Errno.ENOTSUPP)]
    public void Values_of_all_CPUs_are_written_read_and_removed_one_by_one_where_there_are_no_batches(object missing)
    {
        var kernel = NoBatches((Errno)missing);
        using var play = kernel.Play();
        using var map = BpfMap.Create(MapSpec.PerCpuHash<uint, uint>("fake", 8));
        var hash = map.AsPerCpuHash<uint, uint>();
        uint[] all = [.. Enumerable.Range(1, 8 * PossibleCpus.Count).Select(static i => (uint)i)];
        hash.SetAll(s_keys, all);
        Assert.That(hash.ToList().SelectMany(static e => e.Value), Is.EqualTo(all));
        var (keys, values) = (new uint[8], new uint[all.Length]);
        Assert.That(hash.CopyTo(keys, values), Is.EqualTo(8));
        Assert.That((keys, values), Is.EqualTo((s_keys, all)));
        Assert.That(hash.RemoveAll([99, 1, 2]), Is.EqualTo(2));
        AssertAskedOnce(kernel);
    }

    [TestCase(Errno.EINVAL)]
    [TestCase(Errno.ENOTSUPP)] // an array with a value for each CPU, before 5.13
    public void An_array_for_each_CPU_is_written_and_read_one_by_one_where_there_are_no_batches(object missing)
    {
        var kernel = NoBatches((Errno)missing);
        using var play = kernel.Play();
        using var map = BpfMap.Create(MapSpec.PerCpuArray<uint>("fake", 8));
        var array = map.AsPerCpuArray<uint>();
        uint[] all = [.. Enumerable.Range(1, 8 * PossibleCpus.Count).Select(static i => (uint)i)];
        array.SetAll(0, all);
        Assert.That(array.ToArray().SelectMany(static e => e), Is.EqualTo(all));
        var values = new uint[all.Length];
        array.CopyTo(values);
        Assert.That(values, Is.EqualTo(all));
        AssertAskedOnce(kernel);
    }

    [TestCase(Errno.EINVAL)]
    [TestCase(Errno.ENOTSUPP)] // a hash of maps before 5.19
    public void Maps_are_put_and_taken_away_one_by_one_where_there_are_no_batches(object missing)
    {
        var kernel = NoBatches((Errno)missing);
        using var play = kernel.Play();
        using var inner = FakeObjects.Hash();
        using var map = BpfMap.Create(MapSpec.HashOfMaps<uint>("fake", 8, MapSpec.Hash<uint, ulong>("inner", 8)));
        var maps = map.AsMapOfMaps<uint>();
        maps.SetAll([1, 2, 3], [inner, inner, inner]);
        Assert.That(maps.ToList().Select(static e => e.Key), Is.EqualTo((uint[])[1U, 2, 3]));
        Assert.That(maps.RemoveAll([1, 9, 3]), Is.EqualTo(2));
        AssertAskedOnce(kernel);
    }

    [TestCase(Errno.EINVAL)]
    [TestCase(Errno.ENOTSUPP)]
    public void Elements_are_taken_one_by_one_where_there_are_no_batches(object missing)
    {
        var kernel = new FakeKernel().FailAlways(BpfCommand.MapTakeBatch, (Errno)missing);
        using var play = kernel.Play();
        using var map = FakeObjects.Hash();
        var hash = map.AsHash<uint, ulong>();
        for (uint i = 0; i < 4; i++)
            hash.Set(i, i * 3);
        var (keys, values) = (new uint[3], new ulong[3]);
        Assert.That(hash.TakeTo(keys, values), Is.EqualTo(3));
        Assert.That((keys, values), Is.EqualTo(((uint[])[0, 1, 2], (ulong[])[0, 3, 6])));
        Assert.That(hash.TakeAll(), Is.EqualTo((KeyValuePair<uint, ulong>[])[new(3, 9)]));
        Assert.That(hash.TakeAll(), Is.Empty);
        Assert.That(kernel.CountOf(BpfCommand.MapTakeBatch), Is.EqualTo(1), "it is asked once");
    }

    [Test]
    public void An_element_that_the_kernel_does_not_like_does_not_end_batches()
    {
        var kernel = new FakeKernel().FailAlways(BpfCommand.MapUpdateBatch, Errno.EINVAL).FailAlways(BpfCommand.MapUpdateElem, Errno.EINVAL);
        using var play = kernel.Play();
        using var map = FakeObjects.Hash();
        var hash = map.AsHash<uint, ulong>();
        Assert.That((hash.TrySetAll(s_keys, s_values, out var written), written), Is.EqualTo((Errno.EINVAL, 0)));
        _ = kernel.On(BpfCommand.MapUpdateBatch, static (void* attr, ref int result) => Errno.None);
        hash.SetAll(s_keys, s_values);
        Assert.That(kernel.CountOf(BpfCommand.MapUpdateBatch), Is.EqualTo(2));
    }

    // Where the key goes that was read last, the kernel starts over.
    [Test]
    public void Reading_a_trie_that_sends_it_back_forever_ends()
    {
        var kernel = new FakeKernel().On(BpfCommand.MapLookupBatch, static (void* attr, ref int result) => EndAt(attr, 8, Errno.None));
        using var play = kernel.Play();
        using var map = BpfMap.Create(MapSpec.LpmTrie<Ipv4Prefix, uint>("fake", 8));
        Assert.That(map.AsLpmTrie<Ipv4Prefix, uint>().ToList(), Has.Count.EqualTo((2 * 8) + 64));
    }

    // Before Linux 6.14 a batch ends so where the next element goes while it is read.
    [Test]
    public void A_batch_that_is_interrupted_is_gone_on_with()
    {
        var calls = 0;
        var starts = new List<uint?>();
        using var play = new FakeKernel().On(BpfCommand.MapLookupBatch, Read).Play();
        using var map = BpfMap.Create(MapSpec.PerCpuArray<uint>("fake", 3));
        var array = map.AsPerCpuArray<uint>();
        array.CopyTo(new uint[3 * PossibleCpus.Count]);
        Assert.That(starts, Is.EqualTo((uint?[])[null, null, 1]));

        Errno Read(void* attr, ref int result)
        {
            var batch = (MapBatchAttr*)attr;
            starts.Add(batch->InBatch == 0 ? null : *(uint*)batch->InBatch);
            if (calls++ == 0)
                return EndAt(attr, 0, Errno.EINTR);
            var (first, count) = calls == 2 ? (0U, 2U) : (2U, 1U);
            for (uint i = 0; i < count; i++)
                ((uint*)batch->Keys)[i] = first + i;
            *(uint*)batch->OutBatch = first + count - 1;
            return EndAt(attr, count, calls == 2 ? Errno.EINTR : Errno.ENOENT);
        }
    }

    [Test]
    public void Values_of_all_CPUs_are_taken_only_where_the_kernel_can()
    {
        using var play = new FakeKernel { Kernel = "5.10" }.FailAlways(BpfCommand.MapLookupAndDeleteElem, Errno.ENOTSUPP).Play();
        using var map = BpfMap.Create(MapSpec.PerCpuHash<uint, uint>("fake", 8));
        Assert.That(
            () => map.AsPerCpuHash<uint, uint>().TryTake(1, new uint[PossibleCpus.Count]),
            Throws.TypeOf<FeatureNotSupportedException>().With.Message.Contains("5.14"));
    }

    private static void AssertAskedOnce(FakeKernel kernel) => Assert.That(
        kernel.Calls.Count(static c => c is BpfCommand.MapUpdateBatch or BpfCommand.MapLookupBatch or BpfCommand.MapDeleteBatch), Is.EqualTo(1), "it is asked once");

    private static FakeKernel NoBatches(Errno errno) => new FakeKernel()
        .FailAlways(BpfCommand.MapUpdateBatch, errno).FailAlways(BpfCommand.MapLookupBatch, errno).FailAlways(BpfCommand.MapDeleteBatch, errno);

    private static Errno EndAt(void* attr, uint count, Errno errno)
    {
        ((MapBatchAttr*)attr)->Count = count;
        return errno;
    }
}
