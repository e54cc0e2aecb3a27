namespace Datapath.Policy;

/// <summary>A port of a redirect policy: of a frontend or, as far as backends go, of pods.</summary>
public sealed record RedirectPort
{
    /// <summary>The name, kept in lower case. Default: empty, which is allowed where nothing has to be told apart.</summary>
    public string Name { get; init => field = value.ToLowerInvariant(); } = "";

    /// <summary>The port number, 1 to 65535.</summary>
    public required int Port { get; init; }

    /// <summary>The protocol, TCP or UDP. Default: TCP; the Cilium kind always writes it out.</summary>
    public L4Protocol Protocol { get; init; } = L4Protocol.Tcp;
}
