using System.Runtime.InteropServices;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Bpf;
using Datapath.Linux.Bpf.Ring;

namespace Datapath.Kernel.Tests.Bpf.Ring;

/// <summary>Records that are unusual: the largest, one of a wrong size, one that is not committed yet.</summary>
[TestFixture]
internal sealed class RingRecordTests
{
    private const int Largest = RingProgram.SmallSize - 16;

    private RingProgram _program = null!;
    private BpfRingBuffer _ring = null!;

    [SetUp]
    public void Open() => (_program, _ring) = (new(), null!);

    [TearDown]
    public void Close()
    {
        _ring?.Dispose();
        _program.Dispose();
    }

    [Test]
    public void The_largest_record_is_read_in_one_piece_wherever_it_starts()
    {
        _ring = BpfRingBuffer.Open(_program.Map("small"));
        for (var number = 0UL; number < 20; number += 2)
        {
            _program.Write("small", size: 100); // moves the start
            Assert.That(_ring.Drain(static _ => { }), Is.EqualTo(1));
            _program.Write("small", size: Largest);
            Assert.That(_ring.TryRead(out var record), Is.True);
            Assert.That(record.Length, Is.EqualTo(Largest));
            Assert.That(MemoryMarshal.Read<ulong>(record), Is.EqualTo(number + 1));
            Assert.That(record[8..].ContainsAnyExcept((byte)0), Is.False);
            _ring.Advance();
        }

        Assert.That(_program.Lost, Is.Zero);
    }

    [Test]
    public void A_record_larger_than_the_largest_does_not_fit_an_empty_ring()
    {
        _ring = BpfRingBuffer.Open(_program.Map("small"));
        _program.Write("small", size: Largest + 1);
        Assert.That(_program.Lost, Is.EqualTo(1));
        Assert.That(_ring.TryRead(out _), Is.False);
    }

    [Test]
    public void A_type_that_does_not_keep_the_order_of_its_fields_is_refused([Values] bool isBatch)
    {
        _ring = BpfRingBuffer.Open(_program.Map("small"));
        _program.Write("small");
        Assert.That(
            async () => _ = isBatch
                ? (await _ring.ReadBatchesAsync<(uint, ulong)>().FirstAsync()).Length
                : (int)(await _ring.ReadAllAsync<(uint, ulong)>().FirstAsync()).Item1,
            Throws.TypeOf<MapLayoutException>().With.Message.StartsWith("records of 'small': the runtime arranges the fields of ValueTuple`2 as it likes"));
        Assert.That(_ring.Drain(static _ => { }), Is.EqualTo(1), "the record is still there");
    }

    [Test]
    public async Task A_record_of_another_size_is_an_error_once_and_passed([Values] bool isBatch)
    {
        _ring = BpfRingBuffer.Open(_program.Map("small"));
        _program.Write("small");
        _program.Write("small", size: 32);
        _program.Write("small");
        await using (var records = Enumerate(isBatch).GetAsyncEnumerator())
        {
            Assert.That(await records.MoveNextAsync(), Is.True);
            Assert.That(records.Current.Number, Is.Zero);
            var error = await Assert.ThrowsAsync<RecordSizeException>(async () => await records.MoveNextAsync());
            Assert.That((error!.Expected, error.Actual, error.Message), Is.EqualTo((64, 32, "a record has 32 bytes, Numbered has 64")));
        }

        await using var others = Enumerate(isBatch).GetAsyncEnumerator();
        Assert.That(await others.MoveNextAsync(), Is.True);
        Assert.That(others.Current.Number, Is.EqualTo(2));
    }

    [Test]
    public void A_record_of_a_pipe_says_that_its_size_is_another()
    {
        _ring = BpfRingBuffer.Open(_program.Map("small"));
        _program.Write("small", size: 32);
        var reader = _ring.OpenReader();
        Assert.That(reader.TryRead(out var result), Is.True);
        Assert.That(
            () =>
            {
                var records = new RingRecords(result.Buffer);
                _ = records.MoveNext();
                _ = records.Current.As<Numbered>();
            },
            Throws.TypeOf<RecordSizeException>());
        reader.Complete();
    }

    [Test]
    [LoadTest] // the program that holds the record keeps a CPU busy, and there the machine has one
    public async Task A_record_that_is_not_committed_holds_up_those_behind_it_and_wakes_the_reader_when_it_is()
    {
        _ring = BpfRingBuffer.Open(_program.Map("small"));
        ValueTask<bool> wait;
        using (_program.HoldRecord())
        {
            _program.Write("small", count: 2);
            Assert.That(_ring.PendingBytes, Is.EqualTo(3 * 72));
            Assert.That(_ring.TryRead(out _), Is.False);
            Assert.That(_ring.Drain(static _ => { }), Is.Zero);
            wait = _ring.WaitToReadAsync();
            Assert.That(wait.IsCompleted, Is.False);
        }

        Assert.That(await wait.AsTask().WaitAsync(TimeSpan.FromSeconds(60)), Is.True);
        var numbers = new List<ulong>();
        Assert.That(_ring.Drain(record => numbers.Add(MemoryMarshal.Read<ulong>(record))), Is.EqualTo(3));
        Assert.That(numbers, Is.EqualTo(new ulong[] { 0, 1, 2 }));
    }

    private async IAsyncEnumerable<Numbered> Enumerate(bool isBatch)
    {
        if (!isBatch)
        {
            await foreach (var record in _ring.ReadAllAsync<Numbered>())
                yield return record;
            yield break;
        }

        await foreach (var batch in _ring.ReadBatchesAsync<Numbered>())
        {
            for (var i = 0; i < batch.Length; i++)
                yield return batch.Span[i];
        }
    }
}
