namespace Datapath.Hosting;

/// <summary>Takes what a server tells of the objects of a kind, from one who follows them.</summary>
internal interface IReflectedObjects
{
    /// <summary>How many objects there are.</summary>
    int Count { get; }

    /// <summary>Takes a complete list, after which all else is gone.</summary>
    void Replace(IReadOnlyList<ListPage> pages);

    /// <summary>All objects were told.</summary>
    void Complete();

    /// <summary>Takes an event.</summary>
    /// <returns>Whether it came in order. If not, only a new list tells how things stand.</returns>
    bool Take(WatchEvent next);

    /// <summary>Forgets everything, because the kind is gone.</summary>
    void Clear();

    /// <summary>The server does not have the kind.</summary>
    void BeAbsent();
}
