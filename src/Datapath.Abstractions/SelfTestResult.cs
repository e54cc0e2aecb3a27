using System.Collections.Immutable;

namespace Datapath;

/// <summary>Whether what an engine holds takes effect, tried out.</summary>
/// <param name="IsEffective">Whether it does; <see langword="null"/> if that could not be tried.</param>
/// <param name="Reasons">What speaks against it, or why it could not be tried, a sentence each. Empty if all was tried and is well.</param>
public sealed record SelfTestResult(bool? IsEffective, ImmutableArray<string> Reasons)
{
    /// <summary>The result in words, for example <c>attached but not effective: ...</c>.</summary>
    public override string ToString()
    {
        var verdict = IsEffective switch { true => "effective", false => "attached but not effective", null => "not tested" };
        return Reasons.IsEmpty ? verdict : $"{verdict}: {string.Join("; ", Reasons)}";
    }
}
