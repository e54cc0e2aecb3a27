using System.Diagnostics.CodeAnalysis;

namespace Datapath.Hosting;

/// <summary>An object as the server has it.</summary>
/// <typeparam name="T">What is read of it.</typeparam>
/// <param name="Metadata">Its metadata.</param>
/// <param name="Object">What was read; <see langword="null"/>: it cannot be read, see <see cref="Problem"/>.</param>
public sealed record KubernetesItem<T>(KubernetesMetadata Metadata, T? Object)
    where T : class
{
    /// <summary>Why it cannot be read: field, value and reason. <see langword="null"/>: it can.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether it can be read.</summary>
    [MemberNotNullWhen(true, nameof(Object))]
    public bool IsReadable => Object is not null;
}
