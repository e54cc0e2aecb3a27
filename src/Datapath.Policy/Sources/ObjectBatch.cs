using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>
/// A step in a stream of objects. The deletions come first, then the upserts in their order: an object that is in both lists exists
/// afterwards, and of two upserts of one object the later counts.
/// </summary>
/// <param name="Upserted">Objects that are new or changed, whole.</param>
/// <param name="Deleted">Objects that are gone. Deleting an unknown object does nothing.</param>
/// <param name="Diagnostics">What there is to say about the inputs that led to this step.</param>
public sealed record ObjectBatch(
    ImmutableArray<KubernetesObject> Upserted, ImmutableArray<ObjectKey> Deleted, ImmutableArray<Diagnostic> Diagnostics)
{
    /// <summary>A step that changes nothing.</summary>
    public static ObjectBatch Empty { get; } = new([], [], []);

    /// <summary>
    /// Whether some input could not be taken in, so that objects may be missing which the source would tell: a document with a mistake, a
    /// file that cannot be read. While that is so, what an earlier process left in the engine is not taken for gone. Default:
    /// <see langword="false"/>.
    /// </summary>
    public bool IsPartial { get; init; }

    /// <summary>
    /// Objects that are refused from now on, or for another reason than before. What the source told of such an object earlier stays in
    /// force until it is deleted. A refusal lasts until <see cref="NoLongerRefused"/> ends it: upserts and deletions do not.
    /// </summary>
    public ImmutableArray<RefusedObject> Refused { get; init; } = [];

    /// <summary>Objects whose refusal is over, because they are good or gone. These come before <see cref="Refused"/>.</summary>
    public ImmutableArray<ObjectKey> NoLongerRefused { get; init; } = [];

    /// <summary>
    /// The source's own number of what it says with this step: who waits for it (<c>DatapathMonitor.WaitForRevisionAsync</c>) is told when all that came with it is in the engine. It goes up with each change. The number
    /// of the step before is good where the source says what it said, as in a whole list after a lost connection, or nothing new of objects; of a change that comes with it nobody is told. One that goes back ends
    /// the datapath. Default: 0, it gives none.
    /// </summary>
    public long Revision { get; init; }

    /// <summary>Whether no object changes, and none is newly refused or no longer refused; there may still be diagnostics.</summary>
    public bool IsEmpty => Upserted.IsEmpty && Deleted.IsEmpty && Refused.IsEmpty && NoLongerRefused.IsEmpty;

    /// <summary>Looks for what is <see langword="null"/> in it and must not be: a list, or an object, key or reason in one. Such a step is taken in by nobody; all else that may be wrong with an object is for its status to say.</summary>
    /// <returns>The first in words, with its place: <c>Upserted[1].Metadata must not be null</c>; <see langword="null"/> if nothing is missing.</returns>
    public string? FindFlaw() => BatchFlaw.Of(this);

    /// <summary>A step that adds or replaces objects.</summary>
    /// <param name="objects">The objects.</param>
    public static ObjectBatch Upsert(params ReadOnlySpan<KubernetesObject> objects) => new([.. objects], [], []);

    /// <summary>A step that deletes objects.</summary>
    /// <param name="keys">Their keys.</param>
    public static ObjectBatch Delete(params ReadOnlySpan<ObjectKey> keys) => new([], [.. keys], []);

    /// <summary>One line with all keys: <c>+Service default/web -Pod default/old; refused Service default/bad: ...</c>.</summary>
    public override string ToString()
    {
        var objects = string.Join(' ', [.. Upserted.Select(static item => $"+{item.Key}"), .. Deleted.Select(static key => $"-{key}")]);
        return string.Join(
            "; ",
            [objects.Length == 0 ? "no change" : objects, .. Refused.Select(static refused => $"refused {refused.Object}: {refused.Reason}"), .. Diagnostics.Select(static diagnostic => diagnostic.ToString())]);
    }
}
