using System.Collections.Immutable;

namespace Datapath.Policy.Tables;

/// <summary>A row of <see cref="MapTables.Wildcards"/>: stands for all ports of an address that no frontend has.</summary>
/// <param name="Type">The type of the first frontend of the address.</param>
/// <param name="Flags">The flags by name: always <c>nonRoutable</c>.</param>
/// <param name="FlagsValue">The flags as a number: those of the type.</param>
public sealed record MapWildcardRow(string Type, ImmutableArray<string> Flags, int FlagsValue);
