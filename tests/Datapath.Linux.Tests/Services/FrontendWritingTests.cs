using Datapath.BpfObjects.Layout;
using Datapath.Linux.Services;

namespace Datapath.Linux.Tests.Services;

/// <summary>The number is odd while frontends are written and only then.</summary>
public class FrontendWritingTests
{
    private readonly ManagerState[] _state = new ManagerState[1];

    private uint Writes => _state[0].FrontendWrites;

    [Test]
    public void Each_time_of_writing_is_odd_and_another_number()
    {
        _state[0] = new() { FrontendWrites = 4 };
        var writing = Start();
        using (writing.Begin())
            Assert.That(Writes, Is.EqualTo(5));
        Assert.That(Writes, Is.EqualTo(6));
    }

    [Test]
    public void It_ends_also_by_an_exception()
    {
        _state[0] = default;
        var writing = Start();
        Assert.That(() => WriteAndFail(writing), Throws.InvalidOperationException);
        Assert.That(Writes, Is.EqualTo(2));
    }

    [Test]
    public void What_a_killed_process_left_begun_is_ended_at_the_next_start()
    {
        _state[0] = new() { FrontendWrites = uint.MaxValue };
        _ = Start();
        Assert.That(Writes, Is.Zero);
    }

    private static void WriteAndFail(FrontendWriting writing)
    {
        using (writing.Begin())
            throw new InvalidOperationException();
    }

    private FrontendWriting Start() => new(() => ref _state[0]);
}
