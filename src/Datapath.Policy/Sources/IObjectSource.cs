namespace Datapath.Policy;

/// <summary>Where objects come from: a folder of manifests, an API server, a program's own list.</summary>
public interface IObjectSource
{
    /// <summary>
    /// Follows the source. The first batch is the complete initial list, empty if there is no object; every later one is what changed
    /// since the batch before. The stream ends when the source can change no more; an end without any batch is an error, because others wait for the list.
    /// </summary>
    /// <remarks>
    /// A source handles its own passing failures (a lost connection, a file that cannot be read just now), keeps what it told before in
    /// force meanwhile, and says so in <see cref="ObjectBatch.Diagnostics"/>, of a batch without objects if need be. An exception out of
    /// the stream means that it gave up.
    /// </remarks>
    /// <param name="cancellationToken">Ends the stream.</param>
    IAsyncEnumerable<ObjectBatch> WatchAsync(CancellationToken cancellationToken);
}
