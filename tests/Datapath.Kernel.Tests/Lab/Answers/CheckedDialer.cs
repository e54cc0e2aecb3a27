using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Datapath.Linux.Namespaces;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>A thread in a network namespace that dials at a pace until it is stopped, and has each answer judged.</summary>
internal sealed class CheckedDialer : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TimeSpan _pause;
    private readonly Thread _thread;
    private ExceptionDispatchInfo? _error;

    /// <param name="network">Where it dials.</param>
    /// <param name="pause">The time from the start of a dial to that of the next one, if that takes no longer.</param>
    /// <param name="dial">Dials once.</param>
    public CheckedDialer(NetworkNamespace network, TimeSpan pause, Action dial)
    {
        _pause = pause;
        _thread = new(() => network.Run(() => Run(dial)));
        _thread.Start();
    }

    /// <summary>Dials by a new socket and enters what became of it.</summary>
    public static void Dial(AnswerRules rules, DialTally tally, DialKind kind, SocketRow row, SocketUse use)
    {
        var address = kind.Destination.Address;
        var started = Stopwatch.GetTimestamp();
        var answer = Lab.Dial.AskBy(row, use, row.Name(address, address, kind.Destination.Port)).Answer.ToString();
        tally.Add(answer, rules.Judge(kind, answer, started), () => $"pod{kind.Pod}, {row}, {use}, {kind.Destination}: {answer}, not {rules.Describe(kind)}");
    }

    /// <summary>Stops it, and throws what has stopped it before.</summary>
    public void Stop()
    {
        _stop.Cancel();
        _thread.Join();
        _error?.Throw();
    }

    public void Dispose()
    {
        _stop.Cancel();
        _thread.Join();
        _stop.Dispose();
    }

    private void Run(Action dial)
    {
        try
        {
            // It waits for its turn, not for something to happen.
            for (var next = Stopwatch.GetTimestamp(); !_stop.IsCancellationRequested; next += (long)(_pause.TotalSeconds * Stopwatch.Frequency))
            {
                if (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), next) is { Ticks: > 0 } early)
                    _ = _stop.Token.WaitHandle.WaitOne(early);
                dial();
            }
        }
        catch (Exception e)
        {
            _error = ExceptionDispatchInfo.Capture(e); // thrown again by who stops it
        }
    }
}
