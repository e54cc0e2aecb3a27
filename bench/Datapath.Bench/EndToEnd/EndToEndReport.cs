using System.Globalization;
using Datapath.Bench.Results;

namespace Datapath.Bench.EndToEnd;

internal static class EndToEndReport
{
    /// <summary>At most this part of what Cilium adds.</summary>
    private const double PartOfReference = 0.5;

    public static ResultTable Make(EndToEndCase[] cases)
    {
        var table = new ResultTable(
            "B",
            "Client and server on one CPU, ns (median of the rounds' medians, p99: of their 99th percentiles; added: round by round)",
            "case", "measured", "none", "floor", "datapath", "p99", "added by floor", "added by datapath", "quartiles", "of none", "Cilium, elsewhere", "target",
            "its share halved");
        foreach (var exchangeCase in cases)
        {
            Add(table, exchangeCase.Name, exchangeCase.Call, exchangeCase.Dial, exchangeCase.CallReference);
            Add(table, exchangeCase.Name, "socket() to close()", exchangeCase.Cycle, exchangeCase.CycleReference);
        }

        table.Notes.Add("Cilium 1.19.4 was measured on another machine, where 'none' was 3,661 and 4,496 ns (TCP) and 3,957 ns (UDP).");
        table.Notes.Add("Its nanoseconds count here only if 'none' is alike. Its share of 'none' travels better, but is a hint: run both on one machine to know.");
        return table;
    }

    private static void Add(ResultTable table, string name, string what, EndToEndResult result, Reference? reference)
    {
        var share = result.Added.Median / result.None.Median;
        table.Add(
            name,
            what,
            Cell.Number(result.None.Median),
            Cell.Number(result.Floor.Median),
            Cell.Number(result.Datapath.Median),
            Cell.Number(result.Tail.Median),
            Cell.Number(result.AddedByFloor.Median),
            Cell.Number(result.Added.Median),
            Cell.Spread(result.Added),
            Cell.Number(100 * share, "0.0'%'"),
            reference is null ? Cell.Empty : string.Create(CultureInfo.InvariantCulture, $"{reference.Added:0} ({100 * reference.Share:0.0}%)"),
            reference is null ? Cell.Empty : Cell.Target(result.Added.Median, PartOfReference * reference.Added, " ns"),
            reference is null ? Cell.Empty : CompareShare(share, PartOfReference * reference.Share));
    }

    private static Cell CompareShare(double share, double half) =>
        string.Create(CultureInfo.InvariantCulture, $"{(share <= half ? "below" : "above")} {100 * half:0.0}%");
}
