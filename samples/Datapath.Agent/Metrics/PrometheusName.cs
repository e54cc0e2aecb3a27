using System.Diagnostics.Metrics;
using System.Text;

namespace Datapath.Agent.Metrics;

/// <summary>Names of Prometheus for those of OpenTelemetry, by OpenTelemetry's rules: other separators, the unit in words at the end, <c>_total</c> for what only grows.</summary>
internal static class PrometheusName
{
    private static readonly Dictionary<string, string> s_units = new(StringComparer.Ordinal)
    {
        ["s"] = "seconds",
        ["ms"] = "milliseconds",
        ["By"] = "bytes",
    };

    /// <summary>The name of an instrument's family.</summary>
    public static string OfInstrument(Instrument instrument)
    {
        var name = new StringBuilder(OfLabel(instrument.Name));
        var kind = MetricKinds.Of(instrument);
        Append(name, instrument.Unit switch
        {
            null or "" => null,
            ['{', ..] => null, // what is counted, which the name says
            "1" => kind is MetricKind.Gauge ? "ratio" : null,
            var unit => s_units.GetValueOrDefault(unit) ?? throw new NotSupportedException($"instrument '{instrument.Name}': the unit '{unit}' has no words"),
        });
        if (kind is MetricKind.Counter)
            Append(name, "total");
        return name.ToString();
    }

    /// <summary>The name of a label: letters, digits and underscores.</summary>
    public static string OfLabel(string attribute)
    {
        var name = new StringBuilder(attribute.Length);
        foreach (var letter in attribute)
        {
            if (char.IsAsciiLetterOrDigit(letter))
                _ = name.Append(letter);
            else if (name.Length > 0 && name[^1] != '_')
                _ = name.Append('_');
        }

        return char.IsAsciiDigit(name[0]) ? $"_{name}" : name.ToString();
    }

    private static void Append(StringBuilder name, string? suffix)
    {
        if (suffix is not null && !name.ToString().EndsWith($"_{suffix}", StringComparison.Ordinal))
            _ = name.Append('_').Append(suffix);
    }
}
