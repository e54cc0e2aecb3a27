using System.Globalization;

namespace Datapath.Linux.Masquerade;

/// <summary>What others did to the table or to programs at devices, in words.</summary>
/// <param name="time">The clock.</param>
internal sealed class DisturbanceHistory(TimeProvider time)
{
    // As long as a look at the host's health from time to time needs to see it.
    private static readonly TimeSpan s_isNew = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private int _count;
    private string? _last;
    private DateTimeOffset _at;

    /// <summary>Takes note.</summary>
    public void Add(string change)
    {
        lock (_gate)
            (_count, _last, _at) = (_count + 1, change, time.GetUtcNow());
    }

    /// <summary>What there is to say for as long as the process lives.</summary>
    public IEnumerable<string> Warn() => Describe(static _ => true);

    /// <summary>What there is to say because it was just now.</summary>
    public IEnumerable<string> WarnIfNew() => Describe(age => age < s_isNew);

    private string[] Describe(Predicate<TimeSpan> isTold)
    {
        lock (_gate)
        {
            return _last is { } last && isTold(time.GetUtcNow() - _at)
                ? [string.Create(CultureInfo.InvariantCulture, $"{_at:u}: {last}{(_count > 1 ? $" ({_count} times since the start)" : "")}")]
                : [];
        }
    }
}
