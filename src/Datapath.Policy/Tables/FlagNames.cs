using System.Collections.Immutable;

namespace Datapath.Policy.Tables;

/// <summary>The names of flags in tables. Flags that stand for a type have none: the type is a column of its own.</summary>
internal static class FlagNames
{
    private static readonly (FrontendFlags Flag, bool IsSet, string Name)[] s_names =
    [
        (FrontendFlags.ExternalLocal, true, "extLocal"),
        (FrontendFlags.SessionAffinity, true, "sessionAffinity"),
        (FrontendFlags.Routable, false, "nonRoutable"),
        (FrontendFlags.CheckSourceRange, true, "checkSourceRange"),
        (FrontendFlags.LoopbackOrDelegate, true, "delegateIfLocal"),
        (FrontendFlags.InternalLocal, true, "intLocal"),
        (FrontendFlags.TwoScopes, true, "twoScopes"),
        (FrontendFlags.SourceRangeDeny, true, "sourceRangeDeny"),
        (FrontendFlags.DirectServerReturn, true, "dsr"),
    ];

    public static ImmutableArray<string> Of(FrontendFlags flags) =>
        [.. s_names.Where(item => flags.HasFlag(item.Flag) == item.IsSet).Select(item => NameOf(item.Flag, item.Name, flags))];

    /// <summary>One bit means two things, and the bit of host ports tells which.</summary>
    private static string NameOf(FrontendFlags flag, string name, FrontendFlags flags) =>
        flag is FrontendFlags.LoopbackOrDelegate && flags.HasFlag(FrontendFlags.HostPort) ? "loopback" : name;
}
