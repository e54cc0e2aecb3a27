using Datapath.Agent.Status;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Microsoft.Extensions.Options;

namespace Datapath.Agent.Commands;

/// <summary>Failures that a person can do something about, in words and without a stack trace. Anything else is a defect and shows its trace.</summary>
internal static class Failures
{
    public static async Task<int> ToExitCodeAsync(Func<Task<int>> action)
    {
        try
        {
            return await action().ConfigureAwait(false);
        }
        catch (ConfigurationException e)
        {
            return Say(e.Message, ExitCode.Usage);
        }
        catch (OptionsValidationException e)
        {
            return Say(string.Join(Environment.NewLine, e.Failures), ExitCode.Usage);
        }
        catch (VerifierException e)
        {
            foreach (var line in e.Log)
                await Console.Error.WriteLineAsync(line).ConfigureAwait(false);
            return Say(e.Message + (e.MissingCapabilities is LinuxCapabilities.None ? "" : Privileges.Hint(e)), ExitCode.Failed);
        }
        catch (LinuxException e) when (e.Errno is Errno.EPERM or Errno.EACCES)
        {
            return Say(e.Message + Privileges.Hint(e), ExitCode.Failed);
        }
        catch (Exception e) when (e is AgentException or DatapathInUseException or DialMonitorInUseException or MasqueradeMonitorInUseException or IncompatibleMapException or IncompatibleStateException or FeatureNotSupportedException
            or IOException or UnauthorizedAccessException)
        {
            return Say(e.Message, ExitCode.Failed);
        }
    }

    private static int Say(string message, int code)
    {
        foreach (var line in message.Split(Environment.NewLine))
            Console.Error.WriteLine($"datapath-agent: {line}");
        return code;
    }
}

/// <summary>The configuration is not what it must be.</summary>
internal sealed class ConfigurationException(string message) : Exception(message);
