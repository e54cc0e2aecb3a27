using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Policy;

namespace Datapath.Kernel.Tests.Soak;

/// <summary>What a state allows, as the compiler explains it.</summary>
internal sealed class SoakExpectation
{
    private readonly Dictionary<DialKind, string[]> _answers = [];
    private readonly string[] _draining; // pods that are on their way out and serve those who are connected

    public SoakExpectation(PolicyCompiler compiler)
    {
        foreach (var pod in SoakAddresses.Clients)
        {
            var client = pod == SoakAddresses.Host ? DialClient.Host : DialClient.OfPod(new(SoakObjects.Namespace, $"pod-{pod}"));
            foreach (var destination in SoakAddresses.Destinations)
                _answers.Add(new(pod, destination), AnswersOf(compiler.Explain(client, destination)));
        }

        _draining =
        [
            .. compiler.State.Services.Values.SelectMany(static service => service.Frontends).SelectMany(static frontend => frontend.Backends)
                .Where(static backend => backend.State is BackendState.Terminating)
                .Select(static backend => SoakAddresses.PodAt(backend.Address.Address)).Distinct(),
        ];
    }

    /// <summary>Who may answer a new dial, or how it may fail.</summary>
    public string[] OfDial(DialKind kind) => _answers[kind];

    /// <summary>Who may answer a socket that was connected before.</summary>
    public string[] OfConnected(DialKind kind) => [.. _answers[kind], .. _draining];

    private static string[] AnswersOf(Explanation explanation) => explanation.Outcome switch
    {
        DialOutcome.Refused => [Errno.ECONNREFUSED.ToString()],
        DialOutcome.Direct => [Errno.ENETUNREACH.ToString()], // nothing is routed there
        _ => [.. explanation.Backends.Select(static backend => SoakAddresses.PodAt(backend.Address.Address)).Distinct()],
    };
}
