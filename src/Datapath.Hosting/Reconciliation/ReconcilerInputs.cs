using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Datapath.Policy;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting;

/// <summary>What comes in from all sides, compiled: what is taken waits until the next <see cref="Compile"/>, so that a burst costs one round.</summary>
/// <param name="node">The machine; <see langword="null"/> if it is told later, and then nothing is compiled before that.</param>
/// <param name="sources">The names of the sources.</param>
/// <param name="masquerade">Masquerading, which is compiled from the same; <see langword="null"/> if there is none.</param>
/// <param name="metrics">Counts what is refused.</param>
/// <param name="logger">Tells what became of objects.</param>
internal sealed class ReconcilerInputs(NodeConfiguration? node, ImmutableArray<string> sources, MasqueradeReconciler? masquerade, DatapathMetrics metrics, ILogger logger)
{
    private const int MostNamed = 5;

    private readonly PolicyCompiler _compiler = new(new());
    private readonly SourceMerger _merger = new(sources.Length);
    private readonly HashSet<int> _silent = [.. Enumerable.Range(0, sources.Length)];
    private readonly HashSet<int> _partial = [];
    private readonly long[] _revisions = new long[sources.Length];
    private readonly List<ObjectBatch> _taken = [];
    private readonly List<HealthResult> _takenHealth = [];
    private readonly HashSet<PodName> _lostPods = [];
    private readonly HashSet<ObjectKey> _toldToLack = [];
    private NodeConfiguration? _node = node;

    /// <summary>Whether the machine is known and every source has told its initial list, and the file of the ip-masq-agent was read.</summary>
    public bool IsComplete => _node is not null && _silent.Count == 0 && masquerade is not { IsComplete: false };

    /// <summary>The sources that have not told their initial lists.</summary>
    public IEnumerable<int> SilentSources => _silent.Order();

    /// <summary>What else stands in the way of <see cref="IsComplete"/>, for people; <see langword="null"/>: nothing.</summary>
    public string? AwaitedBesides => _node is null ? InputNames.NodeAddresses : masquerade is { IsAgentFileAwaited: true } ? InputNames.AgentFile : null;

    /// <summary>Whether some input is refused, so that something may be missing.</summary>
    public bool IsPartial => _partial.Count > 0;

    /// <summary>What the engine should hold.</summary>
    public DesiredState State => _compiler.State;

    /// <summary>The revision of each source's last step that is compiled, see <see cref="ObjectBatch.Revision"/>.</summary>
    public ImmutableArray<long> Revisions { get; private set; } = [.. new long[sources.Length]];

    /// <summary>What became of each object.</summary>
    public ImmutableDictionary<ObjectKey, ObjectStatus> Statuses { get; private set; } = ImmutableDictionary<ObjectKey, ObjectStatus>.Empty;

    /// <summary>Of each object that several sources have, the source whose is compiled.</summary>
    public ImmutableDictionary<ObjectKey, int> Winners { get; private set; } = ImmutableDictionary<ObjectKey, int>.Empty;

    /// <summary>Takes a source's step in.</summary>
    public void Take(int source, ObjectBatch batch)
    {
        _ = _silent.Remove(source);
        _ = batch.IsPartial ? _partial.Add(source) : _partial.Remove(source);
        foreach (var diagnostic in batch.Diagnostics)
            Report(diagnostic);
        if (batch.Revision != 0) // a step without a number takes back none
            _revisions[source] = batch.Revision;
        _taken.Add(_merger.Merge(source, batch));
    }

    /// <summary>Takes a change of the machine in.</summary>
    public void Take(NodeConfiguration changed) => _node = changed;

    /// <summary>Takes a change of the file of the ip-masq-agent in.</summary>
    public void Take(IPMasqAgentUpdate update) => masquerade?.Take(update);

    /// <summary>Takes the program's changed rules of masquerading in.</summary>
    public void Take(MasqueradeConfiguration rules, long revision) => masquerade?.Take(rules, revision);

    /// <summary>Takes the result of a health check in.</summary>
    public void Take(HealthResult result) => _takenHealth.Add(result);

    /// <summary>Takes in which pods the engine is to look for again.</summary>
    public void Take(ImmutableArray<PodName> lost) => _lostPods.UnionWith(lost);

    /// <summary>Compiles what was taken in.</summary>
    /// <returns>What changes, in several steps.</returns>
    public List<ChangeSet> Compile()
    {
        var changes = new List<ChangeSet>();
        if (_node is null)
            return changes;
        masquerade?.Take(_node);
        var statuses = Statuses.ToBuilder();
        if (_node != _compiler.Node)
            Note(_compiler.Apply(_node), refused: []);
        if (_takenHealth.Count > 0)
            Note(_compiler.Apply(CollectionsMarshal.AsSpan(_takenHealth)), refused: []);
        foreach (var batch in _taken)
        {
            masquerade?.Take(batch);
            var result = _compiler.Apply(batch);
            foreach (var key in batch.Deleted.Concat(batch.NoLongerRefused))
            {
                if (_compiler.TryGetStatus(key, out _)) // it may be back in the same step
                    continue;
                _ = statuses.Remove(key);
                _ = _toldToLack.Remove(key);
            }

            Note(result, batch.Refused);
        }

        if (_lostPods.Count > 0)
            changes.Add(ChangeSet.Empty with { Pods = [.. _lostPods.Where(State.Pods.ContainsKey).Select(name => State.Pods[name])] });
        TellShadowed();
        Statuses = statuses.ToImmutable();
        Winners = _merger.Winners;
        Revisions = Revisions.AsSpan().SequenceEqual(_revisions) ? Revisions : [.. _revisions];
        _lostPods.Clear();
        _taken.Clear();
        _takenHealth.Clear();
        return changes;

        void Note(CompileResult result, ImmutableArray<RefusedObject> refused)
        {
            var told = refused.Select(static item => item.Object).ToHashSet(); // by the diagnostics
            foreach (var status in result.Statuses)
            {
                statuses[status.Object] = status;
                if (!told.Contains(status.Object))
                    Report(status);
            }

            changes.Add(result.Changes);
        }
    }

    // One line for all of two sources: a folder may have what a cluster has, too.
    private void TellShadowed()
    {
        foreach (var group in _merger.TakeShadowed().GroupBy(static item => (item.Source, item.Winner)).OrderBy(static group => group.Key))
        {
            ObjectKey[] objects = [.. group.Select(static item => item.Object).Distinct().Order()];
            var more = objects.Length > MostNamed ? $" and {objects.Length - MostNamed} more" : "";
            Log.Shadowed(logger, sources[group.Key.Source], sources[group.Key.Winner], string.Join(", ", objects.Take(MostNamed)) + more);
        }
    }

    private void Report(Diagnostic diagnostic)
    {
        if (diagnostic.Severity is DiagnosticSeverity.Error)
            metrics.Refused();
        DiagnosticLog.OfObjects.Write(logger, diagnostic);
    }

    private void Report(ObjectStatus status)
    {
        if (status.Condition is ObjectCondition.Rejected)
            metrics.Refused();
        if (status.IsNotInForce || IsNewlyLacking(status))
            Log.ObjectWarning(logger, status);
        else
            Log.ObjectChanged(logger, status);
    }

    // Once, until it has had its ports, and no backends of a family that it has not: pods come and go, and with them what there is to say.
    private bool IsNewlyLacking(ObjectStatus status)
    {
        var lacks = status.LacksPort || status.LacksFamily;
        if (status.Condition is ObjectCondition.Active && !lacks)
            _ = _toldToLack.Remove(status.Object);
        return lacks && _toldToLack.Add(status.Object);
    }
}
