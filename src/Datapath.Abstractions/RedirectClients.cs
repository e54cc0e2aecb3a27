using System.Collections.Immutable;

namespace Datapath;

/// <summary>The programs of this node that a redirect is for.</summary>
public sealed record RedirectClients
{
    /// <summary>All of them.</summary>
    public static RedirectClients Everybody { get; } = new();

    /// <summary>Whether processes of the host, in its own network namespace, are meant. Default: <see langword="true"/>.</summary>
    public bool HostProcesses { get; init; } = true;

    /// <summary>Whether everybody else is meant except <see cref="Pods"/>, or only <see cref="Pods"/>. Default: <see langword="true"/>.</summary>
    public bool AllPodsExcept { get; init; } = true;

    /// <summary>The pods that are excepted or, without <see cref="AllPodsExcept"/>, meant. By name, each once. Default: none.</summary>
    public ImmutableArray<PodName> Pods { get; init; } = [];

    /// <summary>Whether nobody is left out.</summary>
    public bool IsEverybody => HostProcesses && AllPodsExcept && Pods.IsEmpty;

    /// <summary>Equal in all parts.</summary>
    /// <param name="other">The clients to compare with.</param>
    public bool Equals(RedirectClients? other) =>
        ReferenceEquals(this, other)
        || (other is not null && HostProcesses == other.HostProcesses && AllPodsExcept == other.AllPodsExcept
            && Pods.AsSpan().SequenceEqual(other.Pods.AsSpan()));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(HostProcesses, AllPodsExcept, Pods.Length);

    /// <summary>Whose dials are meant, in words.</summary>
    public override string ToString()
    {
        if (IsEverybody)
            return "everybody";
        var pods = AllPodsExcept ? Pods.IsEmpty ? "all pods" : $"all pods but {string.Join(", ", Pods)}" : Pods.IsEmpty ? "no pod" : string.Join(", ", Pods);
        return $"{pods}, {(HostProcesses ? "and" : "not")} processes of the host";
    }
}
