using System.Collections.Concurrent;
using System.Diagnostics;

namespace Datapath.Kernel.Tests.Soak;

/// <summary>
/// Pods that were on their way out at a restart. The manager's memory of that ends with its process, so connected sockets that are there may be left there.
/// </summary>
internal sealed class ForgottenDrains
{
    private readonly ConcurrentDictionary<string, long> _restarts = new();

    public void Add(IEnumerable<string> pods)
    {
        foreach (var pod in pods)
            _restarts[pod] = Stopwatch.GetTimestamp();
    }

    /// <summary>Whether a socket that was connected at a time may have been left with a pod.</summary>
    public bool Has(string pod, long since) => _restarts.TryGetValue(pod, out var restart) && restart > since;
}
