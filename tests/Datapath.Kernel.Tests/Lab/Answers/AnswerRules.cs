using System.Diagnostics;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>Which answers the dials of each kind may get, and since when. Written by one thread, read by those that dial.</summary>
/// <param name="grace">For how long after a change a dial may begin and still get what was right before.</param>
internal sealed class AnswerRules(TimeSpan grace)
{
    /// <summary>EDESTADDRREQ: a UDP socket that was ended has no peer any more.</summary>
    private const Errno NoPeer = (Errno)89;

    private static readonly TimeSpan s_longestDial = TimeSpan.FromSeconds(30);
    private static readonly string[] s_ends = [Errno.ECONNABORTED.ToString(), NoPeer.ToString(), Errno.ECONNRESET.ToString()];
    private Era[] _eras = [];

    /// <summary>How many dials were judged by the last change alone.</summary>
    public int Settled => Volatile.Read(ref _eras)[^1].Settled;

    /// <summary>Makes a change. While it is made, and for the grace after it, what is right before and after it is right.</summary>
    /// <param name="allowed">The answers that are right after it: names of pods and of errors.</param>
    /// <param name="change">Makes the change, and returns when it is in force.</param>
    public void Change(Func<DialKind, string[]> allowed, Action change)
    {
        var before = _eras;
        Volatile.Write(ref _eras, [.. before.Where(static era => !era.IsOverFor(s_longestDial)), new(allowed)]);
        change();
        if (before.Length > 0)
            before[^1].Close();
    }

    /// <summary>Judges a dial that has just come to its end.</summary>
    /// <param name="kind">Who dialed what.</param>
    /// <param name="answer">The pod that answered, or the error.</param>
    /// <param name="started">When it began, as <see cref="Stopwatch.GetTimestamp"/> tells.</param>
    public AnswerVerdict Judge(DialKind kind, string answer, long started)
    {
        var met = 0;
        var isRight = false;
        var eras = Volatile.Read(ref _eras);
        foreach (var era in eras)
        {
            if (era.WasOverAt(started, grace))
                continue;
            met++;
            isRight |= era.Allowed(kind).Contains(answer);
        }

        if (met == 1)
            eras[^1].Settle();
        if (isRight)
            return AnswerVerdict.Right;
        return met > 1 && IsEnd(answer) ? AnswerVerdict.Ended : AnswerVerdict.Wrong;
    }

    /// <summary>Whether an answer is the error of a socket that was ended.</summary>
    public static bool IsEnd(string answer) => s_ends.Contains(answer);

    /// <summary>What would have been right, for a message.</summary>
    public string Describe(DialKind kind) => string.Join(" then ", Volatile.Read(ref _eras).Select(era => $"[{string.Join(' ', era.Allowed(kind))}]").TakeLast(3));

    /// <summary>The time from the start of a change to the end of the next one.</summary>
    private sealed class Era(Func<DialKind, string[]> allowed)
    {
        private long _end = long.MaxValue;
        private int _settled;

        public Func<DialKind, string[]> Allowed => allowed;

        public int Settled => Volatile.Read(ref _settled);

        public void Settle() => _ = Interlocked.Increment(ref _settled);

        public void Close() => Volatile.Write(ref _end, Stopwatch.GetTimestamp());

        public bool IsOverFor(TimeSpan time) => WasOverAt(Stopwatch.GetTimestamp(), time);

        public bool WasOverAt(long moment, TimeSpan time) =>
            Volatile.Read(ref _end) is var end && end < moment && Stopwatch.GetElapsedTime(end, moment) > time;
    }
}
