using System.Collections;
using System.Globalization;
using System.Net;
using System.Reflection;

namespace Datapath.Policy.Tests.Compilation.Properties;

/// <summary>Writes out a value with everything in it that is not the default, for messages of failed tests.</summary>
internal static class Text
{
    public static string Of(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        bool or Enum or L4Address or IPAddress or IPNetwork or ServiceName or ObjectKey or PodName or LabelSelector => $"{value}",
        DateTimeOffset time => time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        IDictionary labels => $"{{{string.Join(", ", labels.Keys.Cast<object>().Select(key => $"{key}={labels[key]}"))}}}",
        IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Select(Of))}]",
        _ => $"{value.GetType().Name}({string.Join(", ", Properties(value))})",
    };

    private static IEnumerable<string> Properties(object value) =>
        from property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
        where property.CanWrite
        let content = property.GetValue(value)
        where content is not (null or false or 0 or ICollection { Count: 0 })
        let text = Of(content)
        where !text.EndsWith("()", StringComparison.Ordinal)
        select $"{property.Name}: {text}";
}
