namespace Datapath.Linux.Netlink;

/// <summary>The kind of a queueing discipline and how it works.</summary>
/// <remarks>Minimum kernel: none; each kind says its own.</remarks>
public abstract record QueueOptions
{
    private protected QueueOptions()
    {
    }

    /// <summary>The kernel's name of the kind, for example <c>tbf</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>Appends what the kind needs, inside of TCA_OPTIONS.</summary>
    internal virtual void Write(ref NetlinkWriter request)
    {
    }
}

/// <summary>Queues nothing: a place for filters on the way in and out (tc(8) "clsact"). Minimum kernel: 4.5.</summary>
public sealed record ClsactOptions : QueueOptions
{
    /// <inheritdoc/>
    public override string Kind => "clsact";
}

/// <summary>A kind that this library does not know; added with the kernel's defaults.</summary>
/// <param name="Name">The kernel's name of the kind, for example <c>pfifo_fast</c>.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record OtherQueueOptions(string Name) : QueueOptions
{
    /// <inheritdoc/>
    public override string Kind => Name;
}
