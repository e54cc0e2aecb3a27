using System.Text;

namespace Datapath.Bench.Results;

/// <summary>A table of results.</summary>
/// <param name="part">The letter of the part.</param>
/// <param name="title">What is measured, in which unit.</param>
/// <param name="columns">The headings, each once; the first column names the rows.</param>
internal sealed class ResultTable(string part, string title, params string[] columns)
{
    private readonly List<Cell[]> _rows = [];

    public string Part { get; } = part;

    public string Title { get; } = title;

    /// <summary>What to know when reading it.</summary>
    public List<string> Notes { get; } = [];

    public void Add(params Cell[] row) => _rows.Add(row);

    /// <summary>The rows for programs: values by heading.</summary>
    public IEnumerable<Dictionary<string, object?>> Values() =>
        _rows.Select(row => row
            .Select((cell, i) => (Heading: columns[i], cell.Value))
            .Where(static c => c.Value is not null)
            .ToDictionary(static c => c.Heading, static c => c.Value));

    public override string ToString()
    {
        int[] widths = [.. columns.Select((heading, i) => _rows.Select(row => i < row.Length ? row[i].Text.Length : 0).Append(heading.Length).Max())];
        var text = new StringBuilder().Append(Part).Append(". ").AppendLine(Title).AppendLine();
        AppendLine(text, widths, columns);
        AppendLine(text, widths, [.. widths.Select(static width => new string('-', width))]);
        foreach (var row in _rows)
            AppendLine(text, widths, [.. row.Select(static cell => cell.Text)]);
        foreach (var note in Notes)
            text.AppendLine().Append("  ").Append(note);
        return text.AppendLine().ToString();
    }

    private static void AppendLine(StringBuilder text, int[] widths, string[] cells)
    {
        var line = new StringBuilder("| ");
        for (var i = 0; i < widths.Length; i++)
        {
            var cell = i < cells.Length ? cells[i] : "";
            _ = line.Append(i == 0 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i])).Append(" | ");
        }

        _ = text.AppendLine(line.ToString().TrimEnd());
    }
}
