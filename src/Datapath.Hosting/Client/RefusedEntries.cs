using System.Collections.Immutable;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>
/// The entries of a call whose values cannot be right, which are left out of it, so that what was in force of them stays so. A service and its slices are
/// one: a mistake in one of them leaves out all, or a service would get half of what is new.
/// </summary>
/// <param name="before">The program's objects as they are before the call. Nobody else may change them before it is made.</param>
internal sealed class RefusedEntries(DatapathObjects before)
{
    private readonly Dictionary<ObjectKey, List<string>> _mistakes = [];
    private readonly Dictionary<ObjectKey, EntryResult> _results = [];

    /// <summary>Whether nothing is left out.</summary>
    public bool IsEmpty => _mistakes.Count == 0;

    /// <summary>Looks at a service that the call makes, with its backends.</summary>
    public void Check(ServiceObjects service)
    {
        foreach (var status in CallCheck.MistakesOf(service))
            Note(service.Service.Key, status.Message);
    }

    /// <summary>Looks at objects that the call makes. Of two with one key the later counts.</summary>
    public void Check(IEnumerable<KubernetesObject> objects)
    {
        var last = new OrderedDictionary<ObjectKey, KubernetesObject>();
        foreach (var item in objects)
            last[item.Key] = item;
        foreach (var item in last.Values.Where(static item => item is not EndpointSlice))
        {
            if (PolicyCompiler.Check(item) is { Condition: ObjectCondition.Rejected } status)
                Note(item.Key, status.Message);
        }

        foreach (var slice in last.Values.OfType<EndpointSlice>())
        {
            var whole = WholeOf(slice);
            foreach (var mistake in SliceMistakes.Of(slice, isServiceWrong: _mistakes.ContainsKey(whole) && last.ContainsKey(whole)))
                Note(whole, mistake);
        }
    }

    /// <summary>Whether an object is a part of something that is left out.</summary>
    public bool Has(KubernetesObject item) => _mistakes.ContainsKey(WholeOf(item));

    /// <summary>Those of the call's objects that it is made with. The others have a result from now on.</summary>
    public ImmutableArray<KubernetesObject> Without(ImmutableArray<KubernetesObject> objects) => IsEmpty ? objects : [.. objects.Where(item => !LeaveOut(item.Key, WholeOf(item)))];

    /// <summary>Those of the call's deletions that it is made with. The others, of slices of a service that stays as it is, have a result from now on.</summary>
    public ImmutableArray<ObjectKey> Without(ImmutableArray<ObjectKey> deleted) =>
        IsEmpty ? deleted : [.. deleted.Where(key => before.Find(key) is not { } item || !LeaveOut(key, WholeOf(item)))];

    /// <summary>The result of an object that was left out.</summary>
    /// <returns><see langword="null"/>: it was not.</returns>
    public EntryResult? ResultOf(ObjectKey key) => _results.GetValueOrDefault(key);

    private static ObjectKey WholeOf(KubernetesObject item) => item is EndpointSlice { ServiceName: { } service } ? new(ObjectKind.Service, service.Namespace, service.Name) : item.Key;

    private void Note(ObjectKey whole, string mistake)
    {
        if (!_mistakes.TryGetValue(whole, out var mistakes))
            _mistakes.Add(whole, mistakes = []);
        if (!mistakes.Contains(mistake))
            mistakes.Add(mistake);
    }

    private bool LeaveOut(ObjectKey key, ObjectKey whole)
    {
        if (!_mistakes.TryGetValue(whole, out var mistakes))
            return false;
        var isThere = before.Find(key) is not null;
        var message = $"{string.Join("; ", mistakes)}{(isThere ? "; the last good version is kept" : "")}";
        _results[key] = new(key, new(key, ObjectCondition.Rejected, 0, message) { IsOutdated = isThere }, []);
        return true;
    }
}
