using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Bpf.Ring;

namespace Datapath.Kernel.Tests.Bpf.Ring;

/// <summary>Reading a thousand records allocates what reading ten does.</summary>
[TestFixture]
[LoadTest]
internal sealed class RingAllocationTests
{
    private static readonly RingRecordHandler s_nothing = static _ => { };

    private RingProgram _program = null!;
    private BpfRingBuffer _ring = null!;

    [SetUp]
    public void Open()
    {
        _program = new();
        _ring = BpfRingBuffer.Open(_program.Map("large"));
    }

    [TearDown]
    public void Close()
    {
        _ring.Dispose();
        _program.Dispose();
    }

    [Test]
    public void A_record_drained_allocates_nothing() => AssertNothingForARecord(_ => _ring.Drain(s_nothing));

    [Test]
    public void A_record_read_by_hand_allocates_nothing() => AssertNothingForARecord(_ =>
    {
        var count = 0;
        for (; _ring.TryRead(out var _); count++)
            _ring.Advance();
        return count;
    });

    [Test]
    public void A_record_of_a_pipe_allocates_nothing() => AssertNothingForARecord(_ =>
    {
        var reader = _ring.OpenReader();
        var count = 0;
        while (reader.TryRead(out var result))
        {
            foreach (var record in new RingRecords(result.Buffer))
                count += record.As<Numbered>().Number < ulong.MaxValue ? 1 : 0;
            reader.AdvanceTo(result.Buffer.End);
        }

        reader.Complete();
        return count;
    });

    [Test]
    public void A_record_of_an_enumeration_allocates_nothing() => AssertNothingForARecord(count => Finish(ReadAsync(count)));

    [Test]
    public void A_record_of_a_batch_allocates_nothing() => AssertNothingForARecord(count => Finish(ReadBatchesAsync(count)));

    private static int Finish(ValueTask<int> read)
    {
        Assert.That(read.IsCompletedSuccessfully, Is.True, "all records are there");
        return read.Result;
    }

    private void AssertNothingForARecord(Func<int, int> read)
    {
        _ = Allocated(read, 10); // what is made once
        Assert.That(Allocated(read, 1000), Is.EqualTo(Allocated(read, 10)));
    }

    private long Allocated(Func<int, int> read, int count)
    {
        _program.Write("large", count);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var found = read(count);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.That(found, Is.EqualTo(count));
        return allocated;
    }

    private async ValueTask<int> ReadAsync(int count)
    {
        var found = 0;
        await foreach (var record in _ring.ReadAllAsync<Numbered>())
        {
            if (++found == count)
                break;
        }

        return found;
    }

    private async ValueTask<int> ReadBatchesAsync(int count)
    {
        var found = 0;
        await foreach (var batch in _ring.ReadBatchesAsync<Numbered>(maxRecords: 16))
        {
            found += batch.Length;
            if (found >= count)
                break;
        }

        return found;
    }
}
