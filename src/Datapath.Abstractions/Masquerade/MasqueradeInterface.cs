namespace Datapath;

/// <summary>Interfaces, and the source class of what comes in there and has none by its address.</summary>
/// <param name="Pattern">The name of an interface, or the beginning of names with <c>+</c> behind it: <c>veth+</c>.</param>
/// <param name="Class">The number of the source class.</param>
public readonly record struct MasqueradeInterface(string Pattern, byte Class)
{
    /// <summary>Whether an interface is meant.</summary>
    /// <param name="name">Its name.</param>
    public bool Matches(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Pattern.EndsWith('+') ? name.AsSpan().StartsWith(Pattern.AsSpan(0, Pattern.Length - 1), StringComparison.Ordinal) : name == Pattern;
    }
}
