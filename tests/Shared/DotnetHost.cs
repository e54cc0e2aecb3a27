using System.Diagnostics;
using System.Runtime.InteropServices;

/// <summary>The <c>dotnet</c> that runs this process, whatever PATH finds: programs that tests start get the same runtime.</summary>
internal static class DotnetHost
{
    /// <summary>The path of the executable, from that of the runtime: <c>ROOT/shared/Microsoft.NETCore.App/VERSION/</c>.</summary>
    public static string Executable { get; } = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet"));

    /// <summary>How to start a program whose output and errors are read.</summary>
    /// <param name="assembly">The path of the program's assembly.</param>
    /// <param name="arguments">Its arguments.</param>
    public static ProcessStartInfo Prepare(string assembly, params IEnumerable<string> arguments) =>
        new(Executable, [assembly, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };

    /// <summary>
    /// Has a program take SIGINT, also if this process was started in the background of a script: then SIGINT is ignored, and programs that it starts go on to
    /// ignore it.
    /// </summary>
    /// <param name="start">How to start the program.</param>
    public static ProcessStartInfo Interruptible(ProcessStartInfo start)
    {
        start.ArgumentList.Insert(0, start.FileName);
        start.ArgumentList.Insert(0, "--default-signal=INT");
        start.FileName = "/usr/bin/env";
        return start;
    }
}
