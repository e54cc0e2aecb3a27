using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>
/// The objects of a changing set of manifest files: given what the files contain, it works out which objects are new, changed and gone.
/// Pure: whoever uses it reads the files. Not thread-safe.
/// </summary>
/// <remarks>
/// <para>
/// The same object in two files, or twice in one: the first by ordinal order of the paths, then by place in the file, counts, and there is
/// a warning about each of the others.
/// </para>
/// <para>
/// The last good state is kept. While a file has a refused document or object, the objects that came from it earlier and are not validly
/// in it now stay as they were, as if an API server had refused an update; what is valid in it is applied. They are let go when the file
/// is free of errors again, is removed, or another file has the object.
/// </para>
/// </remarks>
public sealed class ManifestSet
{
    private readonly SortedDictionary<string, FileState> _files = new(StringComparer.Ordinal);
    private readonly ObjectIndex _index = new();
    private readonly RefusalIndex _refusals = new();

    /// <summary>The objects in force, in no particular order.</summary>
    public IEnumerable<KubernetesObject> Objects => _index.Objects;

    /// <summary>What there is to say about all files as they are now, by path.</summary>
    public ImmutableArray<Diagnostic> Diagnostics
    {
        get
        {
            var all = ImmutableArray.CreateBuilder<Diagnostic>();
            foreach (var file in _files.Values)
            {
                all.AddRange(file.Diagnostics);
                all.AddRange(_index.Warnings(file));
            }

            return all.ToImmutable();
        }
    }

    /// <summary>Takes the present content of one file in.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="text">Its content.</param>
    /// <returns>What changes, what there is to say about the file, and warnings about other copies of its objects.</returns>
    public ObjectBatch Update(string path, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Apply(new ManifestFile(path, text));
    }

    /// <summary>Takes in that a file is gone. An unknown path changes nothing.</summary>
    /// <param name="path">Its path.</param>
    public ObjectBatch Remove(string path) => Apply(new ManifestFile(path, null));

    /// <summary>
    /// Takes several files in as one step: an object that moves from one of them to another is never gone in between.
    /// </summary>
    /// <param name="files">The files that changed; of two entries for one path the later counts.</param>
    public ObjectBatch Apply(params ReadOnlySpan<ManifestFile> files)
    {
        var diagnostics = ImmutableArray.CreateBuilder<Diagnostic>();
        var touched = new HashSet<ObjectKey>();
        var changed = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            Replace(file, touched);
            changed.Add(file.Path);
        }

        foreach (var path in changed)
        {
            if (_files.TryGetValue(path, out var state))
                diagnostics.AddRange(state.Diagnostics);
        }

        var upserted = ImmutableArray.CreateBuilder<KubernetesObject>();
        var deleted = ImmutableArray.CreateBuilder<ObjectKey>();
        foreach (var key in touched.Order())
        {
            _index.Settle(key, upserted, deleted);
            foreach (var copy in _index.TakeOutdated(key))
                _files[copy.Path].Copies.Remove(copy);
            diagnostics.AddRange(_index.Warnings(key));
        }

        var (refused, noLongerRefused) = _refusals.Settle(touched, ReasonToKeep);
        return new(upserted.DrainToImmutable(), deleted.DrainToImmutable(), diagnostics.DrainToImmutable())
        {
            Refused = refused,
            NoLongerRefused = noLongerRefused,
        };
    }

    /// <summary>Why an object is as it was, although its file has changed.</summary>
    private string? ReasonToKeep(ObjectKey key) => _index.KeptFrom(key) is { } path ? _files[path].FirstError?.ToString() : null;

    private void Replace(ManifestFile changed, HashSet<ObjectKey> touched)
    {
        _files.Remove(changed.Path, out var before);
        if (before is not null)
        {
            foreach (var copy in before.Copies)
            {
                _index.Remove(copy);
                touched.Add(copy.Object.Key);
            }

            _refusals.Remove(changed.Path, before.Refused, touched);
        }

        if (changed.Content is not { } content)
            return;
        var file = FileState.Of(changed.Path, ManifestReader.Read(content, changed.Path), before);
        _files.Add(changed.Path, file);
        foreach (var copy in file.Copies)
        {
            _index.Add(copy);
            touched.Add(copy.Object.Key);
        }

        _refusals.Add(changed.Path, file.Refused, touched);
    }
}
