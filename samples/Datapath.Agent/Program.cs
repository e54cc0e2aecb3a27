using Datapath.Agent.Commands;

var parsed = AgentCommandLine.Create().Parse(args);
if (parsed.Errors.Count > 0)
{
    _ = await parsed.InvokeAsync();
    return ExitCode.Usage;
}

// Signals are the host's affair in `run`; elsewhere they end the process, as everybody expects.
return await Failures.ToExitCodeAsync(() => parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }));
