namespace Datapath.Hosting;

/// <summary>Finds out how to reach the cluster that the options mean.</summary>
internal static class ClusterAccessReader
{
    /// <param name="options">The options, which are valid by themselves.</param>
    /// <param name="time">The clock that the age of credentials is told by.</param>
    /// <param name="errors">Takes everything that is wrong with the files that they lead to.</param>
    /// <returns><see langword="null"/> if something is wrong.</returns>
    public static ClusterAccess? Read(KubernetesOptions options, TimeProvider time, List<string> errors)
    {
        var access = options.KubeConfig is { } path
            ? KubeConfigReader.Read(path, options, time, errors)
            : ServiceAccountReader.Read(options, time, errors);
        if (access is not null && options.Server is { } server && ServerAddress.TryParse(server, out var address))
            access = access with { Server = address };
        return errors.Count == 0 ? access : null;
    }
}
