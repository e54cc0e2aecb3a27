using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>What is wrong with the batches of one source, each by itself and after those before it.</summary>
internal sealed class BatchOrder
{
    private long _revision;

    /// <summary>What keeps a batch from being taken in; <see langword="null"/> if nothing does.</summary>
    public string? FlawOf(ObjectBatch? batch)
    {
        if (batch is null)
            return "null must be a batch";
        if (batch.FindFlaw() is { } flaw)
            return flaw;
        if (batch.Revision == 0) // it gives none
            return null;
        if (batch.Revision < _revision) // who waits for the later one would be told of it before it is there
            return $"Revision {batch.Revision} must not be less than {_revision}, which it told before";
        _revision = batch.Revision;
        return null;
    }
}
