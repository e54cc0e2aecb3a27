using System.Runtime.InteropServices;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf.Ring;

/// <summary>Two rings and the programs that write to them when a test says so (rings.bpf.c).</summary>
internal sealed class RingProgram : IDisposable
{
    /// <summary>Bytes of the ring <c>small</c>.</summary>
    public const int SmallSize = 4096;

    private readonly BpfObject _object = BpfObject.Load(BpfObjectSpec.Parse(TestObject.Read("rings")));
    private readonly BpfMappedArray<Hold> _holds;
    private Job _job;

    public RingProgram() => _holds = _object.Maps["holds"].MapMemory<Hold>();

    /// <summary>How many records did not fit since the start.</summary>
    public ulong Lost => _job.Lost;

    public BpfMap Map(string ring) => _object.Maps[ring];

    /// <summary>Writes records; the first 8 bytes of each are its number, counted over both rings.</summary>
    /// <param name="ring">The map's name.</param>
    /// <param name="count">How many it tries to write.</param>
    /// <param name="size">Bytes of each.</param>
    public void Write(string ring, int count = 1, int size = 64)
    {
        (_job.Count, _job.Size) = ((ulong)count, (ulong)size);
        Run($"write_{ring}");
    }

    /// <summary>Reserves a record of 64 bytes in the ring <c>small</c>, to be committed when the result is disposed.</summary>
    public IDisposable HoldRecord()
    {
        SetHold(default);
        var job = _job;
        _job.Next++;
        var run = new Thread(() => Run(_object.Programs["hold_small"], job)) { IsBackground = true };
        run.Start();
        Eventually.True(IsHeld, "the record is reserved");
        return new Release(this, run);
    }

    public void Dispose()
    {
        _holds.Dispose();
        _object.Dispose();
    }

    private static Job Run(BpfProgram program, Job job)
    {
        var result = program.TestRun(new() { Context = MemoryMarshal.AsBytes(new ReadOnlySpan<Job>(in job)).ToArray() });
        return result.ReturnValue == 0 ? MemoryMarshal.Read<Job>(result.Context.AsSpan()) : throw new InvalidOperationException($"{program.Name}: {result.ReturnValue}");
    }

    private bool IsHeld()
    {
        using var holds = _holds.Slice(0, 1);
        return Volatile.Read(ref holds[0].IsHeld) != 0;
    }

    private void SetHold(in Hold hold)
    {
        using var holds = _holds.Slice(0, 1);
        holds[0] = hold;
    }

    private void Run(string program) => _job = Run(_object.Programs[program], _job);

    [StructLayout(LayoutKind.Sequential)]
    private struct Hold
    {
        public uint IsHeld;
        public uint IsReleased;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Job
    {
        public ulong Next;
        public ulong Lost;
        public ulong Size;
        public ulong Count;
    }

    private sealed class Release(RingProgram program, Thread run) : IDisposable
    {
        public void Dispose()
        {
            using (var holds = program._holds.Slice(0, 1))
                Volatile.Write(ref holds[0].IsReleased, 1);
            run.Join();
        }
    }
}

/// <summary>A record of 64 bytes.</summary>
internal readonly record struct Numbered(ulong Number, ulong A, ulong B, ulong C, ulong D, ulong E, ulong F, ulong G);
