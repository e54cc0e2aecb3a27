namespace Datapath.Hosting;

/// <summary>How an event of a watch stands to what was told before.</summary>
internal enum EventOrder
{
    /// <summary>It is newer than everything.</summary>
    News,

    /// <summary>It tells what is known.</summary>
    ToldBefore,

    /// <summary>It comes after one that is newer.</summary>
    Late,
}

/// <summary>Orders events by their versions.</summary>
internal static class EventOrders
{
    /// <param name="next">The event.</param>
    /// <param name="known">What is known of its object; <see langword="null"/>: there is none.</param>
    /// <param name="version">The version up to which everything was told.</param>
    public static EventOrder Of(WatchEvent next, ObjectHeader? known, string version)
    {
        var isBookmark = next.Type is WatchEventType.Bookmark;
        if (!isBookmark && known is { } before && ObjectHeader.Compare(next.Header.ResourceVersion, before.ResourceVersion) is <= 0)
            return EventOrder.ToldBefore;
        if (ObjectHeader.Compare(next.Header.ResourceVersion, version) is not <= 0)
            return EventOrder.News;
        return isBookmark || (next.Type is WatchEventType.Deleted && known is null) ? EventOrder.ToldBefore : EventOrder.Late;
    }
}
