namespace Datapath.Linux.Tests;

/// <summary>Texts of errors cost nothing where there is no error.</summary>
public class OperationTextTests
{
    [Test]
    public void On_success_no_text_is_built()
    {
        var built = new Trap();
        LinuxException.ThrowIfFailed(Errno.None, $"open '{built}' {built:x}");
        Assert.That(built.Count, Is.Zero);
    }

    [Test]
    public void On_success_nothing_is_allocated()
    {
        long Measure()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++)
                LinuxException.ThrowIfFailed(Errno.None, $"look up key {i} of map '{nameof(Trap)}'");
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        _ = Measure();
        Assert.That(Measure(), Is.Zero);
    }

    [Test]
    public void On_failure_the_message_says_what_was_tried_and_the_error() =>
        Assert.That(
            static () => LinuxException.ThrowIfFailed(Errno.ENOENT, $"look up key {42} of map '{"dp_slots4"}'"),
            Throws.TypeOf<LinuxException>().With.Message.EqualTo("look up key 42 of map 'dp_slots4': ENOENT").And.Property("Errno").EqualTo(Errno.ENOENT));

    private sealed class Trap
    {
        public int Count { get; private set; }

        public override string ToString() => $"built {++Count} times";
    }
}
