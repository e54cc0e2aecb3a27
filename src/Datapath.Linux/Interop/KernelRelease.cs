namespace Datapath.Linux;

/// <summary>The version of the running kernel. For messages, and for what no call can find out; features are probed.</summary>
internal static class KernelRelease
{
    public static Version Current => KernelDouble.Current?.Release ?? Environment.OSVersion.Version;
}
