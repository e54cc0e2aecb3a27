using System.Globalization;

namespace Datapath.Agent.Output;

/// <summary>Masquerading, for people.</summary>
internal static class NatScreen
{
    public static void Flows(IEnumerable<FlowRow> flows)
    {
        var table = Screen.Table("PROTOCOL", "SOURCE", "POD", "LEAVES AS", "PEER", "AGE", "IDLE", "EXPIRES IN", "ANSWERED");
        foreach (var f in flows)
            Screen.AddRow(table, f.Protocol, f.Source, f.Pod ?? "-", f.Translated, f.IsMapping ? "(all peers)" : f.Peer, f.Age is { } age ? Time(age) : "-", Time(f.Idle), f.ExpiresIn is { } left ? Time(left) : "-", f.IsAnswered ? "yes" : "no");
        Screen.Write(table);
    }

    public static void Report(NatReport report)
    {
        var facts = new List<(string, string)>();
        if (report.Failure is { } failure)
            facts.Add(("Old rules:", failure));
        facts.AddRange(report.Devices.Select(static (d, i) => (i == 0 ? "Devices:" : "", $"{d.Name} as {Describe(d)}")));
        if (report.Devices.Count == 0)
            facts.Add(("Devices:", "none: nothing is translated"));
        facts.Add(("Flows:", $"{report.Flows} of {report.MaxFlows} for each family{(report.Mappings == 0 ? "" : $", and {report.Mappings} ports for all peers, which count too")}"));
        facts.Add(("Ports:", $"{report.Ports} of each address towards each peer"));
        facts.AddRange(report.Counters.Select(static (c, i) => (i == 0 ? "Counters:" : "", $"{c.Key} {c.Value}")));
        facts.AddRange(report.Remarks.Select(static (d, i) => (i == 0 ? "Rules:" : "", $"{d.Severity.ToLowerInvariant()}: {Screen.Describe(d)}")));
        facts.AddRange(report.Warnings.Select(static (w, i) => (i == 0 ? "Warnings:" : "", w)));
        Screen.Facts(facts);

        var peers = Screen.Table("PEER", "PROTOCOL", "LEAVES AS", "FLOWS", "OF THE PORTS");
        foreach (var use in report.Peers)
            Screen.AddRow(peers, use.Peer, use.Protocol, use.Translated, $"{use.Flows}", Percent(use.Use));
        Console.WriteLine();
        Screen.Write("Peers with most flows", peers);
        if (report.AllPeers.Count > 0)
        {
            var mappings = Screen.Table("LEAVES AS", "PROTOCOL", "SOURCES", "OF THE PORTS");
            foreach (var use in report.AllPeers)
                Screen.AddRow(mappings, use.Translated, use.Protocol, $"{use.Mappings}", Percent(use.Use));
            Screen.Write("Ports that serve all peers of their source", mappings);
        }

        var sources = Screen.Table("SOURCE", "POD", "FLOWS");
        foreach (var source in report.Sources)
            Screen.AddRow(sources, source.Source, source.Pod ?? "-", $"{source.Flows}");
        Screen.Write("Sources with most flows", sources);
    }

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.##}%");

    private static string Describe(NatDeviceRow device) =>
        string.Join(", ", new[] { device.IPv4, device.IPv6 }.OfType<string>()) is { Length: > 0 } addresses ? addresses : "nothing: it has no address";

    private static string Time(double seconds) => seconds < 120
        ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0.#}s")
        : TimeSpan.FromSeconds(Math.Round(seconds)).ToString("c", CultureInfo.InvariantCulture);
}
