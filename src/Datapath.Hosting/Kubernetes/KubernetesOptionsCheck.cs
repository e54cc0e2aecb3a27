namespace Datapath.Hosting;

/// <summary>Checks the options of the cluster that is followed.</summary>
internal static class KubernetesOptionsCheck
{
    private const int LargestPage = 10_000;
    private static readonly TimeSpan s_latest = TimeSpan.FromDays(1);

    /// <summary>What is wrong with the options by themselves.</summary>
    public static IEnumerable<string> Check(KubernetesOptions options)
    {
        if (options.KubeConfig is { } path && OptionWords.OfPath("kubernetes:kubeconfig", path) is { } ofPath)
            yield return ofPath;
        if (options is { Context: not null, KubeConfig: null })
            yield return $"kubernetes:context: '{options.Context}' must not be set without kubernetes:kubeconfig, which has the contexts";
        if (options.Server is { } server && !ServerAddress.TryParse(server, out _))
            yield return $"kubernetes:server: '{server}' {ServerAddress.Rule}";
        if (OptionWords.OfChoice("kubernetes:statusWrites", options.StatusWrites) is { } ofWrites)
            yield return ofWrites;
        if (options.PageSize is < 1 or > LargestPage)
            yield return $"kubernetes:pageSize: {options.PageSize} must be 1 to {LargestPage}";
        if (options.StaleAfter < TimeSpan.FromSeconds(1) || options.StaleAfter > s_latest)
            yield return $"kubernetes:staleAfter: {options.StaleAfter.TotalSeconds} must be 1 to {s_latest.TotalSeconds} (seconds)";
    }

    /// <summary>What is wrong with the files that the options lead to, on this machine.</summary>
    public static IEnumerable<string> CheckMachine(KubernetesOptions options)
    {
        if (!options.Enabled || Check(options).Any())
            return [];
        var errors = new List<string>();
        _ = ClusterAccessReader.Read(options, TimeProvider.System, errors);
        return errors;
    }
}
