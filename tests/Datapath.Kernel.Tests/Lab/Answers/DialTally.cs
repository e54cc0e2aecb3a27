using System.Collections.Concurrent;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>How many dials there were, and what became of them. For several threads.</summary>
internal sealed class DialTally
{
    private const int MostWords = 50;
    private readonly ConcurrentDictionary<string, long> _answers = new();
    private readonly ConcurrentQueue<string> _wrongs = new();
    private long _dials;
    private long _ended;
    private long _wrong;
    private long _refused;

    public long Dials => Interlocked.Read(ref _dials);

    public long Ended => Interlocked.Read(ref _ended);

    public long Wrong => Interlocked.Read(ref _wrong);

    /// <summary>Those that failed as they should.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>How often each pod answered and each error came.</summary>
    public IReadOnlyDictionary<string, long> Answers => _answers;

    /// <summary>The first of those that were wrong, in words.</summary>
    public IReadOnlyCollection<string> Wrongs => _wrongs;

    public void Add(string answer, AnswerVerdict verdict, Func<string> describe)
    {
        _ = Interlocked.Increment(ref _dials);
        _ = _answers.AddOrUpdate(answer, 1, static (_, count) => count + 1);
        if (verdict is AnswerVerdict.Ended)
            _ = Interlocked.Increment(ref _ended);
        if (verdict is AnswerVerdict.Right && !answer.StartsWith("pod", StringComparison.Ordinal))
            _ = Interlocked.Increment(ref _refused);
        if (verdict is AnswerVerdict.Wrong && Interlocked.Increment(ref _wrong) <= MostWords)
            _wrongs.Enqueue(describe());
    }
}
