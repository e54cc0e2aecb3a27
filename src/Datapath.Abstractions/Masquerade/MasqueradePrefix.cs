using System.Net;

namespace Datapath;

/// <summary>A prefix and the class of the addresses in it, unless a longer prefix contains them.</summary>
/// <param name="Prefix">The addresses.</param>
/// <param name="Class">The number of the class: a source class or a destination class, after where it stands.</param>
public readonly record struct MasqueradePrefix(IPNetwork Prefix, byte Class)
{
    /// <summary>For example <c>10.0.0.0/8 = 2</c>.</summary>
    public override string ToString() => $"{Prefix} = {Class}";
}
