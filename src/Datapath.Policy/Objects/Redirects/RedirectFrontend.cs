namespace Datapath.Policy;

/// <summary>What a <see cref="CiliumLocalRedirectPolicy"/> redirects: exactly one of the two is given.</summary>
public sealed record RedirectFrontend
{
    /// <summary>An address.</summary>
    public RedirectAddressMatcher? AddressMatcher { get; init; }

    /// <summary>A service.</summary>
    public RedirectServiceMatcher? ServiceMatcher { get; init; }
}
