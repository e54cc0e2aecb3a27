using Datapath.Linux;

namespace Datapath.Agent.Output;

/// <summary>What the kernel should hold, on its way from the agent to a command.</summary>
internal static class ExpectationRows
{
    public static ExpectationRow Of(DatapathExpectation expected) => new(
        [
            .. expected.Frontends.Select(static f => new ExpectedRow(
                f.Address.ToString(),
                f.Type.ToString(),
                f.AffinitySeconds,
                f.IsHostOnly,
                f.Backends.ToDictionary(static b => b.Address.ToString(), static b => b.Weight))),
        ],
        expected.Programs,
        expected.CgroupId);

    public static DatapathExpectation Read(ExpectationRow row) => new([.. row.Frontends.Select(Read)], [.. row.Programs], row.CgroupId);

    private static ExpectedFrontend Read(ExpectedRow row) => new(
        L4Address.Parse(row.Frontend),
        Enum.Parse<FrontendType>(row.Type),
        [.. row.Backends.Select(static b => new Backend(L4Address.Parse(b.Key)) { Weight = b.Value })])
    {
        AffinitySeconds = row.AffinitySeconds,
        IsHostOnly = row.IsHostOnly,
    };
}
