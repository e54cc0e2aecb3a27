namespace Datapath.Policy.Tests.Conformance;

/// <summary>A cell that is not as it should be, or a row that should be there or should not.</summary>
/// <param name="Table">The table.</param>
/// <param name="Row">The key of the row.</param>
/// <param name="Column">The column; <see cref="WholeRow"/> if all of the row is meant, <see cref="Order"/> if the places of the rows are.</param>
/// <param name="Expected">What should be there, as JSON.</param>
/// <param name="Actual">What is there, as JSON.</param>
internal sealed record Mismatch(string Table, string Row, string Column, string Expected, string Actual)
{
    public const string WholeRow = "*";
    public const string Order = "(order)";
    public const string Absent = "\"absent\"";
    public const string Present = "\"present\"";

    public override string ToString() => $"{Table} [{Row}] {Column}: expected {Expected}, is {Actual}";
}
