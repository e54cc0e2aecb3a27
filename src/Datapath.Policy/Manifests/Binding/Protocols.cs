namespace Datapath.Policy;

/// <summary>Binds <c>protocol</c>, which is the same everywhere.</summary>
internal static class Protocols
{
    public static L4Protocol Bind(FieldReader fields) =>
        fields.OneOf("protocol", ("TCP", L4Protocol.Tcp), ("UDP", L4Protocol.Udp), ("SCTP", L4Protocol.Sctp)) ?? L4Protocol.Tcp;

    /// <summary>Binds the protocol of a redirected port.</summary>
    public static L4Protocol BindRedirected(FieldReader fields) =>
        fields.OneOf("protocol", ("TCP", L4Protocol.Tcp), ("UDP", L4Protocol.Udp)) ?? L4Protocol.Tcp;
}
