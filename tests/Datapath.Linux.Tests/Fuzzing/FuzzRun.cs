using System.Diagnostics;

namespace Datapath.Linux.Tests.Fuzzing;

/// <summary>Many broken inputs through one reader: each is read or refused with the declared error, soon, and for little memory.</summary>
/// <typeparam name="TRefusal">The declared error.</typeparam>
/// <param name="reader">The reader's name, as it stands in the corpus folder.</param>
/// <param name="read">Reads an input with all that hangs on it.</param>
internal sealed class FuzzRun<TRefusal>(string reader, Action<byte[]> read)
    where TRefusal : Exception
{
    /// <summary>Also a machine with much other work is through by then.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(20);

    private int _read;

    /// <summary>Bytes that may be allocated for an input, beside some for each of its bytes.</summary>
    public long Allowance { get; init; } = 1 << 20;

    /// <summary>Runs what was found once, then new cases.</summary>
    /// <param name="inputs">What to break.</param>
    /// <param name="cases">How many cases.</param>
    /// <param name="seed">Which cases.</param>
    public void Run(byte[][] inputs, int cases, int seed)
    {
        foreach (var input in inputs)
            read(input); // good ones must be read
        foreach (var input in Corpus.Found(reader))
            Check(input, "from the corpus");
        var mutator = new Mutator(inputs, seed);
        _read = 0;
        for (var i = 0; i < cases; i++)
            Check(mutator.Next(), $"case {i} of seed {seed}");
        Assert.That(_read, Is.InRange(cases / 50, cases - (cases / 50)), "both ways must be taken often, or the cases tell nothing");
    }

    private void Check(byte[] input, string origin)
    {
        var start = Stopwatch.GetTimestamp();
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
        if (failure is null && allocated <= Allowance + (256L * input.Length) && Stopwatch.GetElapsedTime(start) < s_longest)
            return;
        Assert.Fail($"{reader}, {origin}: {allocated} bytes in {Stopwatch.GetElapsedTime(start)}, {failure}\n{Convert.ToBase64String(input)}");
    }
}
