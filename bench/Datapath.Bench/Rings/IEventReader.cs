namespace Datapath.Bench.Rings;

/// <summary>A way to read events.</summary>
internal interface IEventReader
{
    string Name { get; }

    /// <summary>Reads so many events, which are there or will come, and adds the first and the last number of each to a sum.</summary>
    /// <returns>The sum.</returns>
    ValueTask<ulong> ReadAsync(long count, CancellationToken cancellation);
}
