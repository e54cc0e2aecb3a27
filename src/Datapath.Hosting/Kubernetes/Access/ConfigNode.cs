namespace Datapath.Hosting;

/// <summary>A value of a kubeconfig: a text, a mapping or a list.</summary>
/// <param name="Line">The line that it starts on, from 1.</param>
internal sealed record ConfigNode(long Line)
{
    /// <summary>The text; <see langword="null"/> for a mapping, a list, or a value that is null.</summary>
    public string? Text { get; init; }

    /// <summary>The values of a mapping.</summary>
    public IReadOnlyDictionary<string, ConfigNode>? Fields { get; init; }

    /// <summary>The values of a list.</summary>
    public IReadOnlyList<ConfigNode>? Items { get; init; }

    /// <summary>Whether it is null, as a field that is not there.</summary>
    public bool IsNull => this is { Text: null, Fields: null, Items: null };
}
