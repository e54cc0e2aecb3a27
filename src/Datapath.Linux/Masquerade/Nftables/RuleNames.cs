using System.Globalization;

namespace Datapath.Linux.Masquerade;

/// <summary>
/// The names of what makes up the rules of one <see cref="NftablesMasquerade.Apply"/>. They carry its number: those to come are made beside those in force.
/// </summary>
/// <param name="Generation">The number.</param>
internal readonly record struct RuleNames(int Generation)
{
    /// <summary>The chain that packets enter; it stays through all changes.</summary>
    public const string Entry = "postrouting";

    /// <summary>A chain to which nothing leads. It has the kernel track connections while no rule translates, for those that are translated already.</summary>
    public const string Tracking = "tracking";

    /// <summary>A chain before the others, while another engine takes the place: it drops packets by which flows begin.</summary>
    public const string Hold = "hold";

    private const char Separator = '_';

    public string Devices => Named("devices");

    public string Interfaces => Named("interfaces");

    public string Family(string family) => Named(family);

    public string Sources(string family) => Named($"sources_{family}");

    public string Row(int row) => Named($"row_{row}");

    public string Destinations(string family, int row) => Named($"destinations_{family}_{row}");

    public string Addresses(string family, byte choice) => Named($"addresses_{family}_{choice}");

    public string Verdict(MasqueradeVerdict verdict) => Named(verdict.Action is MasqueradeAction.Translate
        ? $"translate_{verdict.Reason}_{verdict.AddressChoice}"
        : $"{(verdict.Action is MasqueradeAction.Keep ? "keep" : "track")}_{verdict.Reason}");

    /// <summary>The number in a name; <see langword="null"/> if it is none of these.</summary>
    public static int? GenerationOf(string name) =>
        name.LastIndexOf(Separator) is >= 0 and var at && int.TryParse(name.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var generation)
            ? generation
            : null;

    private string Named(string name) => $"{name}{Separator}{Generation.ToString(CultureInfo.InvariantCulture)}";
}
