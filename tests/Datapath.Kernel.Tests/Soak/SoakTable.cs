using System.Globalization;
using System.Text;

namespace Datapath.Kernel.Tests.Soak;

/// <summary>Reports as people read them.</summary>
internal static class SoakTable
{
    public static string Print(ISoakReport report)
    {
        var text = new StringBuilder("| | |\n|---|---:|\n");
        foreach (var (name, value) in report.Rows())
            _ = text.Append(CultureInfo.InvariantCulture, $"| {name} | {value:#,0} |\n");
        foreach (var fault in report.Faults)
            _ = text.Append(fault).Append('\n');
        return text.ToString();
    }
}
