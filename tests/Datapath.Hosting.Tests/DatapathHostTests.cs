using System.Runtime.CompilerServices;
using Datapath.Hosting.Tests.Client;
using Datapath.Hosting.Tests.Lab;
using Datapath.Policy;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Datapath.Hosting.Tests;

/// <summary>A datapath without a generic host. The engine is a fake.</summary>
internal sealed class DatapathHostTests
{
    private readonly FakeDatapath _engine = new();

    private Action<IDatapathBuilder> WithFake(params IObjectSource[] sources) => builder =>
    {
        builder.Services.AddSingleton<IDatapath>(_ => _engine);
        builder.Services.AddSingleton<INodeAddresses>(new FakeNodeAddresses());
        foreach (var source in sources)
            builder.AddSource(_ => source);
    };

    [Test]
    public async Task It_starts_serves_and_stops()
    {
        await using (var datapath = await DatapathHost.StartAsync(build: WithFake(), cancellationToken: Deadline.Token))
        {
            _ = await datapath.Client.UpsertServiceAsync(ClientLab.Service().Backend("10.0.0.1"), Deadline.Token);
            Assert.That(_engine.State.Services, Has.Count.EqualTo(1));
            Assert.That(datapath.Completion.IsCompleted, Is.False);
        }

        Assert.That(_engine.IsDisposed);
    }

    [Test]
    public async Task A_stop_is_an_end_without_a_failure_and_later_calls_say_so()
    {
        var datapath = await DatapathHost.StartAsync(build: WithFake(), cancellationToken: Deadline.Token);
        var completion = datapath.Completion;
        await datapath.DisposeAsync();
        await datapath.DisposeAsync();
        await completion.WaitAsync(Deadline.Longest);
        Assert.That(completion.IsCompletedSuccessfully);
        Assert.That(() => datapath.Client.UpsertServiceAsync(ClientLab.Service(), Deadline.Token), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => datapath.Client.Read(), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => datapath.Monitor.WaitForAsync(static _ => false, Deadline.Token), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public async Task A_start_returns_when_every_source_has_told_its_list()
    {
        var source = new FakeSource();
        var start = DatapathHost.StartAsync(build: WithFake(source), cancellationToken: Deadline.Token);
        Assert.That(start.IsCompleted, Is.False);
        source.Tell(Objects.Service("a"));
        await using var datapath = await start;
        Assert.That(_engine.State.Services.Keys, Is.EqualTo(new[] { Objects.Name("a") }));
    }

    [Test]
    public async Task All_mistakes_are_told_at_once_and_nothing_is_touched()
    {
        var options = new DatapathOptions { BpfRoot = "relative", MaxSlots = 1 };
        foreach (var start in new Func<Task<DatapathHost>>[]
        {
            () => DatapathHost.StartAsync(options, WithFake()),
            () => DatapathHost.StartAsync(static o => (o.BpfRoot, o.MaxSlots) = ("relative", 1), WithFake()),
        })
        {
            var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => start());
            Assert.That(refusal!.Failures, Has.Some.StartsWith("bpfRoot: 'relative'").And.Some.StartsWith("maxSlots: 1 must be"));
        }

        Assert.That(_engine.Calls, Is.Empty);
    }

    [Test]
    public async Task A_source_that_gives_up_during_the_start_is_named()
    {
        var source = new FakeSource();
        source.Fail(new IOException("the disk is gone"));
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => DatapathHost.StartAsync(build: WithFake(source), cancellationToken: Deadline.Token));
        Assert.That(refusal!.Message, Is.EqualTo("the source of objects FakeSource gave up: the disk is gone"));
        Assert.That(_engine.IsDisposed);
    }

    [Test]
    public async Task A_source_that_gives_up_later_ends_it()
    {
        var source = new FakeSource();
        source.Tell();
        await using var datapath = await DatapathHost.StartAsync(build: WithFake(source), cancellationToken: Deadline.Token);
        source.Fail(new IOException("the disk is gone"));
        Assert.That(async () => await datapath.Completion.WaitAsync(Deadline.Token), Throws.InvalidOperationException.With.Message.Contains("the disk is gone"));
    }

    [Test]
    public async Task A_source_that_does_not_end_cannot_keep_it_from_stopping()
    {
        var log = new FakeLog();
        var datapath = await DatapathHost.StartAsync(
            new DatapathOptions { StopTimeout = TimeSpan.FromSeconds(1) },
            builder =>
            {
                WithFake(new DeafSource())(builder);
                builder.Services.AddSingleton<Microsoft.Extensions.Logging.ILoggerProvider>(log);
            },
            Deadline.Token);
        await datapath.DisposeAsync().AsTask().WaitAsync(Deadline.Token);
        Assert.That(log.Bad, Has.Some.Contains("went on without the source of objects DeafSource"));
        Assert.That(_engine.IsDisposed);
    }

    [Test]
    public async Task A_source_that_ends_without_its_initial_list_is_named()
    {
        var (silent, other) = (new FakeSource(), new FakeSource());
        silent.End();
        other.Tell();
        var start = DatapathHost.StartAsync(build: WithFake(other, silent), cancellationToken: Deadline.Token);
        Assert.That(
            async () => await start, Throws.InvalidOperationException.With.Message.EqualTo("the source of objects FakeSource no. 2 ended without its initial list"));
        Assert.That(_engine.Calls, Is.Empty);
        Assert.That(_engine.IsDisposed);
    }

    [Test]
    public async Task A_source_that_blocks_cannot_keep_a_start_from_being_given_up()
    {
        using var goOn = new ManualResetEventSlim();
        using var cancel = new CancellationTokenSource();
        var source = new BlockingSource(goOn);
        try
        {
            var start = DatapathHost.StartAsync(new DatapathOptions { StopTimeout = TimeSpan.FromSeconds(1) }, WithFake(source), cancel.Token);
            Assert.That(source.IsBlocked.Wait(Deadline.Longest), "nobody asked it");
            await cancel.CancelAsync();
            Assert.That(async () => await start.WaitAsync(Deadline.Longest), Throws.InstanceOf<OperationCanceledException>());
            Assert.That(_engine.IsDisposed);
        }
        finally
        {
            goOn.Set();
        }
    }

    [Test]
    public async Task A_source_that_blocks_after_its_list_keeps_nobody_from_anything()
    {
        using var goOn = new ManualResetEventSlim();
        var source = new BlockingSource(goOn, Objects.Service("a"));
        try
        {
            var datapath = await DatapathHost.StartAsync(new DatapathOptions { StopTimeout = TimeSpan.FromSeconds(1) }, WithFake(source), Deadline.Token).WaitAsync(Deadline.Longest);
            Assert.That(source.IsBlocked.Wait(Deadline.Longest), "nobody asked it");
            _ = await datapath.Client.UpsertServiceAsync(ClientLab.Service().Backend("10.0.0.1"), Deadline.Token);
            Assert.That(_engine.State.Services, Has.Count.EqualTo(2));
            await datapath.DisposeAsync().AsTask().WaitAsync(Deadline.Longest);
            Assert.That(_engine.IsDisposed);
        }
        finally
        {
            goOn.Set();
        }
    }

    [Test]
    public async Task A_start_may_be_given_up()
    {
        using var cancel = new CancellationTokenSource();
        var start = DatapathHost.StartAsync(build: WithFake(new FakeSource()), cancellationToken: cancel.Token);
        await cancel.CancelAsync();
        Assert.That(async () => await start, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(_engine.IsDisposed);
    }

    [Test]
    public void A_start_that_was_given_up_before_opens_nothing()
    {
        var isOpened = false;
        Action<IDatapathBuilder> build = builder =>
        {
            builder.Services.AddSingleton<IDatapath>(_ =>
            {
                isOpened = true;
                return _engine;
            });
            WithFake()(builder);
        };
        var cancelled = new CancellationToken(canceled: true);
        foreach (var start in new[] { () => DatapathHost.StartAsync(build: build, cancellationToken: cancelled), () => DatapathHost.StartAsync(new DatapathOptions(), build, cancelled) })
            Assert.That(async () => await start(), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(isOpened, Is.False);
    }

    [Test]
    public void A_start_that_is_given_up_while_the_engine_opens_ends_when_it_has()
    {
        using var cancel = new CancellationTokenSource();
        Action<IDatapathBuilder> build = builder =>
        {
            builder.Services.AddSingleton<INodeAddresses>(new FakeNodeAddresses());
            builder.Services.AddSingleton<IDatapath>(_ =>
            {
                cancel.Cancel();
                return _engine;
            });
        };
        Assert.That(async () => await DatapathHost.StartAsync(build: build, cancellationToken: cancel.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That((_engine.IsDisposed, _engine.Calls), Is.EqualTo((true, Array.Empty<string>())));
    }

    [Test]
    public async Task Several_in_one_process_do_not_know_of_each_other()
    {
        var other = new FakeDatapath();
        await using var one = await DatapathHost.StartAsync(build: WithFake(), cancellationToken: Deadline.Token);
        await using var two = await DatapathHost.StartAsync(
            build: builder =>
            {
                builder.Services.AddSingleton<IDatapath>(_ => other);
                builder.Services.AddSingleton<INodeAddresses>(new FakeNodeAddresses());
            },
            cancellationToken: Deadline.Token);
        _ = await one.Client.UpsertServiceAsync(ClientLab.Service().Backend("10.0.0.1"), Deadline.Token);
        _ = await two.Client.UpsertServiceAsync(ClientLab.Service("b").Backend("10.0.0.2"), Deadline.Token);
        Assert.That(_engine.State.Services.Keys.Single().Name, Is.EqualTo("web"));
        Assert.That(other.State.Services.Keys.Single().Name, Is.EqualTo("b"));
    }

    /// <summary>Tells its list, and does not hear that it is to end.</summary>
    private sealed class DeafSource : IObjectSource
    {
        public async IAsyncEnumerable<ObjectBatch> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            yield return ObjectBatch.Empty;
            await new TaskCompletionSource().Task;
        }
    }
}
