using System.Collections.Immutable;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>
/// The entries of a call whose values cannot be right, which are left out of it, so that what was in force of them stays so. A service and its slices are
/// one: a mistake in one of them leaves out all, or a service would get half of what is new. A slice is one with the service that it names now: it leaves that
/// which it named before, even if that is left out.
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
        var last = LastOf(objects);
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

    /// <summary>
    /// Whether an object of before stays in a call that says what there is to be: it is a part of something that is left out, or its next version is, as that of a slice that such a service was to get.
    /// Ask when <see cref="Without(ImmutableArray{KubernetesObject})"/> has been asked for all that the call has.
    /// </summary>
    public bool Keeps(KubernetesObject item) => Has(item) || _results.ContainsKey(item.Key);

    /// <summary>Those of the call's objects that it is made with. The others have a result from now on.</summary>
    public ImmutableArray<KubernetesObject> Without(ImmutableArray<KubernetesObject> objects) =>
        IsEmpty ? objects : [.. LastOf(objects).Values.Where(item => !LeaveOut(item.Key, WholeOf(item)))];

    /// <summary>The change as it is made. What is left out of it, deletions of slices of a service that stays as it is among it, has a result from now on.</summary>
    public ObjectBatch Without(ObjectBatch changes)
    {
        if (IsEmpty)
            return changes;
        var upserted = Without(changes.Upserted);
        var made = changes.Upserted.Select(static item => item.Key).ToHashSet();
        return changes with { Upserted = upserted, Deleted = [.. changes.Deleted.Where(key => made.Contains(key) ? ResultOf(key) is null : !IsKept(key))] };

        // What is deleted and made anew in one call is where the new one is, or stays as it was.
        bool IsKept(ObjectKey key) => before.Find(key) is { } item && LeaveOut(key, WholeOf(item));
    }

    /// <summary>The result of an object that was left out.</summary>
    /// <returns><see langword="null"/>: it was not.</returns>
    public EntryResult? ResultOf(ObjectKey key) => _results.GetValueOrDefault(key);

    private static OrderedDictionary<ObjectKey, KubernetesObject> LastOf(IEnumerable<KubernetesObject> objects)
    {
        var last = new OrderedDictionary<ObjectKey, KubernetesObject>();
        foreach (var item in objects)
            last[item.Key] = item;
        return last;
    }

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
