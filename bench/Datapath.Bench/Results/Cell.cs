using System.Globalization;

namespace Datapath.Bench.Results;

/// <summary>A place in a table: what people read, and the value behind it for programs.</summary>
/// <param name="Text">For people.</param>
/// <param name="Value">For programs: a number, a text, or nothing.</param>
internal readonly record struct Cell(string Text, object? Value)
{
    public static Cell Empty { get; } = new("", null);

    public static implicit operator Cell(string text) => new(text, text);

    public static Cell Number(double value, string format = "0") =>
        double.IsNaN(value) ? Empty : new(value.ToString(format, CultureInfo.InvariantCulture), Math.Round(value, 4));

    /// <summary>The middle half of a sample, from quartile to quartile.</summary>
    public static Cell Spread(Sample sample, string format = "0") => Range(sample, 0.25, 0.75, format);

    public static Cell Range(Sample sample, double low, double high, string format = "0")
    {
        if (sample.Count == 0)
            return Empty;
        double[] ends = [sample.Quantile(low), sample.Quantile(high)];
        return new(string.Join('-', ends.Select(end => end.ToString(format, CultureInfo.InvariantCulture))), ends);
    }

    /// <summary>Whether a value is as low as it must be.</summary>
    public static Cell Target(double value, double most, string unit) => new(
        string.Create(CultureInfo.InvariantCulture, $"<= {most:0.#}{unit} {(value <= most ? "met" : "MISSED")}"), value <= most);

    /// <summary>Whether a value is as high as it must be.</summary>
    public static Cell AtLeast(double value, double least, string unit) => new(
        string.Create(CultureInfo.InvariantCulture, $">= {least:0.##}{unit} {(value >= least ? "met" : "MISSED")}"), value >= least);
}
