using System.Diagnostics;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>Waits for what is bound to happen.</summary>
internal static class Eventually
{
    /// <summary>Asks until the answer is yes, or fails the test after a time that no correct implementation needs.</summary>
    public static void True(Func<bool> condition, string what, int seconds = 60)
    {
        var start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.That(Stopwatch.GetElapsedTime(start).TotalSeconds, Is.LessThan(seconds), what);
            Thread.Sleep(5);
        }
    }
}
