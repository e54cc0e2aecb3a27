namespace Datapath.Kernel.Tests.Lab;

/// <summary>The kernel that runs the tests.</summary>
internal static class RunningKernel
{
    /// <summary>Its version as far as features follow it, for example 6.1.</summary>
    public static Version Version { get; } = Parse(File.ReadAllText("/proc/sys/kernel/osrelease"));

    public static bool IsAtLeast(string version) => Version >= Version.Parse(version);

    // "6.1.0-56-amd64" or "6.18-rc1"
    private static Version Parse(string release)
    {
        var numbers = release.Split('.', '-');
        return Version.Parse($"{numbers[0]}.{numbers[1]}");
    }
}
