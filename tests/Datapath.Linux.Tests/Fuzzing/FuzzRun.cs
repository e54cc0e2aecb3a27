using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Datapath.Linux.Tests.Fuzzing;

/// <summary>Many broken inputs through one reader: each is read or refused with the declared error, soon, and for little memory.</summary>
/// <typeparam name="TRefusal">The declared error.</typeparam>
/// <param name="reader">The reader's name, as it stands in the corpus folder.</param>
/// <param name="read">Reads an input with all that hangs on it.</param>
internal sealed class FuzzRun<TRefusal>(string reader, Action<byte[]> read)
    where TRefusal : Exception
{
    private Attempt? _attempt;
    private int _read;

    /// <summary>Bytes that may be allocated for an input, beside some for each of its bytes.</summary>
    public long Allowance { get; init; } = 1 << 20;

    /// <summary>How long an input may take. Also a machine with much other work is through by then.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Runs what was found once, then new cases.</summary>
    /// <param name="inputs">What to break.</param>
    /// <param name="cases">How many cases.</param>
    /// <param name="seed">Which cases.</param>
    public void Run(byte[][] inputs, int cases, int seed)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                RunAll(inputs, cases, seed);
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        })
        {
            IsBackground = true, // a reader that hangs is left behind
        };
        thread.Start();
        while (!thread.Join(Longest / 4))
        {
            if (Volatile.Read(ref _attempt) is { } attempt && Stopwatch.GetElapsedTime(attempt.Start) > Longest)
                Assert.Fail($"{reader}, {attempt.Origin}: does not end\n{Convert.ToBase64String(attempt.Input)}");
        }

        failure?.Throw();
        Assert.That(_read, Is.InRange(cases / 50, cases - (cases / 50)), "both ways must be taken often, or the cases tell nothing");
    }

    private void RunAll(byte[][] inputs, int cases, int seed)
    {
        for (var i = 0; i < inputs.Length; i++)
        {
            Volatile.Write(ref _attempt, new(inputs[i], $"good input {i}", Stopwatch.GetTimestamp()));
            read(inputs[i]); // good ones must be read
        }

        foreach (var input in Corpus.Found(reader))
            Check(input, "from the corpus");
        var mutator = new Mutator(inputs, seed);
        _read = 0;
        for (var i = 0; i < cases; i++)
            Check(mutator.Next(), $"case {i} of seed {seed}");
    }

    private void Check(byte[] input, string origin)
    {
        var start = Stopwatch.GetTimestamp();
        Volatile.Write(ref _attempt, new(input, origin, start));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Exception? failure = null;
        try
        {
            read(input);
            _read++;
        }
        catch (TRefusal e) when (e.Message.Length > 0)
        {
        }
        catch (Exception e)
        {
            failure = e;
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (failure is null && allocated <= Allowance + (64L * input.Length) && Stopwatch.GetElapsedTime(start) < Longest)
            return;
        Assert.Fail($"{reader}, {origin}: {allocated} bytes in {Stopwatch.GetElapsedTime(start)}, {failure}\n{Convert.ToBase64String(input)}");
    }

    private sealed record Attempt(byte[] Input, string Origin, long Start);
}
