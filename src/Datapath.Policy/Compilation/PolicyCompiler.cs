namespace Datapath.Policy;

/// <summary>
/// Compiles Kubernetes objects into what the datapath of a node should hold: services of all types, host ports of pods, redirect policies, and
/// the node's pods.
/// The state is a function of the valid objects and the node's configuration: the same objects in any order, in one batch or many, give
/// the same state. A change costs work for the services that it touches, not for all.
/// </summary>
/// <remarks>
/// <para>Pure: no clock, no I/O. Not thread-safe; call it from one loop.</para>
/// <para>
/// An address belongs to one service: the older one, then the first by namespace and name. The others are refused as a whole with
/// <see cref="ObjectCondition.Conflict"/> and take over in the same <see cref="ChangeSet"/> in which the holder goes or frees the address.
/// So one change set may take an address from one service and give it to another: whoever applies it has to treat the set as a whole, the
/// order of its items means nothing. Host ports give way to services, redirect policies to both.
/// </para>
/// </remarks>
public sealed partial class PolicyCompiler
{
    private readonly CompilerInputs _inputs;
    private readonly ServiceIntake _serviceIntake;
    private readonly PodIntake _podIntake;
    private readonly RedirectIntake _redirectIntake;
    private readonly ServiceCompiler _services;
    private readonly RedirectCompiler _redirects;
    private readonly StatusBook _statuses = new();
    private readonly StateBuilder _state = new();
    private readonly List<ObjectStatus> _changedStatuses = [];
    private readonly IssueList _issues = new();
    private readonly Dictionary<string, Node> _nodes = [];
    private bool _haveNodesChanged;

    /// <summary>Makes a compiler that knows no object yet.</summary>
    /// <param name="node">The machine to compile for.</param>
    /// <exception cref="ArgumentException">The configuration has a value that it must not have.</exception>
    public PolicyCompiler(NodeConfiguration node)
    {
        NodeConfigurationCheck.ThrowIfInvalid(node);
        _inputs = new(node);
        (_serviceIntake, _podIntake, _redirectIntake) = (new(_inputs), new(_inputs), new(_inputs));
        (_services, _redirects) = (new(_inputs), new(_inputs));
    }

    /// <summary>The machine that is compiled for, as it was given.</summary>
    public NodeConfiguration Node => _inputs.Configuration;

    /// <summary>The desired state after the last change. Put together when it is asked for, from what changed since.</summary>
    public DesiredState State => _state.Current;

    /// <summary>Takes a change of the objects in.</summary>
    /// <param name="batch">What is new, changed, gone and refused. Its diagnostics are not looked at.</param>
    /// <exception cref="ArgumentException">Something in it is <see langword="null"/> that must not be (<see cref="ObjectBatch.FindFlaw"/>); nothing is applied.</exception>
    public CompileResult Apply(ObjectBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.FindFlaw() is { } flaw)
            throw new ArgumentException(flaw, nameof(batch));
        foreach (var key in batch.Deleted.AsSpan())
        {
            Delete(key);
            _inputs.Refusals.OnDeleted(key);
        }

        foreach (var item in batch.Upserted.AsSpan())
            Upsert(item);
        foreach (var key in batch.NoLongerRefused.AsSpan())
            _inputs.Refusals.Remove(key);
        foreach (var refused in batch.Refused.AsSpan())
            _inputs.Refusals.Set(refused);
        return Compile();
    }

    /// <summary>Takes a change of the node's configuration in.</summary>
    /// <param name="node">The new configuration.</param>
    /// <exception cref="ArgumentException">The configuration has a value that it must not have; the one before stays.</exception>
    public CompileResult Apply(NodeConfiguration node)
    {
        NodeConfigurationCheck.ThrowIfInvalid(node);
        _inputs.Configuration = node;
        UpdateNode();
        return Compile();
    }

    /// <summary>Takes results of health checks in.</summary>
    /// <param name="results">What is new or has changed.</param>
    public CompileResult Apply(params ReadOnlySpan<HealthResult> results)
    {
        foreach (var result in results)
            _serviceIntake.Apply(result);
        return Compile();
    }

    private CompileResult Compile()
    {
        UpdateOtherNodes();
        _redirects.Select();
        _inputs.Claims.Settle();
        _redirects.Resolve();
        var changes = new ChangeCollector(_state);
        foreach (var entry in _inputs.Dirty)
        {
            entry.IsDirty = false;
            if (entry is ServiceEntry service)
                Compile(service, changes);
            else if (entry is HostPortEntry port)
                Compile(port, changes);
        }

        _inputs.Dirty.Clear();
        foreach (var entry in _inputs.Redirects.ToCompile.Drain())
        {
            changes.Set(entry, RedirectCompiler.Compile(entry));
            if (entry.Policy is null)
                _inputs.Redirects.Entries.Remove(entry.Key);
        }

        foreach (var pod in _podIntake.ToCompile.Drain())
            changes.Set(pod, LocalPodCompiler.Compile(pod, _inputs.ExemptNamespaces));

        WriteStatuses();
        _inputs.Refusals.Complete(_changedStatuses, Find);
        var result = new CompileResult(changes.ToChangeSet(), [.. _changedStatuses]);
        _changedStatuses.Clear();
        return result;
    }

    private void Compile(ServiceEntry entry, ChangeCollector changes)
    {
        var (state, status) = (entry.Compiled, entry.Status);
        changes.Set(entry, _services.Compile(entry));
        ServiceStatusWriter.Update(entry, _changedStatuses);

        // Endpoints come and go all the time; what they change is no business of the policies.
        if (entry.Redirects is { } policies && (entry.Status != status || !RedirectTally.IsSame(state, entry.Compiled)))
        {
            foreach (var policy in policies)
                _inputs.Redirects.ToJudge.Add(policy);
        }

        if (entry.IsEmpty)
            _inputs.Services.Remove(entry.Name);
    }

    private void Compile(HostPortEntry entry, ChangeCollector changes)
    {
        changes.Set(entry, HostPortCompiler.Compile(entry, _inputs));
        if (entry.Frontends.Length == 0)
            entry.Pod.HostPorts.Remove(entry);
        _podIntake.ToJudge.Add(entry.Pod);
    }
}
