namespace Datapath.Linux.Services;

/// <summary>The name of a cgroup, as a cgroup namespace has it: <c>/../../a/b</c> is two above its root, and from there down again.</summary>
/// <param name="Ups">How far up.</param>
/// <param name="Rest">How to go down from there, <c>/a/b</c>; empty for not at all.</param>
internal readonly record struct CgroupName(int Ups, string Rest)
{
    private const string Up = "/..";

    public static CgroupName Parse(string name)
    {
        var ups = 0;
        while (name.StartsWith(Up, StringComparison.Ordinal) && (name.Length == Up.Length || name[Up.Length] == '/'))
            (ups, name) = (ups + 1, name[Up.Length..]);
        return new(ups, name.TrimEnd('/'));
    }

    /// <summary>Whether it is another cgroup or lies below it; <see langword="null"/> if the names do not tell.</summary>
    public bool? IsAtOrBelow(CgroupName other)
    {
        if (Ups == other.Ups)
            return other.Rest.Length == 0 || Rest == other.Rest || Rest.StartsWith(other.Rest + '/', StringComparison.Ordinal);
        if (Ups > other.Ups)
            return false;

        // Below what is above the namespace's root; nobody tells the names on the way.
        return other.Rest.Length == 0 ? true : null;
    }

    /// <summary>How to get here from a cgroup above, as a path; <see langword="null"/> if the names do not tell.</summary>
    public string? PathFrom(CgroupName above) => Ups == above.Ups && IsAtOrBelow(above) is true ? Rest[above.Rest.Length..] : null;
}
