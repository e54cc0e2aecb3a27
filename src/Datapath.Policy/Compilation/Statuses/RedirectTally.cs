namespace Datapath.Policy;

/// <summary>What becomes of the frontends that a policy means, and what stands in its way.</summary>
internal sealed class RedirectTally
{
    private readonly RedirectEntry _entry;
    private int _wanted;

    private RedirectTally(RedirectEntry entry) => _entry = entry;

    /// <summary>How many it redirects to pods.</summary>
    public int Redirected { get; private set; }

    /// <summary>How many it refuses, since it has no backend for them.</summary>
    public int Refused { get; private set; }

    /// <summary>How many it leaves alone, since it has no backend for them.</summary>
    public int LeftAlone { get; private set; }

    /// <summary>What it lacks for those that it refuses or leaves alone.</summary>
    public BackendLack Lack { get; private set; }

    /// <summary>The first thing that has a frontend before it.</summary>
    public string? Obstacle { get; private set; }

    /// <summary>Services of which there is nothing to redirect, with the reason.</summary>
    public List<string> Missing { get; } = [];

    public static RedirectTally Of(RedirectEntry entry, CompilerInputs inputs)
    {
        var tally = new RedirectTally(entry);
        foreach (var name in entry.Plan!.Services)
            tally.CountService(inputs.Services[name]);
        foreach (var target in entry.Targets)
            tally.CountTarget(target);
        return tally;
    }

    /// <summary>Whether it makes no difference to a policy which of the two a service is.</summary>
    public static bool IsSame(DesiredService? left, DesiredService? right)
    {
        if (ReferenceEquals(left, right))
            return true;
        if (left is null || right is null || left.Frontends.Length != right.Frontends.Length)
            return false;
        for (var i = 0; i < left.Frontends.Length; i++)
        {
            if (!IsSame(left.Frontends[i], right.Frontends[i]))
                return false;
        }

        return true;
    }

    private static bool IsSame(Frontend left, Frontend right) =>
        left.Address == right.Address && left.Type == right.Type && left.PortName == right.PortName
        && left.Redirects.AsSpan().SequenceEqual(right.Redirects.AsSpan());

    private void CountService(ServiceEntry service)
    {
        var before = _wanted;
        foreach (var frontend in service.Compiled?.Frontends ?? [])
        {
            if (frontend.Type is not FrontendType.ClusterIP)
                continue;
            var backends = _entry.Plan!.Select(_entry.Selection, service.Name, frontend.Address, frontend.PortName);
            if (!backends.IsDefault)
                Count(TargetKey.Of(frontend.Address), backends.IsEmpty, frontend.Redirects.AsSpan());
        }

        if (_wanted == before)
            Missing.Add(RedirectObstacles.MissingOf(service));
    }

    private void CountTarget(RedirectTarget target)
    {
        if (target.BlockedBy is { } holder)
        {
            _wanted++;
            Obstacle ??= RedirectObstacles.HeldBy(holder, target.Key.First, _entry.Policy!);
            return;
        }

        var plan = target.Claims.Find(claim => ReferenceEquals(claim.Policy, _entry)).Plan;
        Count(target.Key, _entry.Plan!.Select(_entry.Selection, plan).IsEmpty, target.Redirects.AsSpan());
    }

    /// <summary>Finds the policy among the redirects of a frontend or, if it should be there and is not, the one that stands before it.</summary>
    private void Count(TargetKey key, bool isEmpty, ReadOnlySpan<Redirect> redirects)
    {
        _wanted++;
        foreach (var redirect in redirects)
        {
            if (redirect.Policy != _entry.Name)
                continue;
            if (redirect.Backends.IsEmpty)
                Refused++;
            else
                Redirected++;
            Lack |= isEmpty ? BackendLacks.Of(_entry, key.First) : BackendLack.Nothing;
            return;
        }

        if (isEmpty && !_entry.Plan!.Drops)
        {
            LeftAlone++;
            Lack |= BackendLacks.Of(_entry, key.First);
        }
        else if (redirects is [.., var last])
        {
            Obstacle ??= RedirectObstacles.Precedes(last, key);
        }
    }
}
