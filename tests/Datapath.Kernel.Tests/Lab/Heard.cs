namespace Datapath.Kernel.Tests.Lab;

/// <summary>Takes what was told to a listener without waiting for more.</summary>
internal static class Heard
{
    /// <summary>What was told since the last call.</summary>
    public static List<T> Take<T>(Func<CancellationToken, IAsyncEnumerable<T>> read)
    {
        using var stop = new CancellationTokenSource();
        var told = new List<T>();
        var reading = read(stop.Token).GetAsyncEnumerator(CancellationToken.None);
        while (true)
        {
            var next = reading.MoveNextAsync();
            if (!next.IsCompleted)
            {
                stop.Cancel();
                Assert.That(async () => await next, Throws.InstanceOf<OperationCanceledException>());
                return told;
            }

            Assert.That(next.Result, Is.True, "the listener goes on");
            told.Add(reading.Current);
        }
    }
}
