using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Datapath.Policy;

/// <summary>
/// Compiles Services and EndpointSlices into what the datapath should hold. The state is a function of the valid objects and the node's
/// configuration: the same objects in any order, in one batch or many, give the same state. A change costs work for the services that it
/// touches, not for all.
/// </summary>
/// <remarks>
/// <para>Objects of other kinds may be among the input; they have no effect and no status.</para>
/// <para>Pure: no clock, no I/O. Not thread-safe; call it from one loop.</para>
/// <para>
/// An address belongs to one service: the older one, then the first by namespace and name. The others are refused as a whole with
/// <see cref="ObjectCondition.Conflict"/> and take over in the same <see cref="ChangeSet"/> in which the holder goes or frees the address.
/// So one change set may take an address from one service and give it to another: whoever applies it has to treat the set as a whole, the
/// order of its items means nothing.
/// </para>
/// </remarks>
public sealed partial class PolicyCompiler
{
    private readonly Dictionary<ServiceName, ServiceEntry> _services = [];
    private readonly Dictionary<ServiceName, SliceEntry> _slices = [];
    private readonly List<ServiceEntry> _dirty = [];
    private readonly List<SliceEntry> _unowned = [];
    private readonly List<ObjectStatus> _changedStatuses = [];
    private readonly IssueList _issues = new();
    private readonly BackendSelector _selector = new();
    private readonly StateBuilder _state = new();
    private readonly AddressClaims _claims;

    /// <summary>Makes a compiler that knows no object yet.</summary>
    /// <param name="node">The machine to compile for.</param>
    public PolicyCompiler(NodeConfiguration node)
    {
        ArgumentNullException.ThrowIfNull(node);
        Node = node;
        _claims = new(MarkDirty);
    }

    /// <summary>The machine that is compiled for.</summary>
    public NodeConfiguration Node { get; private set; }

    /// <summary>The desired state after the last change. Put together when it is asked for, from what changed since.</summary>
    public DesiredState State => _state.Current;

    /// <summary>The statuses of all known objects, in no particular order.</summary>
    public IEnumerable<ObjectStatus> Statuses
    {
        get
        {
            foreach (var entry in _services.Values)
            {
                if (entry.Status is not null)
                    yield return entry.Status;
            }

            foreach (var slice in _slices.Values)
            {
                if (slice.Status is not null)
                    yield return slice.Status;
            }
        }
    }

    /// <summary>Finds the status of an object.</summary>
    /// <param name="key">The object.</param>
    /// <param name="status">Its status.</param>
    /// <returns>Whether the object is known.</returns>
    public bool TryGetStatus(ObjectKey key, [NotNullWhen(true)] out ObjectStatus? status)
    {
        var name = new ServiceName(key.Namespace, key.Name);
        status = key.Kind switch
        {
            ObjectKind.Service => _services.GetValueOrDefault(name)?.Status,
            ObjectKind.EndpointSlice => _slices.GetValueOrDefault(name)?.Status,
            _ => null,
        };
        return status is not null;
    }

    /// <summary>Takes a change of the objects in.</summary>
    /// <param name="batch">What is new, changed and gone. Its diagnostics are not looked at.</param>
    public CompileResult Apply(ObjectBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        foreach (var key in batch.Deleted.AsSpan())
            Delete(key);
        foreach (var item in batch.Upserted.AsSpan())
            Upsert(item);
        return Compile();
    }

    /// <summary>Takes a change of the node's configuration in.</summary>
    /// <param name="node">The new configuration.</param>
    public CompileResult Apply(NodeConfiguration node)
    {
        ArgumentNullException.ThrowIfNull(node);
        var isRenamed = Node.Name != node.Name;
        Node = node;
        if (isRenamed)
        {
            foreach (var entry in _services.Values)
            {
                if (entry.Plan is { IsLocal: true })
                    MarkDirty(entry);
            }
        }

        return Compile();
    }

    private void MarkDirty(ServiceEntry entry)
    {
        if (entry.IsDirty)
            return;
        entry.IsDirty = true;
        _dirty.Add(entry);
    }

    private CompileResult Compile()
    {
        _claims.Settle();
        var upserted = ImmutableArray.CreateBuilder<DesiredService>();
        var removed = ImmutableArray.CreateBuilder<ServiceName>();
        foreach (var entry in _dirty)
        {
            entry.IsDirty = false;
            Compile(entry, upserted, removed);
            if (entry.IsEmpty)
                _services.Remove(entry.Name);
        }

        foreach (var slice in _unowned)
        {
            // Another version of the slice may have come later in the same batch.
            if (ReferenceEquals(_slices.GetValueOrDefault(new(slice.Key.Namespace, slice.Key.Name)), slice))
                _changedStatuses.Add(slice.Status!);
        }

        _dirty.Clear();
        _unowned.Clear();
        var result = new CompileResult(
            upserted.Count + removed.Count == 0 ? ChangeSet.Empty : new(upserted.DrainToImmutable(), removed.DrainToImmutable()),
            [.. _changedStatuses]);
        _changedStatuses.Clear();
        return result;
    }

    private void Compile(
        ServiceEntry entry, ImmutableArray<DesiredService>.Builder upserted, ImmutableArray<ServiceName>.Builder removed)
    {
        var next = entry.Holds && entry.Plan!.Condition is not ObjectCondition.Skipped
            ? new DesiredService(entry.Name, [.. _selector.Compile(entry.Plan, entry.Slices, Node.Name)])
            : null;
        if (next is null && entry.Compiled is not null)
            removed.Add(entry.Name);
        if (next is not null && !next.Equals(entry.Compiled))
            upserted.Add(next);
        if (next is null || !next.Equals(entry.Compiled))
        {
            entry.Compiled = next;
            _state.Set(entry.Name, next);
        }

        StatusWriter.Update(entry, _changedStatuses);
    }
}
