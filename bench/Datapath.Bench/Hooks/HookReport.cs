using System.Globalization;
using Datapath.Bench.Results;

namespace Datapath.Bench.Hooks;

internal static class HookReport
{
    public static ResultTable Make(Dictionary<HookCase, HookResult> results)
    {
        var table = new ResultTable(
            "A",
            "Hooks, ns per run by the kernel's clock (median of rounds, quartiles; net: without what the empty program takes)",
            "case", "empty", "floor", "datapath", "quartiles", "net floor", "net datapath", "datapath/floor", "quartiles of ratio", "target");
        foreach (var (hookCase, result) in results)
        {
            table.Add(
                hookCase.Name,
                Cell.Number(result.Empty.Median, "0.0"),
                Cell.Number(result.Floor.Median, "0.0"),
                Cell.Number(result.Datapath.Median, "0.0"),
                Cell.Spread(result.Datapath),
                Cell.Number(result.Floor.Median - result.Empty.Median, "0.0"),
                Cell.Number(result.Datapath.Median - result.Empty.Median, "0.0"),
                Cell.Number(result.Ratio.Median, "0.00"),
                Cell.Spread(result.Ratio, "0.00"),
                hookCase.MostOfFloor is { } most ? Cell.Target(result.Ratio.Median, most, " x floor") : Cell.Empty);
        }

        var hot = results
            .Where(static r => r.Key.Listener is ListenerState.None && r.Key.Name.StartsWith("connect4 hit, hot", StringComparison.Ordinal))
            .ToDictionary(static r => r.Key.IsMany, static r => r.Value.Datapath.Median);
        table.Notes.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"Hot and the number of services: {hot[true] / hot[false]:0.00} times the cost with 10,000 of that with one (target: flat)."));
        table.Notes.Add(ListenerCases.Note(results));
        return table;
    }
}
