using System.Collections.Immutable;

namespace Datapath.Policy.Tables;

/// <summary>A row of <see cref="PolicyTables.SkipLb"/>: a pod whose own dials are not redirected, or whose cookie is known.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="SkipRedirects">The addresses at which its dials are left alone.</param>
/// <param name="NetnsCookie">The cookie of its network namespace; <see langword="null"/> if it is not known.</param>
/// <param name="Status">How far it is written: <c>Done</c>, or empty while the cookie is not known.</param>
public sealed record SkipRow(string Pod, ImmutableArray<string> SkipRedirects, ulong? NetnsCookie, string Status);
