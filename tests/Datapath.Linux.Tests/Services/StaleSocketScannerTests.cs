using Datapath.Linux.Services;

namespace Datapath.Linux.Tests.Services;

/// <summary>When a scan begins.</summary>
public class StaleSocketScannerTests
{
    [TestCase(0, 0, 50, Description = "the first")]
    [TestCase(5, 0, 50, Description = "after a short one")]
    [TestCase(100, 0, 400, Description = "right after a long one")]
    [TestCase(100, 300, 100, Description = "some time after a long one")]
    [TestCase(100, 380, 50, Description = "almost rested")]
    [TestCase(100, 60_000, 50, Description = "long after")]
    public void A_scan_waits_for_dials_that_are_under_way_and_rests_after_a_long_one(int last, int since, int expected) => Assert.That(
        StaleSocketScanner.WaitAfter(TimeSpan.FromMilliseconds(last), TimeSpan.FromMilliseconds(since)), Is.EqualTo(TimeSpan.FromMilliseconds(expected)));

    [Test]
    public void Without_work_it_ends_at_once_and_loads_nothing()
    {
        var scanner = new StaleSocketScanner(static () => throw new InvalidOperationException(), static _ => throw new InvalidOperationException(), logger: null);
        Assert.That(scanner.IsIdle);
        Assert.That(scanner.Dispose, Throws.Nothing);
    }

    [Test]
    public void What_the_kernel_refuses_ends_the_scan_and_nothing_else()
    {
        var scans = new List<StaleSocketScan>();
        var scanner = new StaleSocketScanner(static () => throw new PlatformNotSupportedException("too old"), scans.Add, logger: null);
        Assert.That(scanner.Failure, Is.Null);
        scanner.Add(Retired(1, 2));
        scanner.Dispose();
        Assert.That(scanner.Failure, Is.EqualTo("too old"));
        Assert.That(scans.Select(static s => (s.Retired, s.Namespaces, s.Udp, s.Tcp)), Is.EqualTo(new[] { (2, 0, 0, 0) }));
        Assert.That(scanner.IsIdle);
    }

    [Test]
    public async Task Who_waits_hears_when_the_last_scan_is_over_or_all_was_taken_back()
    {
        using var goOn = new ManualResetEventSlim();
        var scanner = new StaleSocketScanner(() =>
        {
            goOn.Wait();
            throw new PlatformNotSupportedException("too old");
        }, static _ => { }, logger: null);
        Assert.That(scanner.WhenDone.IsCompletedSuccessfully, "there is nothing");
        var retired = Retired(1);
        scanner.Add(retired);
        var done = scanner.WhenDone;
        Assert.That(done.IsCompleted, Is.False);
        goOn.Set();
        await done.WaitAsync(TimeSpan.FromSeconds(60));
        scanner.Add(retired);
        done = scanner.WhenDone;
        _ = scanner.Cancel(retired.Keys.Single());
        await done.WaitAsync(TimeSpan.FromSeconds(60));
        scanner.Dispose();
    }

    [Test]
    public async Task A_scan_that_is_kept_waiting_is_followed_by_the_next_one_as_soon_as_a_short_one()
    {
        var pauses = new System.Collections.Concurrent.ConcurrentQueue<double>();
        var scanner = new StaleSocketScanner(static () =>
        {
            Thread.Sleep(200); // as on a machine whose processors others have
            throw new PlatformNotSupportedException("too old");
        }, static _ => { }, logger: null)
        {
            Pause = (stop, longest) =>
            {
                pauses.Enqueue(longest.TotalMilliseconds);
                return stop.WaitOne(TimeSpan.Zero);
            },
        };
        foreach (var frontend in (uint[])[1, 2])
        {
            scanner.Add(Retired(frontend));
            await scanner.WhenDone.WaitAsync(TimeSpan.FromSeconds(60));
        }

        Assert.That(pauses.Take(2), Is.EqualTo(new[] { 50.0, 50 }), "four times what it took of a processor, not of the time");
        scanner.Dispose();
    }

    [Test]
    public async Task Programs_are_loaded_before_anything_is_to_be_scanned_and_a_refusal_is_told_by_the_scan_that_meets_it_again()
    {
        var (loads, scans) = (0, 0);
        var scanner = new StaleSocketScanner(() =>
        {
            _ = Interlocked.Increment(ref loads);
            throw new PlatformNotSupportedException("too old");
        }, _ => Interlocked.Increment(ref scans), logger: null)
        { Patience = TimeSpan.Zero };
        scanner.Prepare();
        await scanner.WhenPrepared.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.That((loads, scans, scanner.Failure), Is.EqualTo((1, 0, (string?)null)), "nobody is told before it matters");
        scanner.Add(Retired(1));
        scanner.Dispose();
        Assert.That((loads, scans, scanner.Failure), Is.EqualTo((2, 1, "too old")));
    }

    [Test]
    public void Who_ends_it_soon_does_not_have_programs_loaded()
    {
        var scanner = new StaleSocketScanner(static () => throw new InvalidOperationException(), static _ => { }, logger: null) { Patience = Timeout.InfiniteTimeSpan };
        scanner.Prepare();
        scanner.Dispose();
        Assert.That(scanner.WhenPrepared.IsCompletedSuccessfully);
    }

    [Test]
    public async Task It_ends_no_earlier_than_the_programs_that_it_loads()
    {
        using var begun = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var isOver = false;
        var scanner = new StaleSocketScanner(() =>
        {
            begun.Set();
            goOn.Wait();
            Volatile.Write(ref isOver, true);
            throw new PlatformNotSupportedException("too old");
        }, static _ => { }, logger: null)
        { Patience = TimeSpan.Zero };
        scanner.Prepare();
        Assert.That(begun.Wait(TimeSpan.FromSeconds(60)));
        var end = Task.Run(() =>
        {
            scanner.Dispose();
            return Volatile.Read(ref isOver);
        });
        goOn.Set();
        Assert.That(await end.WaitAsync(TimeSpan.FromSeconds(60)), Is.True);
    }

    [Test]
    public void The_time_of_a_thread_is_what_it_runs()
    {
        var before = Linux.Services.ThreadTime.Now;
        Thread.Sleep(200);
        var slept = Linux.Services.ThreadTime.Now;
        var start = System.Diagnostics.Stopwatch.GetTimestamp();
        while (Linux.Services.ThreadTime.Now - slept < TimeSpan.FromMilliseconds(20))
            Assert.That(System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds, Is.LessThan(60), "it runs, and does not count");
        Assert.That(slept - before, Is.LessThan(TimeSpan.FromMilliseconds(100)));
    }

    [Test]
    public void Whom_a_scan_is_told_to_may_end_the_scanner()
    {
        StaleSocketScanner? scanner = null;
        using var told = new ManualResetEventSlim();
        scanner = new(static () => throw new PlatformNotSupportedException("too old"), _ =>
        {
            scanner!.Dispose();
            told.Set();
        }, logger: null);
        scanner.Add(Retired(1));
        Assert.That(told.Wait(TimeSpan.FromSeconds(60)), "it waited for itself");
    }

    private static Dictionary<RetiredBackend, ulong> Retired(params uint[] frontends) =>
        frontends.ToDictionary(static id => new RetiredBackend(id, L4Address.Parse("10.0.0.1:53/UDP")), static _ => 0UL);
}
