using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Datapath.SampleCluster;

/// <summary>A watch that is open.</summary>
internal sealed class WatchSession(ApiResource resource, ApiSelectors selectors, bool takesBookmarks)
{
    private readonly Channel<byte[]?> _output = Channel.CreateUnbounded<byte[]?>();
    private readonly List<string> _held = [];
    private bool _isHeld;

    public ApiResource Resource { get; } = resource;

    public bool TakesBookmarks { get; } = takesBookmarks;

    public ApiSelectors Selectors { get; } = selectors;

    /// <summary>What goes out, in order; <see langword="null"/>: the connection breaks here.</summary>
    public ChannelReader<byte[]?> Output => _output.Reader;

    /// <summary>Tells a change, as it is for who sees only what the selectors match.</summary>
    public void Tell(JsonObject? old, JsonObject? item, long version)
    {
        var (was, isNow) = (old is not null && Selectors.Match(old), item is not null && Selectors.Match(item));
        if (!was && !isNow)
            return;
        var told = (isNow ? item! : old!).DeepClone().AsObject();
        told["metadata"]!["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture);
        Send(Frame(isNow ? was ? "MODIFIED" : "ADDED" : "DELETED", told));
    }

    public void Bookmark(long version) => Send(Frame("BOOKMARK", new JsonObject
    {
        ["kind"] = Resource.Kind,
        ["apiVersion"] = Resource.ApiVersion,
        ["metadata"] = new JsonObject { ["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture), ["creationTimestamp"] = null },
    }));

    /// <summary>Keeps back what is to be told from now on.</summary>
    public void Hold() => _isHeld = true;

    /// <summary>What was kept back. Nothing is any more.</summary>
    public string[] Release()
    {
        _isHeld = false;
        return [.. _held];
    }

    /// <summary>Sends an event, or whatever else.</summary>
    public void Send(string text)
    {
        if (_isHeld)
            _held.Add(text);
        else
            _ = _output.Writer.TryWrite(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Breaks the connection.</summary>
    public void Cut() => _ = _output.Writer.TryWrite(null);

    /// <summary>Ends the watch in good order.</summary>
    public void End() => _ = _output.Writer.TryComplete();

    private static string Frame(string type, JsonObject item) => new JsonObject { ["type"] = type, ["object"] = item }.ToJsonString() + "\n";
}
