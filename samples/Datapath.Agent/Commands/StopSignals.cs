using System.Runtime.InteropServices;

namespace Datapath.Agent.Commands;

/// <summary>Ends a command that goes on by itself, when somebody asks it to.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;

    public StopSignals(CancellationToken cancellationToken)
    {
        Stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
    }

    public CancellationTokenSource Stop { get; }

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        Stop.Dispose();
    }

    private void End(PosixSignalContext context)
    {
        context.Cancel = true;
        Stop.Cancel();
    }
}
