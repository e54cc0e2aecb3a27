using System.Collections.Concurrent;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Masquerade;

namespace Datapath.Kernel.Tests.Soak.Nat;

/// <summary>
/// Connections that last, most of them from sources to places outside, one in five from outside to a source. Each exchanges numbered bytes in its turn.
/// Whatever becomes of the rules, each goes on. For one thread.
/// </summary>
internal sealed class NatSoakTalks : IDisposable
{
    private const int LongestText = 3_000;
    private readonly List<(Talk Talk, string Name)> _talks = [];
    private readonly ConcurrentQueue<string> _broken = new();
    private readonly Random _random;
    private long _exchanges;
    private int _next;

    public NatSoakTalks(ConformanceSite site, int count, int seed)
    {
        _random = new(seed);
        for (var i = 0; i < count; i++)
        {
            var source = site.Sources[i % site.Sources.Length];
            var to = ConformanceSite.Destinations[_random.Next(ConformanceSite.Destinations.Length)].Address;
            var own = source.AddressOf(to.AddressFamily);
            var isFromOutside = i % 5 == 4;
            _talks.Add(isFromOutside
                ? (new(site.Lab.Router, source.Network, own, ProtocolType.Tcp, NatSoakPorts.FirstFree + i), $"{i}: to {source.Name} {own}")
                : (new(source.Network, site.Lab.Router, to, ProtocolType.Tcp, sourcePort: NatSoakPorts.FirstFree + i, source: own), $"{i}: from {source.Name} {own} to {to}"));
        }
    }

    public long Exchanges => Interlocked.Read(ref _exchanges);

    /// <summary>Those that are no more, and why.</summary>
    public IReadOnlyCollection<string> Broken => _broken;

    /// <summary>Has the next one exchange something.</summary>
    public void ExchangeOne()
    {
        if (_talks.Count == 0)
            return;
        var (talk, name) = _talks[_next = (_next + 1) % _talks.Count];
        try
        {
            talk.Exchange(isServerFirst: _random.Next(2) == 0, _random.Next(1, LongestText));
            _ = Interlocked.Increment(ref _exchanges);
        }
        catch (Exception e) when (e is SocketException or AssertionException)
        {
            _broken.Enqueue($"connection {name}, as {talk.Client}: {e.Message.Trim()}");
            _ = _talks.Remove((talk, name));
            talk.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (var (talk, _) in _talks)
            talk.Dispose();
    }
}
