using System.Diagnostics;

namespace Datapath.Hosting.Tests.Lab;

/// <summary>Waits for what is bound to happen, and fails the test after a time that no correct implementation needs.</summary>
internal static class Deadline
{
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    /// <summary>A token that ends a wait.</summary>
    public static CancellationToken Token => new CancellationTokenSource(Longest).Token;

    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        var start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(Longest), what);
            await Task.Delay(5);
        }
    }
}
