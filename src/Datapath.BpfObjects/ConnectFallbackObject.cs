namespace Datapath.BpfObjects;

/// <summary>The object that notes which backends do not take connections (<c>connect_fallback.bpf.c</c>): its bytes and the names in it.</summary>
public static class ConnectFallbackObject
{
    /// <summary>The maps that it shares with the object of socket load balancing, in which they are made. It has no others.</summary>
    public static IReadOnlyList<string> SharedMaps { get; } = ["dp_places4", "dp_places6", "dp_peer4", "dp_peer6", SocketLbObject.Failed];

    /// <summary>The program of sockets' events.</summary>
    public const string Watch = "dp_watch_connect";

    /// <summary>The object file.</summary>
    public static byte[] Read() => ObjectFile.Read("connect_fallback.bpf.o");
}
