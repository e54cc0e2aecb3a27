namespace Datapath.Policy;

/// <summary>What becomes of dials to the frontends of a service.</summary>
internal struct FrontendTally
{
    /// <summary>How many have neither a usable backend nor a policy that matters.</summary>
    public int WithoutBackends { get; private set; }

    /// <summary>How many are redirected, for some clients or all.</summary>
    public int Redirected { get; private set; }

    /// <summary>Those at which policies refuse everybody; <see langword="null"/> if there is none.</summary>
    public RefusedFrontends? Refused { get; private set; }

    /// <summary>Those at which policies refuse some clients; <see langword="null"/> if there is none.</summary>
    public RefusedFrontends? RefusedToSome { get; private set; }

    public static FrontendTally Of(DesiredService service)
    {
        var tally = default(FrontendTally);
        foreach (var frontend in service.Frontends)
            tally.Count(frontend);
        return tally;
    }

    private void Count(Frontend frontend)
    {
        var isRedirected = false;
        Redirect? refusing = null;
        foreach (var redirect in frontend.Redirects)
        {
            isRedirected |= !redirect.Backends.IsEmpty;
            if (redirect.Backends.IsEmpty)
                refusing = redirect;
        }

        Redirected += isRedirected ? 1 : 0;
        var isForNobody = refusing is { Clients.IsEverybody: true } && !isRedirected;
        if (refusing is not null)
            (isForNobody ? Refused ??= new() : RefusedToSome ??= new()).Add(refusing);
        WithoutBackends += frontend.UsableCount == 0 && !isRedirected && !isForNobody ? 1 : 0;
    }
}
