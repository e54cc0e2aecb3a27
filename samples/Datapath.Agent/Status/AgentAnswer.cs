using Datapath.Agent.Output;
using Datapath.Linux;

namespace Datapath.Agent.Status;

/// <summary>What the agent says to a question: one of these.</summary>
internal sealed record AgentAnswer
{
    /// <summary>How it stands.</summary>
    public AgentReport? Report { get; init; }

    /// <summary>What the kernel should hold.</summary>
    public AgentExpectation? Expectation { get; init; }

    /// <summary>What the kernel holds.</summary>
    public IReadOnlyList<KernelRow>? Kernel { get; init; }

    /// <summary>Masquerading.</summary>
    public AgentNat? Nat { get; init; }

    /// <summary>Why there is no answer.</summary>
    public string? Error { get; init; }
}

/// <summary>What the kernel should hold, as far as the agent knows.</summary>
/// <param name="Pid">The agent.</param>
/// <param name="IsSynced">Whether it has seen its manifests; before, nothing is expected.</param>
/// <param name="Generation">The state's number: what is expected changes with it alone.</param>
/// <param name="Kernel">What is expected; <see langword="null"/> for an engine without a kernel.</param>
internal sealed record AgentExpectation(int Pid, bool IsSynced, long Generation, DatapathExpectation? Kernel)
{
    /// <summary>How the kernel differs, as the agent sees it; <see langword="null"/> where everybody can look, by the pins.</summary>
    public IReadOnlyList<KernelDifference>? Differences { get; init; }

    /// <summary>Why some of it is not there, by the frontend or range.</summary>
    public IReadOnlyDictionary<string, string> NotApplied { get; init; } = new Dictionary<string, string>();
}

/// <summary>What the agent tells of masquerading, as far as it was asked; nothing if it is off.</summary>
/// <param name="Pid">The agent.</param>
internal sealed record AgentNat(int Pid)
{
    /// <summary>The flows.</summary>
    public IReadOnlyList<FlowRow>? Flows { get; init; }

    /// <summary>How it stands.</summary>
    public NatReport? Report { get; init; }
}
