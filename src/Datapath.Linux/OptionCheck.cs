using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Datapath.Linux;

/// <summary>Refuses values of options that no engine could follow; the errors name the option.</summary>
internal static class OptionCheck
{
    /// <summary>A choice must be one that has a name: code can cast any number into it.</summary>
    public static void ThrowIfUnknown<T>(T value, [CallerArgumentExpression(nameof(value))] string? option = null)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
            throw new ArgumentOutOfRangeException(option, value, $"must be one of {string.Join(", ", Enum.GetNames<T>())}");
    }

    /// <summary>A path must be absolute: what it would be relative to is nobody's choice.</summary>
    public static void ThrowIfNoPath(string? path, [CallerArgumentExpression(nameof(path))] string? option = null)
    {
        if (!Path.IsPathRooted(path) || path.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException($"'{path}' must be an absolute path", option);
    }

    /// <summary>Each of the paths must be absolute.</summary>
    public static void ThrowIfNoPaths(ImmutableArray<string> paths, [CallerArgumentExpression(nameof(paths))] string? option = null)
    {
        ThrowIfNoList(paths, option);
        for (var i = 0; i < paths.Length; i++)
            ThrowIfNoPath(paths[i], $"{option}[{i}]");
    }

    /// <summary>A list must be one, and must not have <see langword="null"/> in it.</summary>
    public static void ThrowIfNoList<T>(ImmutableArray<T> items, [CallerArgumentExpression(nameof(items))] string? option = null)
    {
        if (items.IsDefault)
            throw new ArgumentException("must be a list; an empty one for none", option);
        for (var i = 0; i < items.Length; i++)
        {
            if (items[i] is null)
                throw new ArgumentException("must not be null", $"{option}[{i}]");
        }
    }
}
