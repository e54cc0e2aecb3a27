using Datapath.Linux;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>The keys of masquerading.</summary>
internal static class MasqueradeKeys
{
    public static KeyGroup Masquerade() => new(new Dictionary<string, ConfigurationKey>
    {
        ["addresses"] = DatapathKeys.List(ValueForms.Address, "IP addresses", static o => o.Masquerade.Addresses),
        ["addressSource"] = DatapathKeys.Choice<MasqueradeAddressSource>(static (o, value) => o.Masquerade.AddressSource = value),
        ["devices"] = DatapathKeys.List(ValueForms.Text, "names of devices", static o => o.Masquerade.Devices),
        ["dropWarnings"] = DatapathKeys.Switch(static (o, value) => o.Masquerade.WarnsOfDrops = value),
        ["enabled"] = DatapathKeys.Switch(static (o, value) => o.Masquerade.Enabled = value),
        ["engine"] = DatapathKeys.Choice<MasqueradeEngine>(static (o, value) => o.Masquerade.Engine = value),
        ["forwarded"] = DatapathKeys.Switch(static (o, value) => o.Masquerade.Forwarded = value),
        ["interfaces"] = DatapathKeys.List(ValueForms.Text, "names of interfaces", static o => o.Masquerade.Interfaces),
        ["mappingLog"] = new OptionalTextKey(static (o, value) => o.Masquerade.MappingLog = value),
        ["masqueradeCIDRs"] = DatapathKeys.Networks(static o => o.Masquerade.MasqueradeCidrs),
        ["maxFlows"] = DatapathKeys.Number(static (o, value) => o.Masquerade.MaxFlows = value),
        ["nonMasqueradeCIDRs"] = DatapathKeys.Networks(static o => o.Masquerade.NonMasqueradeCidrs ??= []),
        ["podCIDRs"] = DatapathKeys.Networks(static o => o.Masquerade.PodCidrs),
        ["pools"] = new PoolsKey(),
        ["portMapping"] = DatapathKeys.Choice<PortMapping>(static (o, value) => o.Masquerade.PortMapping = value),
        ["ports"] = new ValueKey<PortRange>(ValueForms.Ports, static (o, value) => o.Masquerade.Ports = value),
        ["remoteNodes"] = DatapathKeys.Choice<RemoteNodeMode>(static (o, value) => o.Masquerade.RemoteNodes = value),
        ["reservedPorts"] = DatapathKeys.List(ValueForms.PortOrPorts, "ports and ranges of ports", static o => o.Masquerade.ReservedPorts),
        ["sources"] = DatapathKeys.Networks(static o => o.Masquerade.Sources),
        ["untranslatable"] = DatapathKeys.Choice<UntranslatableProtocols>(static (o, value) => o.Masquerade.Untranslatable = value),
    });

    public static KeyGroup Agent() => new(new Dictionary<string, ConfigurationKey>
    {
        ["enabled"] = DatapathKeys.Switch(static (o, value) => o.Masquerade.UsesAgentFile = value),
        ["path"] = DatapathKeys.Text(static (o, value) => o.Masquerade.AgentFile = value),
    });
}
