using Datapath.Hosting.Tests.Lab;
using Datapath.Linux.Services;

namespace Datapath.Linux.Tests.Services;

/// <summary>When slots that changes have replaced come back.</summary>
public class SlotReclaimTests
{
    private const int Capacity = 801;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private FakeTimeProvider _time = null!;
    private SlotAllocator _slots = null!;
    private SemaphoreSlim _begun = null!;
    private SemaphoreSlim _mayEnd = null!;
    private Exception? _refusal;
    private SlotReclaim _reclaim = null!;

    [SetUp]
    public void Start()
    {
        (_time, _slots, _begun, _mayEnd, _refusal) = (new(), new(Capacity), new(0), new(0), null);
        _ = _slots.TryReserve([(1, Capacity - 1)]);
        _reclaim = new(WaitForReaders, _gate, _time, _slots);
    }

    [TearDown]
    public void Stop()
    {
        _mayEnd.Release(100);
        _reclaim.Dispose();
        _begun.Dispose();
        _mayEnd.Dispose();
    }

    [Test]
    public void Many_come_back_at_once()
    {
        Change(1, 100);
        Assert.That(_time.Waiting, Is.Zero, "without a rest");
        GracePeriod();
        AssertFree(100);
    }

    [Test]
    public void Few_come_back_after_a_rest_that_all_changes_share()
    {
        Change(1, 10);
        _time.Advance(TimeSpan.FromMilliseconds(999));
        Change(11, 10);
        Assert.That((_time.Waiting, _begun.CurrentCount), Is.EqualTo((1, 0)));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        GracePeriod();
        AssertFree(20);
        Assert.That(_time.Waiting, Is.Zero, "there is nothing to wait for");
    }

    [Test]
    public void What_is_replaced_during_a_grace_period_waits_for_the_next_one()
    {
        Change(1, 10);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(_begun.Wait(s_limit));
        Change(11, 10);
        _mayEnd.Release();
        AssertFree(10);
        Assert.That(_time.Waiting, Is.EqualTo(1));
        _time.Advance(TimeSpan.FromSeconds(1));
        GracePeriod();
        AssertFree(20);
    }

    [Test]
    public void Many_that_are_replaced_during_a_grace_period_have_the_next_one_at_once()
    {
        Change(1, 100);
        Assert.That(_begun.Wait(s_limit));
        Change(101, 100);
        _mayEnd.Release();
        GracePeriod();
        AssertFree(200);
    }

    [Test]
    public void A_rest_that_ends_during_a_grace_period_begins_anew()
    {
        Change(1, 10);
        Change(11, 100);
        Assert.That(_begun.Wait(s_limit));
        Change(111, 10);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(_begun.CurrentCount, Is.Zero, "one at a time");
        _mayEnd.Release();
        AssertFree(110);
        _time.Advance(TimeSpan.FromSeconds(1));
        GracePeriod();
        AssertFree(120);
    }

    [Test]
    public void What_the_kernel_refuses_is_told_to_the_next_change_and_tried_again()
    {
        _refusal = new LinuxException("wait", Errno.ENOMEM);
        Change(1, 10);
        _time.Advance(TimeSpan.FromSeconds(1));
        GracePeriod();
        Assert.That(() => NextChange(), Is.SameAs(_refusal).After((int)s_limit.TotalMilliseconds, 5));
        Assert.That(NextChange(), Is.Null, "once");
        _refusal = null;
        Change(11, 10);
        _time.Advance(TimeSpan.FromSeconds(1));
        GracePeriod();
        AssertFree(20);
    }

    [Test]
    public void When_it_is_disposed_nothing_more_begins()
    {
        Change(1, 10);
        _reclaim.Dispose();
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(_begun.CurrentCount, Is.Zero);
    }

    private void WaitForReaders()
    {
        _ = _begun.Release();
        Assert.That(_mayEnd.Wait(s_limit));
        if (_refusal is { } refusal)
            throw refusal;
    }

    private void GracePeriod()
    {
        Assert.That(_begun.Wait(s_limit), "it begins");
        _ = _mayEnd.Release();
    }

    // What a change does: it replaces slots, and says so.
    private void Change(int first, int count)
    {
        lock (_gate)
        {
            if (count > 0)
                _slots.Retire(first, count);
            _reclaim.Start();
        }
    }

    private LinuxException? NextChange()
    {
        try
        {
            Change(0, 0);
            return null;
        }
        catch (LinuxException e)
        {
            return e;
        }
    }

    private void AssertFree(int count) => Assert.That(
        () =>
        {
            lock (_gate)
                return _slots.Free;
        },
        Is.EqualTo(count).After((int)s_limit.TotalMilliseconds, 5));
}
