namespace Datapath;

/// <summary>A watch of an engine that is never told anything.</summary>
internal sealed class NothingToWatch : IDisposable
{
    public static NothingToWatch Instance { get; } = new();

    public void Dispose()
    {
        // there is nothing
    }
}
