using System.CommandLine;
using Datapath.Agent.Output;

namespace Datapath.Agent.Commands;

/// <summary><c>service list</c>: services and their backends.</summary>
internal static class ServiceListCommand
{
    public static Command Create() => new("service", "Services.")
    {
        AgentListing.Create(
            "Lists services, frontends and backends with their states",
            "`lb list` shows what the kernel holds",
            static agent => agent.Services,
            ReportJson.Readable.IReadOnlyListServiceRow,
            Screen.ServiceTable),
    };
}
