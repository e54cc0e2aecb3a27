namespace Datapath.Policy.Tables;

/// <summary>A slot of a <see cref="MapFrontendRow"/>.</summary>
/// <param name="Address">The backend.</param>
/// <param name="State">Its state, as in <see cref="MapTables.Backends"/>.</param>
/// <param name="Quarantined">Whether it takes no new connections because a health check failed.</param>
public sealed record MapSlotRow(string Address, string State, bool Quarantined);
