using System.Collections.Immutable;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>What a list or an event changes.</summary>
internal sealed class KindChanges
{
    /// <summary>The objects; <see langword="null"/> for one that is gone.</summary>
    public Dictionary<ObjectKey, KubernetesObject?> Objects { get; } = [];

    /// <summary>Why objects are refused; <see langword="null"/> for one that is not.</summary>
    public Dictionary<ObjectKey, string?> Refused { get; } = [];

    /// <summary>What there is to say about objects.</summary>
    public Dictionary<ObjectKey, ImmutableArray<Diagnostic>> Diagnostics { get; } = [];
}
