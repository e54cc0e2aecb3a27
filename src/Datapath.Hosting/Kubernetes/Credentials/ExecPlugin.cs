namespace Datapath.Hosting;

/// <summary>A program that has credentials.</summary>
/// <param name="Version">The version of the protocol.</param>
/// <param name="Command">The program: a name on the PATH, or an absolute path.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Variables">Variables that its environment has beside those of this process.</param>
/// <param name="Cluster">What it is told of the cluster; <see langword="null"/>: nothing.</param>
internal sealed record ExecPlugin(
    string Version, string Command, IReadOnlyList<string> Arguments, IReadOnlyList<KeyValuePair<string, string>> Variables, ExecCluster? Cluster);
