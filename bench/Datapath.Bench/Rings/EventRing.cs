using System.Runtime.InteropServices;
using Datapath.Bench.Lab;
using Datapath.Linux.Bpf;

namespace Datapath.Bench.Rings;

/// <summary>A ring of 4 MiB and the program that fills it with events of 64 bytes.</summary>
internal sealed class EventRing : IDisposable
{
    /// <summary>Events, with their headers, that fit.</summary>
    public const int Room = (1 << 22) / (64 + 8);

    private readonly BpfObject _object = BpfObject.Load(BpfObjectSpec.Parse(Resource.Read("events.bpf.o")));
    private Order _order;

    public BpfMap Map => _object.Maps["events"];

    /// <summary>How many events were written since the start: their numbers are all below.</summary>
    public ulong Written => _order.Next;

    /// <summary>How many did not fit since the start.</summary>
    public ulong Lost => _order.Lost;

    /// <summary>Runs the program once, here and now.</summary>
    /// <param name="tries">How many events it tries to write.</param>
    /// <param name="end">The number of the first event that it does not write.</param>
    /// <param name="isSilent">Whether nobody is woken.</param>
    public void Write(int tries, ulong end, bool isSilent)
    {
        (_order.Count, _order.End, _order.Flags) = ((ulong)tries, end, isSilent ? 1UL : 0);
        var result = _object.Programs["events_write"].TestRun(new() { Context = MemoryMarshal.AsBytes(new ReadOnlySpan<Order>(in _order)).ToArray() });
        _order = MemoryMarshal.Read<Order>(result.Context.AsSpan());
    }

    public void Dispose() => _object.Dispose();

    [StructLayout(LayoutKind.Sequential)]
    private struct Order
    {
        public ulong Next;
        public ulong End;
        public ulong Lost;
        public ulong Count;
        public ulong Flags;
    }
}

/// <summary>What the program writes: eight times the event's number.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct Event(ulong First, ulong B, ulong C, ulong D, ulong E, ulong F, ulong G, ulong Last);
