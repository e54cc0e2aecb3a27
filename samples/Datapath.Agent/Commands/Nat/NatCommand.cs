using System.CommandLine;

namespace Datapath.Agent.Commands.Nat;

/// <summary><c>nat</c>: masquerading.</summary>
internal static class NatCommand
{
    public static Command Create() => new("nat", "Masquerading: packets that leave with another source address.")
    {
        NatListCommand.Create(),
        NatStatsCommand.Create(),
        NatExplainCommand.Create(),
        NatMonitorCommand.Create(),
    };
}
