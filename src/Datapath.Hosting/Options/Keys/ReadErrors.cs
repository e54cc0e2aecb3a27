using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;

namespace Datapath.Hosting;

/// <summary>What could not be read, a sentence each.</summary>
internal sealed class ReadErrors
{
    private readonly ImmutableArray<string>.Builder _errors = ImmutableArray.CreateBuilder<string>();

    /// <summary>Adds a mistake, with the value if there is one.</summary>
    public void Add(IConfigurationSection section, string reason) =>
        _errors.Add(section.Value is { Length: > 0 } value ? $"{section.Path}: '{value}' {reason}" : $"{section.Path}: {reason}");

    public void AddUnknown(IConfigurationSection section, IEnumerable<string> known) =>
        _errors.Add($"{section.Path}: is no known key; known are {string.Join(", ", known)}");

    public ImmutableArray<string> ToImmutable() => _errors.ToImmutable();
}
