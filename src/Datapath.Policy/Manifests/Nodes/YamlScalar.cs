using System.Buffers;
using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Datapath.Policy;

/// <summary>
/// Tells what a YAML scalar is, by the rules that Kubernetes tools read manifests with: YAML 1.1 booleans (<c>yes</c>, <c>on</c>, <c>y</c>
/// ...), octal and hexadecimal numbers, and dates as strings.
/// </summary>
internal static class YamlScalar
{
    private const string TagPrefix = "tag:yaml.org,2002:";
    private static readonly SearchValues<char> s_floatCharacters = SearchValues.Create("0123456789+-.eE");

    /// <summary>What a scalar is.</summary>
    /// <exception cref="ManifestSyntaxException">The tag is not known or does not fit the text.</exception>
    public static NodeKind KindOf(Scalar scalar)
    {
        if (scalar.Tag.IsEmpty)
            return scalar.Style is ScalarStyle.Plain ? Resolve(scalar.Value) : NodeKind.String;
        var line = (int)scalar.Start.Line;
        var tag = scalar.Tag.IsNonSpecific ? TagPrefix + "str" : scalar.Tag.Value;
        if (tag is TagPrefix + "str")
            return NodeKind.String;
        var resolved = Resolve(scalar.Value);
        var fits = tag switch
        {
            TagPrefix + "int" => resolved is NodeKind.Number && Integer(scalar.Value) is not null,
            TagPrefix + "float" => resolved is NodeKind.Number,
            TagPrefix + "bool" => resolved is NodeKind.True or NodeKind.False,
            TagPrefix + "null" => resolved is NodeKind.Null,
            TagPrefix + "timestamp" => false,
            _ => throw new ManifestSyntaxException(line, $"tag '{tag}' is not supported"),
        };
        return fits ? resolved : throw new ManifestSyntaxException(line, $"tag '{tag}' does not fit '{scalar.Value}'");
    }

    /// <summary>The value of a number; <see langword="null"/> if it is not whole.</summary>
    public static long? Integer(string number) => number.AsSpan().ContainsAnyInRange('0', '9') && TryReadNumber(number, out var integer) ? integer : null;

    private static NodeKind Resolve(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => NodeKind.Null,
        "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" or "y" or "Y" => NodeKind.True,
        "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF" or "n" or "N" => NodeKind.False,
        ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF" or "-.inf" or "-.Inf" or "-.INF" or ".nan" or ".NaN" or ".NAN" => NodeKind.Number,
        [>= '0' and <= '9' or '+' or '-' or '.', ..] when TryReadNumber(text, out _) => NodeKind.Number,
        _ => NodeKind.String,
    };

    private static bool TryReadNumber(string text, out long? integer)
    {
        var digits = text.Replace("_", "", StringComparison.Ordinal).AsSpan();
        var isNegative = digits[0] == '-';
        var isSigned = isNegative || digits[0] == '+';
        if (TryReadInteger(isSigned ? digits[1..] : digits, isNegative, out var value))
        {
            integer = value;
            return true;
        }

        integer = null;
        var hasDigit = digits.ContainsAnyInRange('0', '9');
        if (!hasDigit || digits.ContainsAnyExcept(s_floatCharacters)
            || !double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            return false;
        if (number == Math.Floor(number) && Math.Abs(number) < 1L << 53)
            integer = (long)number;
        return true;
    }

    private static bool TryReadInteger(ReadOnlySpan<char> digits, bool isNegative, out long value)
    {
        var numberBase = digits switch
        {
            ['0', 'x' or 'X', ..] => 16,
            ['0', 'b' or 'B', ..] => 2,
            ['0', 'o' or 'O', ..] => 8,
            ['0', _, ..] => -8,
            _ => 10,
        };
        digits = numberBase switch
        {
            10 => digits,
            -8 => digits[1..],
            _ => digits[2..],
        };
        numberBase = Math.Abs(numberBase);
        value = 0;
        if (digits.IsEmpty)
            return false;
        foreach (var c in digits)
        {
            var digit = char.IsAsciiHexDigit(c) ? Convert.FromHexString(['0', c])[0] : numberBase;
            if (digit >= numberBase || value > (long.MaxValue - digit) / numberBase)
                return false;
            value = (value * numberBase) + digit;
        }

        value = isNegative ? -value : value;
        return true;
    }
}
