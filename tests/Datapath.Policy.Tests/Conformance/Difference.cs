using System.Text.Json;

namespace Datapath.Policy.Tests.Conformance;

/// <summary>Something in which this project and given cases differ on purpose.</summary>
/// <param name="Case">The step, <c>suite/test/step</c>.</param>
/// <param name="Table">The table.</param>
/// <param name="Row">The key of the row.</param>
/// <param name="Column">The column.</param>
/// <param name="Value">What is there in this project, as JSON; for a whole row whether it is there, <c>present</c> or <c>absent</c>.</param>
/// <param name="Reason">Why.</param>
internal sealed record Difference(string Case, string Table, string Row, string Column, string Value, string Reason)
{
    /// <summary>Reads a list of differences. One entry may name several rows that differ alike.</summary>
    public static IReadOnlyList<Difference> ReadAll(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(file));
        return
        [
            .. from entry in document.RootElement.EnumerateArray()
               from row in entry.GetProperty("rows").EnumerateArray()
               select new Difference(
                   entry.GetProperty("case").GetString()!,
                   entry.GetProperty("table").GetString()!,
                   row.GetString()!,
                   entry.GetProperty("column").GetString()!,
                   JsonSerializer.Serialize(entry.GetProperty("value")),
                   entry.GetProperty("reason").GetString()!),
        ];
    }

    /// <summary>Whether it is what is wrong there.</summary>
    public bool Explains(ConformanceCase step, Mismatch mismatch) =>
        (step.Name, mismatch.Table, mismatch.Row, mismatch.Column, mismatch.Actual) == (Case, Table, Row, Column, Value);

    public override string ToString() => $"{Case}: {Table} [{Row}] {Column}: {Value}";
}
