using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;

namespace Datapath.Hosting;

/// <summary>How a value is written.</summary>
/// <param name="parse">Reads the text, which is not empty.</param>
/// <param name="rule">What it must be, to go after the value in a message.</param>
internal sealed class ValueForm<T>(ValueForm<T>.Parser parse, string rule)
{
    public delegate bool Parser(string text, [MaybeNullWhen(false)] out T value);

    public string Rule { get; } = rule;

    public bool TryRead(IConfigurationSection section, [MaybeNullWhen(false)] out T value)
    {
        if (section.Value is { Length: > 0 } text && !section.GetChildren().Any())
            return parse(text, out value);
        value = default;
        return false;
    }
}
