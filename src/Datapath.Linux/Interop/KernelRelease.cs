using System.Globalization;
using System.Text.RegularExpressions;

namespace Datapath.Linux;

/// <summary>Which kernel this is.</summary>
/// <param name="Text">What <c>uname -r</c> says.</param>
/// <param name="Version">The version of the sources: 6.1.76, though Debian calls it <c>6.1.0-18-amd64</c>.</param>
internal sealed partial record KernelRelease(string Text, Version Version)
{
    /// <summary>The running one.</summary>
    /// <exception cref="LinuxException">procfs is not mounted.</exception>
    public static KernelRelease Running => KernelDouble.Current is { } played ? new(played.Release.ToString(), played.Release) : Of(
        KernelFile.Read("/proc/sys/kernel/osrelease").Trim(),
        KernelFile.Read("/proc/version"),
        KernelFile.TryRead("/proc/version_signature", out var signature) is Errno.None ? signature : ""); // Ubuntu

    /// <summary>The version as <c>KERNEL_VERSION(a, b, c)</c> writes it.</summary>
    public uint Code => ((uint)Version.Major << 16) | ((uint)Version.Minor << 8) | (uint)Math.Min(Version.Build, 255);

    /// <param name="release">What <c>uname -r</c> says.</param>
    /// <param name="banner">What <c>/proc/version</c> says.</param>
    /// <param name="signature">What <c>/proc/version_signature</c> says, if it exists.</param>
    public static KernelRelease Of(string release, string banner, string signature)
    {
        var match = Ubuntu().Match(signature);
        if (!match.Success)
            match = Debian().Match(banner);
        if (!match.Success)
            match = Plain().Match(release);
        return new(release, match.Success ? new(Number(match, "a"), Number(match, "b"), Number(match, "c")) : new(0, 0, 0));
    }

    private static int Number(Match match, string group) =>
        int.TryParse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture, out var number) ? number : 0;

    [GeneratedRegex(@"(?<a>\d+)\.(?<b>\d+)\.(?<c>\d+)\s*$")]
    private static partial Regex Ubuntu();

    // The last one: before it the banner names the compiler, "gcc-12 (Debian 12.2.0-14)".
    [GeneratedRegex(@"Debian (?<a>\d+)\.(?<b>\d+)\.(?<c>\d+)", RegexOptions.RightToLeft)]
    private static partial Regex Debian();

    [GeneratedRegex(@"^(?<a>\d+)\.(?<b>\d+)(\.(?<c>\d+))?")]
    private static partial Regex Plain();
}
