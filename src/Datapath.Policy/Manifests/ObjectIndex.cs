using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>All copies of all objects, and which of them are in force.</summary>
internal sealed class ObjectIndex
{
    private readonly Dictionary<ObjectKey, List<ObjectCopy>> _copies = [];
    private readonly Dictionary<ObjectKey, ObjectCopy> _inForce = [];

    public IEnumerable<KubernetesObject> Objects => _inForce.Values.Select(copy => copy.Object);

    public void Add(ObjectCopy copy)
    {
        if (!_copies.TryGetValue(copy.Object.Key, out var copies))
            _copies.Add(copy.Object.Key, copies = new(1));
        copies.Add(copy);
    }

    /// <summary>The file whose earlier state the object in force is from; <see langword="null"/> if it is in a file now.</summary>
    public string? KeptFrom(ObjectKey key) => _inForce.TryGetValue(key, out var copy) && copy.IsKept ? copy.Path : null;

    public void Remove(ObjectCopy copy) => _copies[copy.Object.Key].Remove(copy);

    /// <summary>Decides which copy counts now, and reports the object if it is another than before.</summary>
    public void Settle(
        ObjectKey key, ImmutableArray<KubernetesObject>.Builder upserted, ImmutableArray<ObjectKey>.Builder deleted)
    {
        if (!_copies.TryGetValue(key, out var copies))
            return;
        if (copies.Count == 0)
        {
            _copies.Remove(key);
            if (_inForce.Remove(key))
                deleted.Add(key);
            return;
        }

        copies.Sort(ObjectCopy.Compare);
        var isNew = !_inForce.TryGetValue(key, out var before);
        _inForce[key] = copies[0];
        if (isNew || !before!.Object.Equals(copies[0].Object))
            upserted.Add(copies[0].Object);
    }

    /// <summary>
    /// The copies that are kept although another file has the object now. Like an API server that got an update through that other file,
    /// the old state is forgotten.
    /// </summary>
    public List<ObjectCopy> TakeOutdated(ObjectKey key)
    {
        var outdated = new List<ObjectCopy>();
        if (_copies.TryGetValue(key, out var copies) && !copies[0].IsKept)
        {
            outdated.AddRange(copies.Where(copy => copy.IsKept));
            copies.RemoveAll(copy => copy.IsKept);
        }

        return outdated;
    }

    /// <summary>A warning for each copy of the object that does not count.</summary>
    public IEnumerable<Diagnostic> Warnings(ObjectKey key)
    {
        if (!_copies.TryGetValue(key, out var copies))
            yield break;
        foreach (var copy in copies.Skip(1).Where(copy => !copy.IsKept))
            yield return Warning(copy, copies[0]);
    }

    /// <summary>A warning for each copy in the file that does not count.</summary>
    public IEnumerable<Diagnostic> Warnings(FileState file)
    {
        foreach (var copy in file.Copies)
        {
            if (!copy.IsKept && !ReferenceEquals(_inForce[copy.Object.Key], copy))
                yield return Warning(copy, _inForce[copy.Object.Key]);
        }
    }

    private static Diagnostic Warning(ObjectCopy copy, ObjectCopy winner) => new()
    {
        Severity = DiagnosticSeverity.Warning,
        File = copy.Path,
        Line = copy.Line,
        Kind = copy.Object.Kind.ToString(),
        Namespace = copy.Object.Metadata.Namespace,
        Name = copy.Object.Metadata.Name,
        Reason = $"is also in {winner.Path}:{winner.Line}, and that one counts",
    };
}
