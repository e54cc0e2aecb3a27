using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Datapath.Policy.Tables;

/// <summary>A row of <see cref="MapTables.Frontends"/>.</summary>
/// <param name="Type">Why it exists; <c>LocalRedirect</c> for everything that is redirected.</param>
/// <param name="Flags">The flags by name, without those that stand for a type.</param>
/// <param name="FlagsValue">The flags as a number, see <see cref="FrontendFlags"/>.</param>
/// <param name="LbAlgorithm">How the service asks for backends to be chosen: <c>random</c>, <c>maglev</c>, or <c>undef</c> if it does not.</param>
/// <param name="AffinityTimeoutSeconds">How long a client keeps its backend, 0 if it does not.</param>
/// <param name="ActiveCount">How many backends take new connections; they are the first.</param>
/// <param name="InactiveCount">How many backends only keep the connections that they have.</param>
/// <param name="Backends">The backends in the order of their slots. Those in maintenance have none.</param>
/// <param name="ReverseNat">The address that replies come from.</param>
public sealed record MapFrontendRow(
    string Type,
    ImmutableArray<string> Flags,
    int FlagsValue,
    string LbAlgorithm,
    int AffinityTimeoutSeconds,
    int ActiveCount,
    int InactiveCount,
    ImmutableArray<MapSlotRow> Backends,
    string ReverseNat)
{
    /// <summary>The backends that clients may be kept at; <see langword="null"/> (and not written) if there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<string>? AffinityMatch { get; init; }

    /// <summary>The source ranges; <see langword="null"/> (and not written) if there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<string>? SourceRanges { get; init; }

    /// <summary>
    /// How many cells of the Maglev table each active backend has; <see langword="null"/> without such a table. The shares are those of
    /// the weights, with the exact total; which cells they are, and with it one more or less, is for the engine to say.
    /// </summary>
    public IReadOnlyDictionary<string, int>? Maglev { get; init; }
}
