using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>The forms of values.</summary>
internal static class ValueForms
{
    public static ValueForm<string> Text { get; } = new(static (string text, [MaybeNullWhen(false)] out string value) => (value = text) is not null, "must be a text");

    public static ValueForm<bool> Switch { get; } = new(bool.TryParse, "must be true or false");

    public static ValueForm<int> Number { get; } = new(
        static (string text, out int value) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value),
        "must be a whole number");

    public static ValueForm<IPAddress> Address { get; } = new(
        static (string text, [MaybeNullWhen(false)] out IPAddress value) => IPAddress.TryParse(text, out value) && value.ToString() == text,
        "must be an IP address, in its usual form");

    public static ValueForm<IPNetwork> Network { get; } = new(
        static (string text, out IPNetwork value) => IPNetwork.TryParse(text, out value) && value.ToString() == text,
        "must be a range such as 10.0.0.0/8, without bits beyond the prefix, in its usual form");

    public static ValueForm<PortRange> Ports { get; } = new(TryParse, "must be a range of ports such as 30000-32767");

    public static ValueForm<PortRange> PortOrPorts { get; } = new(
        static (string text, out PortRange ports) =>
        {
            if (!ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
                return TryParse(text, out ports);
            ports = new(port, port);
            return true;
        },
        "must be a port, or a range of ports such as 30000-32767");

    public static ValueForm<T> Choice<T>()
        where T : struct, Enum
    {
        var choices = Enum.GetValues<T>().ToDictionary(static choice => choice.ToString(), StringComparer.OrdinalIgnoreCase);
        var names = choices.Keys.Select(static name => char.ToLowerInvariant(name[0]) + name[1..]);
        return new(choices.TryGetValue, $"must be one of {string.Join(", ", names)}");
    }

    /// <summary>Takes the form of Helm values too, with a comma.</summary>
    private static bool TryParse(string text, out PortRange ports)
    {
        var between = text.IndexOfAny(['-', ',']);
        ushort last = 0;
        var isRange = ushort.TryParse(text.AsSpan(0, Math.Max(between, 0)), NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && ushort.TryParse(text.AsSpan(between + 1), NumberStyles.None, CultureInfo.InvariantCulture, out last);
        ports = new(first, last);
        return isRange;
    }
}
