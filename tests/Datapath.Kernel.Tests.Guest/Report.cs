using System.Globalization;
using NUnit.Framework.Interfaces;

namespace Datapath.Kernel.Tests.Guest;

/// <summary>Writes what becomes of each test as it ends, because a virtual machine may hang in the next, and counts.</summary>
internal sealed class Report(TextWriter output) : ITestListener
{
    private int _passed;
    private int _failed;
    private int _skipped;

    public void TestStarted(ITest test)
    {
    }

    public void TestFinished(ITestResult result)
    {
        if (result.HasChildren)
            return;
        var count = result.ResultState.Status switch
        {
            TestStatus.Passed => ++_passed,
            TestStatus.Skipped => ++_skipped,
            _ => ++_failed, // what is inconclusive or warns proves nothing
        };
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.ResultState.Status,-7} {result.Duration,6:0.00} s {result.FullName}"));
        if (result.ResultState.Status is not TestStatus.Passed)
            output.WriteLine($"    {result.Message?.Trim()}\n{result.StackTrace}".TrimEnd());
        output.Flush();
    }

    public void TestOutput(TestOutput output)
    {
    }

    public void SendMessage(TestMessage message)
    {
    }

    /// <summary>Writes the verdict.</summary>
    /// <returns>Whether some tests passed and none failed.</returns>
    public bool Close()
    {
        output.WriteLine($"verdict: {_passed} passed, {_failed} failed, {_skipped} skipped");
        return _failed is 0 && _passed > 0;
    }
}
