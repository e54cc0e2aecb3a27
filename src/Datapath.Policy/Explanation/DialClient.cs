namespace Datapath.Policy;

/// <summary>Who dials: a pod, or a process of the host itself.</summary>
public readonly record struct DialClient
{
    private DialClient(PodName? pod) => Pod = pod;

    /// <summary>A process of the host, in its own network namespace.</summary>
    public static DialClient Host { get; }

    /// <summary>The pod; <see langword="null"/> for a process of the host.</summary>
    public PodName? Pod { get; }

    /// <summary>A process in a pod.</summary>
    /// <param name="name">The pod.</param>
    public static DialClient OfPod(PodName name) => new(name);

    /// <summary>Reads <c>namespace/pod</c> or <c>host</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="client">Who it means.</param>
    /// <returns>Whether the text is of this form.</returns>
    public static bool TryParse(string text, out DialClient client)
    {
        client = Host;
        if (text == "host")
            return true;
        if (text?.Split('/') is not [{ Length: > 0 } space, { Length: > 0 } name])
            return false;
        client = OfPod(new(space, name));
        return true;
    }

    /// <summary><c>namespace/pod</c> or <c>host</c>.</summary>
    public override string ToString() => Pod?.ToString() ?? "host";
}
