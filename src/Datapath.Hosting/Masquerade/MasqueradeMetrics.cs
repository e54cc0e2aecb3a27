using System.Diagnostics.Metrics;
using Datapath.Linux;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Datapath.Hosting;

/// <summary>What the engine of masquerading counts, and how many flows it has, read when somebody collects.</summary>
internal sealed class MasqueradeMetrics(IMasquerade masquerade, IOptions<DatapathOptions> options, IMeterFactory meters) : IHostedService, IDisposable
{
    private const string Refused = "datapath.masquerade.packet.refused";
    private const string ListenerTag = "datapath.listener";
    private const string RefusedText = "Packets that were dropped, by reason.";

    private CounterInstruments? _instruments;

    /// <summary>Where each counter shows, of whatever engine has it.</summary>
    internal static IReadOnlyDictionary<string, CounterPlace> Places { get; } = new Dictionary<string, CounterPlace>
    {
        ["Flows"] = new("datapath.masquerade.flow.created", "{flow}", "Flows that were given a mapping."),
        ["RefusedNoPort"] = new(Refused, "{packet}", RefusedText, "no_port"),
        ["RefusedFull"] = new(Refused, "{packet}", RefusedText, "full"),
        ["RefusedNoAddress"] = new(Refused, "{packet}", RefusedText, "no_address"),
        ["RefusedProtocol"] = new(Refused, "{packet}", RefusedText, "protocol"),
        ["RefusedFragment"] = new(Refused, "{packet}", RefusedText, "fragment"),
        ["RefusedFragmentExpired"] = new(Refused, "{packet}", RefusedText, "fragment_expired"),
        ["RefusedFragmentCrowded"] = new(Refused, "{packet}", RefusedText, "fragment_crowded"),
        ["RefusedTagged"] = new(Refused, "{packet}", RefusedText, "tagged"),
        ["Reordered"] = new("datapath.masquerade.packet.reordered", "{packet}", "Fragments that came before their first, and went on with it."),
        ["RefusedMalformed"] = new(Refused, "{packet}", RefusedText, "malformed"),
        ["UnknownFragment"] = new("datapath.masquerade.packet.unknown_fragment", "{packet}", "Incoming fragments whose first was not seen and that could not wait for it, left to the machine."),
        ["Orphan"] = new("datapath.masquerade.packet.orphan", "{packet}", "TCP packets of connections that nobody knows, left alone."),
        ["ManyTries"] = new("datapath.masquerade.flow.many_tries", "{flow}", "Mappings that took more than 16 tries."),
        ["Repaired"] = new("datapath.masquerade.flow.repaired", "{flow}", "Flows whose lost entry was made anew."),
        ["RefusedMoving"] = new(Refused, "{packet}", RefusedText, "moving"),
        ["NoRouteSource"] = new("datapath.masquerade.flow.no_route_source", "{flow}", "Flows that got the address of their device, because the kernel does not tell that of a route."),
        ["MappedByPeer"] = new("datapath.masquerade.flow.mapped_by_peer", "{flow}", "Flows that were given another port than their source has for all peers, because it was taken."),
        ["HostMoved"] = new("datapath.masquerade.flow.host_moved", "{flow}", "Flows of the machine itself, or of others with its addresses, that were given another port, because a pod had theirs."),
    };

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.Masquerade.Enabled)
            return Task.CompletedTask;
        var meter = meters.Create(DatapathMetrics.MeterName);
        var counters = masquerade.ReadCounters();
        var instruments = new CounterInstruments(meter, Places.Where(place => counters.ContainsKey(place.Key)), masquerade.ReadCounters);
        _ = meter.CreateObservableGauge("datapath.masquerade.flow.active", () => Measure(instruments), "{flow}", "Flows that are translated now.");
        _ = meter.CreateObservableGauge(
            "datapath.masquerade.port.utilization", () => MeasurePorts(instruments), "1", "The part of its ports that an address uses towards the peer where it uses most.");
        if (masquerade is LinuxMasquerade engine)
        {
            MapInstruments.Add(meter, instruments, engine.ReadMapFill);
            _ = meter.CreateObservableCounter(
                "datapath.masquerade.event.lost", () => MeasureLost(instruments, engine), "{event}", "Events that a listener asked for and that found no room in its ring.");
        }

        _instruments = instruments;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => _instruments?.Dispose();

    // One value for each address and protocol: peers are without number.
    private Measurement<double>[] MeasurePorts(CounterInstruments instruments) =>
        instruments.IfAlive(() => MasqueradePortUse.Of(masquerade.ReadFlows(), options.Value.Masquerade.UsablePorts)) is not { } uses
            ? []
            : [
                .. uses.DistinctBy(static use => (use.Translated, use.Protocol)) // the fullest comes first
                    .Select(static use => new Measurement<double>(
                        use.Use, KeyValuePair.Create("datapath.address", (object?)use.Translated.ToString()), KeyValuePair.Create("datapath.protocol", (object?)FlowProtocol.NameOf(use.Protocol)))),
            ];

    private static Measurement<long>[] MeasureLost(CounterInstruments instruments, LinuxMasquerade engine) =>
        instruments.IfAlive(() => (Watch: engine.ReadLostEvents(ofLog: false), Log: engine.ReadLostEvents(ofLog: true))) is { } lost
        ? [new(lost.Watch, KeyValuePair.Create(ListenerTag, (object?)"watch")), new(lost.Log, KeyValuePair.Create(ListenerTag, (object?)"log"))]
        : [];

    private Measurement<long>[] Measure(CounterInstruments instruments) =>
        instruments.IfAlive(() => (long)masquerade.CountFlows()) is { } count ? [new(count)] : [];
}
