using System.Runtime.CompilerServices;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Values that programs and user space change as a whole, under the lock in them.</summary>
[TestFixture]
internal sealed class LockedElementTests
{
    private BpfObject _loaded = null!;

    [SetUp]
    public void Load() => _loaded = BpfObject.Load(BpfObjectSpec.Parse(TestObject.Read("locked")));

    [TearDown]
    public void Unload() => _loaded.Dispose();

    [Test]
    [LoadTest]
    public void Neither_side_sees_a_value_of_a_hash_half_written()
    {
        var hash = _loaded.Maps["by_key"].AsHash<uint, Whole>().UnderLock();
        hash.Set(0, default);
        AssertNeverTorn(
            value => hash.Set(0, in value),
            () => hash.TryGetValue(0, out var value) ? value : throw new AssertionException("the value went away"));
    }

    [Test]
    [LoadTest]
    public void Neither_side_sees_a_value_of_an_array_half_written()
    {
        var array = _loaded.Maps["by_index"].AsArray<Whole>().UnderLock();
        AssertNeverTorn(value => array[0] = value, () => array[0]);
    }

    [Test]
    public void Many_elements_are_written_read_and_taken_under_their_locks()
    {
        var hash = _loaded.Maps["by_key"].AsHash<uint, Whole>().UnderLock();
        hash.SetAll([1, 2], [Whole.Of(7), Whole.Of(8)]);
        Assert.That(hash.ToList().Select(static e => (e.Key, e.Value.Words[63])), Is.EquivalentTo(((uint, ulong)[])[(1, 7), (2, 8)]));
        Assert.That(hash.TryTake(1, out var taken) ? taken.Words[63] : 0, Is.EqualTo(7));
        Assert.That(hash.TakeAll().Select(static e => e.Value.Words[0]), Is.EqualTo((ulong[])[8]));
        var array = _loaded.Maps["by_index"].AsArray<Whole>().UnderLock();
        array.SetAll(0, [Whole.Of(1), Whole.Of(2)]);
        Assert.That(array.ToArray().Select(static e => e.Words[63]), Is.EqualTo((ulong[])[1, 2]));
    }

    [Test]
    public void The_lock_itself_is_neither_read_nor_written()
    {
        var hash = _loaded.Maps["by_key"].AsHash<uint, Whole>().UnderLock();
        hash.Set(0, Whole.Of(1) with { Lock = 1 }); // a lock that is taken would stop the next who wants it for good
        Assert.That(hash.TryGetValue(0, out var value) ? (value.Lock, value.Words[0]) : default, Is.EqualTo((0U, 1UL)));
    }

    [Test]
    public void Values_without_a_lock_are_refused()
    {
        using var hash = BpfMap.Create(MapSpec.Hash<uint, ulong>("free", 4));
        using var array = BpfMap.Create(MapSpec.Array<ulong>("row", 4));
        Assert.That(
            () => hash.AsHash<uint, ulong>().UnderLock(),
            Throws.TypeOf<MapLayoutException>().With.Message.EqualTo("map 'free' (Hash): the values have no struct bpf_spin_lock, or the map was made without their type"));
        Assert.That(() => array.AsArray<ulong>().UnderLock(), Throws.TypeOf<MapLayoutException>().With.Message.StartsWith("map 'row' (Array): the values have no"));
    }

    // The program changes the value all the time; its own look at it is under the lock too.
    private void AssertNeverTorn(Action<Whole> write, Func<Whole> read)
    {
        var program = _loaded.Programs["change_both"];
        using var runs = new ManualResetEventSlim();
        using var done = new CancellationTokenSource();
        var others = Task.Run(() =>
        {
            try
            {
                while (!done.IsCancellationRequested)
                {
                    _ = program.TestRun(new() { Data = new byte[64], Repeat = 1_000 });
                    runs.Set();
                }
            }
            finally
            {
                runs.Set(); // also if it cannot run: its exception ends the test, not this wait
            }
        });
        try
        {
            runs.Wait();
            for (ulong i = 0; i < 10_000; i++)
            {
                write(Whole.Of(i << 32));
                var words = read().Words;
                if (((ReadOnlySpan<ulong>)words).ContainsAnyExcept(words[0]))
                    Assert.Fail($"words differ from the first, {words[0]}");
            }
        }
        finally
        {
            done.Cancel();
            others.Wait();
        }

        Assert.That(_loaded.Variables["torn"].As<ulong>().Value, Is.Zero);
    }

    private record struct Whole(uint Lock, uint Unused, Words Words)
    {
        public static Whole Of(ulong word)
        {
            var words = default(Words);
            ((Span<ulong>)words).Fill(word);
            return new(0, 0, words);
        }
    }

    [InlineArray(64)]
    private struct Words
    {
        private ulong _first;
    }
}
