namespace Datapath.Linux.Services;

/// <summary>Names who dials.</summary>
internal interface IClientNames
{
    /// <summary>The name of a client, by its network namespace and its cgroup; <see langword="null"/> if it has none.</summary>
    string? NameOf(ulong netnsCookie, ulong cgroupId);
}
