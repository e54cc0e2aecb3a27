using System.Net.Sockets;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Masquerade;

/// <summary>The rules in the kernel. All of them change at once: new ones are written beside those in force, and one number says which count.</summary>
internal sealed class RuleTables : IDisposable
{
    private readonly NatStateMap _state;
    private readonly BpfMappedArray<NatTable> _tables;
    private readonly BpfMappedArray<NatChoice> _choices;
    private readonly BpfHashMap<NatInterfaceKey, NatClass> _interfaces;
    private readonly PrefixTable<NatPrefix4, Ipv4Rules> _sources4;
    private readonly PrefixTable<NatPrefix6, Ipv6Rules> _sources6;
    private readonly PrefixTable<NatPrefix4, Ipv4Rules> _destinations4;
    private readonly PrefixTable<NatPrefix6, Ipv6Rules> _destinations6;
    private readonly GracePeriod _gracePeriod = new();

    public RuleTables(NatStateMap natState, IReadOnlyDictionary<string, BpfMap> maps)
    {
        _state = natState;
        _tables = maps[MasqueradeObject.Table].MapMemory<NatTable>();
        _choices = maps[MasqueradeObject.Choices].MapMemory<NatChoice>();
        _interfaces = maps[MasqueradeObject.Interfaces].AsHash<NatInterfaceKey, NatClass>();
        _sources4 = new(maps[MasqueradeObject.Sources4]);
        _sources6 = new(maps[MasqueradeObject.Sources6]);
        _destinations4 = new(maps[MasqueradeObject.Destinations4]);
        _destinations6 = new(maps[MasqueradeObject.Destinations6]);
        State = MasqueradeState.Off;
    }

    /// <summary>The rules in force, as far as they are known: none before the first are set.</summary>
    public MasqueradeState State { get; private set; }

    /// <summary>Whether rules of an earlier process are in force, of which no more is known.</summary>
    public bool AreAdopted { get; private set; }

    private uint Generation => _state.Value.Generation;

    /// <summary>Takes over the rules that an earlier process put in force.</summary>
    public void Adopt()
    {
        _gracePeriod.Wait(); // it may have ended just after it put others in force
        _sources4.Adopt(Generation);
        _sources6.Adopt(Generation);
        _destinations4.Adopt(Generation);
        _destinations6.Adopt(Generation);
        RemoveInterfaces(static (generation, inForce) => generation != inForce, Generation);
        AreAdopted = Generation != 0;
    }

    /// <summary>Sets the ports that flows are given.</summary>
    public void SetPorts(ushort first, ushort last)
    {
        ref var state = ref _state.Value;
        (state.FirstPort, state.LastPort) = (first, last);
    }

    /// <summary>Puts rules in force, for flows that begin from then on.</summary>
    /// <param name="state">The rules.</param>
    /// <param name="interfaces">The devices of the machine, index and name.</param>
    /// <exception cref="BpfException">There is no room for them. Those before stay in force.</exception>
    /// <exception cref="ArgumentException">There are more choices of addresses, or more addresses of a choice, than the programs know.</exception>
    public void Set(MasqueradeState state, IReadOnlyCollection<(int Index, string Name)> interfaces)
    {
        var next = unchecked(Generation + 1);
        WriteChoices(state, next);
        WriteTable(state, next);
        try
        {
            _sources4.Write(state.Sources.Prefixes, next);
            _sources6.Write(state.Sources.Prefixes, next);
            _destinations4.Write(state.Destinations.Prefixes, next);
            _destinations6.Write(state.Destinations.Prefixes, next);
            WriteInterfaces(state, interfaces, next);
        }
        catch
        {
            _sources4.Discard();
            _sources6.Discard();
            _destinations4.Discard();
            _destinations6.Discard();
            RemoveInterfaces(static (generation, next) => generation == next, next);
            throw;
        }

        Volatile.Write(ref _state.Value.Generation, next);
        (State, AreAdopted) = (state, false);
        _gracePeriod.Wait(); // a program that runs now may have read the number before
        _sources4.Commit();
        _sources6.Commit();
        _destinations4.Commit();
        _destinations6.Commit();
        RemoveInterfaces(static (generation, next) => generation != next, next);
    }

    /// <summary>Notes devices that have come, or gone, since the rules were put in force.</summary>
    public void SetInterfaces(IReadOnlyCollection<(int Index, string Name)> interfaces)
    {
        if (State.Sources.Interfaces.IsEmpty)
            return;
        var present = interfaces.Select(static link => (uint)link.Index).ToHashSet();
        _ = _interfaces.RemoveAll([.. _interfaces.ToList().Select(static entry => entry.Key).Where(key => !present.Contains(key.Index))]);
        WriteInterfaces(State, interfaces, Generation);
    }

    public void Dispose()
    {
        _gracePeriod.Dispose();
        _choices.Dispose();
        _tables.Dispose();
    }

    private void WriteTable(MasqueradeState state, uint generation)
    {
        ref var table = ref _tables.DangerousItem((int)(generation % (uint)NatLimits.Generations));
        table = default;
        table.HostClass = state.Sources.HostClass;
        table.ForwardedClass = state.Sources.ForwardedClass;
        var columns = state.Destinations.Classes.Length;
        for (var row = 0; row < state.Sources.Classes.Length; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                var verdict = state.Verdicts[(row * columns) + column];
                if (verdict.Action is not MasqueradeAction.Translate)
                    continue;
                table.Cells[(row * (int)NatLimits.Classes) + column] = (byte)(verdict.AddressChoice + 1);
                table.Translated[row / 64] |= 1UL << (row % 64);
                if (row == state.Sources.ForwardedClass || state.Sources.Interfaces.Any(known => known.Class == row))
                    table.ForwardedClass |= (uint)NatLimits.ByOrigin;
            }
        }
    }

    private void WriteChoices(MasqueradeState state, uint generation)
    {
        if (state.AddressChoices.Length >= (int)NatLimits.Choices)
            throw new ArgumentException($"{state.AddressChoices.Length} choices of addresses; there may be {(int)NatLimits.Choices - 1}", nameof(state));
        var first = (int)(generation % (uint)NatLimits.Generations) * (int)NatLimits.Choices;
        for (var i = 0; i < state.AddressChoices.Length; i++)
        {
            var choice = state.AddressChoices[i];
            var written = new NatChoice { AsksRoute = choice.Source is MasqueradeAddressSource.Route ? 1U : 0U };
            foreach (var address in choice.Addresses)
            {
                ref var count = ref (address.AddressFamily is AddressFamily.InterNetwork ? ref written.Count4 : ref written.Count6);
                if (count == (int)NatLimits.ChoiceAddresses)
                    throw new ArgumentException($"address choice '{choice.Name}' has more than {(int)NatLimits.ChoiceAddresses} addresses of a family", nameof(state));
                if (address.AddressFamily is AddressFamily.InterNetwork)
                    written.Addresses4[(int)count] = NatAddress.Words4(address);
                else
                    written.Addresses6[(int)count] = NatAddress.Words6(address);
                count++;
            }

            _choices.DangerousItem(first + i) = written;
        }
    }

    private void WriteInterfaces(MasqueradeState state, IReadOnlyCollection<(int Index, string Name)> interfaces, uint generation)
    {
        foreach (var (index, name) in interfaces)
        {
            if (state.Sources.FindByInterface(name) is { Interface: not null } match)
                _interfaces.Set(new NatInterfaceKey { Generation = generation, Index = (uint)index }, new NatClass { Number = match.Class });
        }
    }

    private void RemoveInterfaces(Func<uint, uint, bool> isMeant, uint next) =>
        _ = _interfaces.RemoveAll([.. _interfaces.ToList().Select(static entry => entry.Key).Where(key => isMeant(key.Generation, next))]);
}
