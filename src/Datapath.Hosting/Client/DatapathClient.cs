using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Datapath.Linux;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>
/// The datapath by calls: services, backends, redirect policies and what they depend on, given by the program itself. A call returns when what it asks for
/// is in the engine, so the next dial sees it. Safe from any thread; calls that are made together are one step for the engine.
/// </summary>
/// <remarks>
/// A call that is cancelled while it waits is not taken back: the change is made, only nobody waits for it. One whose token is cancelled before it is made changes nothing. Once the datapath was
/// stopped, as by disposing the <see cref="DatapathHost"/>, calls change nothing either and end with an <see cref="ObjectDisposedException"/>; if it ended by a failure, with an
/// <see cref="InvalidOperationException"/> that says by which. What keeps all of the engine's work without effect, such as that its cgroup was removed, is told by every call whose objects it
/// concerns (<see cref="NotInForceException"/>, <see cref="EntryResult.Outage"/>). <see cref="DatapathHost"/> has one, and
/// <c>AddClient()</c> adds one to a host. What other sources of the host tell is not seen here. Of one object that two sources have, the source that was added
/// first has its way: if that is another one, calls say so (<see cref="NotInForceException"/>, <see cref="AppliedRevision.NotInForce"/>) and name it.
/// </remarks>
public sealed partial class DatapathClient
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ServiceName, ServiceObjects> _services;
    private readonly DatapathObjects _objects;
    private readonly DatapathMonitor _monitor;
    private readonly IDatapath _datapath;
    private readonly MasqueradeRules _masqueradeRules;
    private readonly TimeProvider _time;

    internal DatapathClient(
        DatapathObjects objects, DatapathMonitor monitor, IDatapath datapath, MasqueradeRules masqueradeRules, InitialServices initial, TimeProvider time) =>
        (_objects, _monitor, _datapath, _masqueradeRules, _services, _time) = (objects, monitor, datapath, masqueradeRules, initial.Services, time);

    /// <summary>How the datapath stands.</summary>
    public DatapathSnapshot Current => _monitor.Current;

    /// <summary>Waits until a change is in the engine.</summary>
    /// <param name="revision">Its <see cref="AppliedRevision.Revision"/>, or what <see cref="DatapathObjects"/> returned.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">The datapath has ended without it.</exception>
    /// <exception cref="ObjectDisposedException">It was stopped without it.</exception>
    public Task<DatapathSnapshot> WaitForAsync(long revision, CancellationToken cancellationToken = default) =>
        _monitor.WaitForRevisionAsync(_objects, revision, cancellationToken);

    /// <summary>
    /// Adds a redirect policy, or replaces it. Of two policies for one address the one that was added first has it, unless they say how old they are.
    /// </summary>
    /// <param name="policy">The policy.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="NotInForceException">The policy is refused, or stands back behind another one, or another source has one of its name.</exception>
    public Task<AppliedRevision> UpsertRedirectAsync(RedirectBuilder policy, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(policy);
        var next = policy.Build();
        return InForceAsync(() =>
        {
            CallCheck.ThrowIfRefused(next);
            return ObjectBatch.Upsert(next with { Metadata = next.Metadata with { CreationTimestamp = next.Metadata.CreationTimestamp ?? AgeOf(_objects.Find(next.Key)) } });
        }, next.Key, cancellationToken);
    }

    /// <summary>Removes a redirect policy: dials go again where they would without it. Removing one that is not there does nothing.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What became of it. What the engine could not take out yet, and is tried again, is in the result, and no reason for an exception.</returns>
    public Task<AppliedRevision> RemoveRedirectAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        return ApplyAsync(ObjectBatch.Delete(new ObjectKey(ObjectKind.ClusterLocalRedirectPolicy, "", name)), cancellationToken);
    }

    /// <summary>
    /// Makes a change of objects of any kind in one step: pods that policies lead to, namespaces, nodes, and services in the form of Kubernetes. Objects that
    /// are not in force are in the result, and no reason for an exception. One whose values cannot be right is left out, so that the last good version of it
    /// stays in force; so are a service and all its slices, deletions of them among these, if one of them has a mistake. A slice belongs to the service that its label names in the change: if that one is
    /// left out, the slice stays where it was; if not, it goes there, whatever becomes of the one that it was of.
    /// </summary>
    /// <param name="changes">The change. Services that the calls for services made (<see cref="Services"/>), and the slices of their backends, are theirs: it must not have them.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What became of each object.</returns>
    /// <exception cref="ArgumentException">
    /// Something in the change is <see langword="null"/> that must not be, or it has an object of a service that the calls for services made. Nothing was changed.
    /// </exception>
    public async Task<AppliedRevision> ApplyAsync(ObjectBatch changes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(changes);
        if (changes.FindFlaw() is { } flaw)
            throw new ArgumentException(flaw, nameof(changes));
        Begin(cancellationToken);
        var refused = new RefusedEntries(_objects);
        long revision;
        lock (_gate)
        {
            ThrowIfKept(changes);
            refused.Check(changes.Upserted);
            revision = _objects.Apply(refused.Without(changes));
        }

        return await WaitAsync(revision, [.. changes.Deleted, .. changes.Upserted.Select(static item => item.Key)], cancellationToken, refused).ConfigureAwait(false);
    }

    // A call that took them would leave the calls for services with what is no more.
    private void ThrowIfKept(ObjectBatch changes)
    {
        foreach (var key in changes.Deleted.Concat(changes.Upserted.Select(static item => item.Key)))
        {
            if (OwnerOf(key) is { } owner)
            {
                throw new ArgumentException(
                    $"{key} is of a service that the calls for services made: {nameof(UpsertServiceAsync)} replaces {owner}, {nameof(RemoveServiceAsync)} removes it", nameof(changes));
            }
        }
    }

    private ServiceName? OwnerOf(ObjectKey key)
    {
        var name = key.Kind switch
        {
            ObjectKind.Service => new ServiceName(key.Namespace, key.Name),
            ObjectKind.EndpointSlice when _objects.Find(key) is EndpointSlice { ServiceName: { } service } => service,
            _ => (ServiceName?)null,
        };
        return name is { } known && _services.TryGetValue(known, out var made) && made.All.Any(item => item.Key == key) ? known : null;
    }

    /// <summary>
    /// Makes these all the program's services and objects, in one step: what is equal is not touched, what is not among them goes. Objects that are not in
    /// force are in the result, and no reason for an exception. A service or object whose values cannot be right stays as it was, whole, or is not made at all.
    /// </summary>
    /// <param name="services">The services, each once.</param>
    /// <param name="objects">Whatever else there is to be: pods, policies. Default: nothing.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What became of each object.</returns>
    /// <exception cref="ArgumentException">A service is there twice, or has a backend twice, or something is <see langword="null"/> that must not be. Nothing was changed.</exception>
    public async Task<AppliedRevision> ReplaceAsync(
        IEnumerable<ServiceBuilder> services, IEnumerable<KubernetesObject>? objects = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(services);
        Begin(cancellationToken);
        ServiceBuilder[] builders = [.. services];
        if (Array.IndexOf(builders, null) is var index and >= 0)
            throw new ArgumentException($"services[{index}] must not be null", nameof(services));
        var wanted = new Dictionary<ServiceName, ServiceObjects>();
        ImmutableArray<KubernetesObject> others = [.. objects ?? []];
        if (new ObjectBatch(others, [], []).FindFlaw() is { } flaw)
            throw new ArgumentException(flaw, nameof(objects));
        List<ObjectKey> named = [];
        var refused = new RefusedEntries(_objects);
        long revision;
        lock (_gate)
        {
            foreach (var builder in builders)
            {
                if (!wanted.TryAdd(builder.Name, new(builder, AgeOf(_services.GetValueOrDefault(builder.Name)?.Service))))
                    throw new ArgumentException($"service {builder.Name} is there twice", nameof(services));
            }

            foreach (var service in wanted.Values)
                refused.Check(service);
            refused.Check(others);
            // What is left out stays as it is, among the services and among the objects.
            var made = refused.Without(others);
            List<KubernetesObject> all = [.. _objects.All.Where(refused.Keeps)];
            ServiceObjects[] kept = [.. _services.Values.Where(service => refused.Has(service.Service))];
            _services.Clear();
            foreach (var service in kept)
                _services.Add(service.Name, service);
            foreach (var (name, service) in wanted)
            {
                if (refused.Without([service.Service]).IsEmpty)
                {
                    named.Add(service.Service.Key);
                    continue;
                }

                _services.Add(name, service);
                all.AddRange(service.All);
                named.AddRange(service.All.Select(static item => item.Key));
            }

            all.AddRange(made);
            named.AddRange(others.Select(static item => item.Key));
            revision = _objects.Replace(all);
        }

        return await WaitAsync(revision, [.. named], cancellationToken, refused).ConfigureAwait(false);
    }

    /// <summary>Reads back what the engine holds, of all sources, in the order of the frontends' addresses.</summary>
    /// <exception cref="ObjectDisposedException">The datapath was stopped.</exception>
    public ImmutableArray<ProgrammedFrontend> Read()
    {
        _monitor.ThrowIfStopped();
        return _datapath.Read();
    }

    /// <summary>Dials as they happen. Whoever listens makes each dial that it hears a little slower; nobody else notices.</summary>
    /// <param name="options">Which to hear. Default: all.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <exception cref="NotSupportedException">The engine is not that of this machine's kernel.</exception>
    /// <exception cref="DialMonitorInUseException">Somebody else listens.</exception>
    /// <exception cref="InvalidOperationException">The datapath has ended.</exception>
    /// <exception cref="ObjectDisposedException">It was stopped.</exception>
    public async IAsyncEnumerable<ObservedDial> ObserveDialsAsync(
        DialMonitorOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Begin(cancellationToken);
        if (_datapath is not LinuxDatapath linux)
            throw new NotSupportedException($"dials can be observed on this machine's kernel, not on {_datapath.GetType().Name}");
        using var monitor = DialMonitor.Open(linux, options);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var end = CancelAtEndAsync(over);
        await using var dials = monitor.ReadAllAsync(over.Token).GetAsyncEnumerator(over.Token);
        try
        {
            while (await MoveNextAsync(dials, cancellationToken).ConfigureAwait(false))
                yield return dials.Current;
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await end.ConfigureAwait(false);
        }
    }

    // An engine that is gone tells of nothing any more, not even of that.
    private async Task CancelAtEndAsync(CancellationTokenSource over)
    {
        try
        {
            _ = await _monitor.WaitForAsync(static _ => false, over.Token).ConfigureAwait(false);
        }
        catch (InvalidOperationException)
        {
            await over.CancelAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Nobody listens any more.
        }
    }

    private async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<ObservedDial> dials, CancellationToken cancellationToken)
    {
        try
        {
            return await dials.MoveNextAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            _ = await _monitor.WaitForAsync(static _ => false, cancellationToken).ConfigureAwait(false); // says what the end was
            throw;
        }
    }

    // Before anything is changed: neither who has given up already nor who comes too late is to change what the next call shows.
    private void Begin(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _monitor.ThrowIfEnded();
    }

    // A change and the step of it go together, so that steps come in the order of the changes.
    private async Task<AppliedRevision> InForceAsync(Func<ObjectBatch> change, ObjectKey subject, CancellationToken cancellationToken)
    {
        Begin(cancellationToken);
        ObjectBatch changes;
        long revision;
        lock (_gate)
        {
            changes = change();
            revision = _objects.Apply(changes);
        }

        return (await WaitAsync(revision, [subject, .. changes.Upserted.Select(static item => item.Key)], cancellationToken).ConfigureAwait(false)).EnsureInForce();
    }

    private async Task<AppliedRevision> WaitAsync(long revision, ImmutableArray<ObjectKey> named, CancellationToken cancellationToken, RefusedEntries? refused = null)
    {
        var snapshot = await WaitForAsync(revision, cancellationToken).ConfigureAwait(false);
        var failures = snapshot.Failures.ToLookup(static failure => failure.Service);
        return new(revision, [.. named.Distinct().Select(key => refused?.ResultOf(key) ?? ResultOf(key, snapshot, failures))]);
    }

    // What the program does not have any more is gone as far as it is concerned: what another source has of that name is that one's matter, as are its failures.
    private EntryResult ResultOf(ObjectKey key, DatapathSnapshot snapshot, ILookup<ServiceName, ApplyFailure> failures)
    {
        var status = _objects.Find(key) is null ? null : _monitor.StatusFor(_objects, key, snapshot);
        if (snapshot.Statuses.TryGetValue(key, out var inForce) && !ReferenceEquals(inForce, status))
            return new(key, status, []);
        return key.Kind switch
        {
            ObjectKind.Service => Served(failures[new(key.Namespace, key.Name)]),
            ObjectKind.CiliumLocalRedirectPolicy or ObjectKind.ClusterLocalRedirectPolicy =>
                Served(snapshot.Failures.Where(failure => failure.Policy == key.PolicyName || failure.Service == key.PolicyName)),
            _ => new(key, status, []),
        };

        // That what was removed takes no effect is what was asked for.
        EntryResult Served(IEnumerable<ApplyFailure> refused) => new(key, status, [.. refused]) { Outage = status is null ? null : snapshot.Outage };
    }
}
