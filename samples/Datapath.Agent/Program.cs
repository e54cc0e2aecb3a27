using System.CommandLine.Invocation;
using Datapath.Agent.Commands;

var parsed = AgentCommandLine.Create().Parse(args);
if (parsed.Errors.Count > 0)
{
    if (parsed.Action is ParseErrorAction refusal)
        refusal.ShowHelp = args.Length == 0; // it is longer than a screen: a mistake would be out of sight
    _ = await parsed.InvokeAsync();
    return ExitCode.Usage;
}

// Signals are the host's affair in `run`; elsewhere they end the process, as everybody expects.
return await Failures.ToExitCodeAsync(() => parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }));
