namespace Datapath.NodeLocalDns;

/// <summary>Asks the service, from the client's pod.</summary>
internal interface IResolver
{
    /// <summary>Asks once.</summary>
    /// <param name="transport">How.</param>
    /// <param name="name">For what.</param>
    /// <param name="type">For which type of record.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <returns>The first record; <see langword="null"/> if there is none.</returns>
    Task<string?> AskAsync(Transport transport, string name, ushort type, CancellationToken stop);
}
