using Datapath.Linux.Netlink;

namespace Datapath.Linux.Masquerade;

/// <summary>Makes changes of a table of nf_tables of rules.</summary>
internal static class RuleCompiler
{
    // The place that nft(8) calls "srcnat", and iptables' nat, is 100. Ours come before those: what is translated here is not asked about there.
    private const int Priority = 99;

    /// <summary>The table without chains, so that the kernel neither translates nor tracks for it: what is there already stays.</summary>
    /// <param name="options">Its name, and whose it is.</param>
    /// <param name="isAnew">Whether nothing of what is there stays.</param>
    public static NftBatch MakeTable(NftablesMasqueradeOptions options, bool isAnew)
    {
        var batch = new NftBatch(options.Table);
        if (isAnew)
            batch.DeleteTable();
        batch.AddTable(options.Owner);
        foreach (var counter in RuleCounters.Names)
            batch.AddCounter(counter);
        return batch;
    }

    /// <summary>Makes rules beside those in force; nothing leads to them yet, and those that translate are missing.</summary>
    /// <param name="options">The table, the ports and the patterns of devices.</param>
    /// <param name="names">The names of what is made.</param>
    /// <param name="state">What the rules are to say.</param>
    /// <param name="found">The devices, if no pattern means them.</param>
    /// <param name="isAnew">Whether nothing of the table stays that is there.</param>
    public static NftBatch MakeRules(NftablesMasqueradeOptions options, RuleNames names, MasqueradeState state, IEnumerable<string> found, bool isAnew)
    {
        var batch = MakeTable(options, isAnew);
        var (sets, chains, rows) = (new RuleSets(batch, names), new RuleChains(batch, names, options), new VerdictRows(state));
        AddVerdicts(sets, chains, state);
        for (var row = 0; row < rows.Count; row++)
        {
            foreach (var family in NftFamily.All)
                sets.AddDestinations(family, state.Destinations, rows, row);
            chains.AddRow(row);
        }

        if (options.Devices.IsDefaultOrEmpty)
            sets.AddFoundDevices(found);
        else
            sets.AddDevices(options.Devices);
        sets.AddInterfaces(state.Sources, rows);
        foreach (var family in NftFamily.All)
        {
            sets.AddSources(family, state.Sources, rows);
            chains.AddFamily(family);
        }

        return batch;
    }

    /// <summary>
    /// Puts rules that are there in force; nothing leads to those before any more. All that has the kernel track connections is made here, with the rules: a flow
    /// that it has seen without them is never translated.
    /// </summary>
    public static NftBatch SwitchTo(NftablesMasqueradeOptions options, RuleNames names, MasqueradeState state)
    {
        var batch = new NftBatch(options.Table);
        var chains = new RuleChains(batch, names, options);
        batch.AddChain(RuleNames.Entry, new("nat", Nfnl.NF_INET_POST_ROUTING, Priority));
        chains.SwitchEntry();
        foreach (var verdict in state.Verdicts.Distinct())
            chains.FillVerdict(verdict, family => AddressesOf(state, family, verdict.AddressChoice));

        // Without any rule that translates, the kernel would stop to look connections up, and flows that run would lose their addresses.
        batch.AddChain(RuleNames.Tracking);
        batch.ClearChain(RuleNames.Tracking);
        batch.AddRule(RuleNames.Tracking, new NftMasquerade());
        return batch;
    }

    /// <summary>Lets no flow begin that leaves by some devices. Those that run go on.</summary>
    public static NftBatch HoldNewFlows(string table, IEnumerable<string> devices)
    {
        var batch = new NftBatch(table);
        batch.AddChain(RuleNames.Hold, new("nat", Nfnl.NF_INET_POST_ROUTING, Priority - 1)); // of a flow, chains of this type see the first packet alone
        batch.ClearChain(RuleNames.Hold);
        foreach (var device in devices)
            RuleChains.DropLeaving(batch, RuleNames.Hold, device);
        return batch;
    }

    /// <summary>Lets flows begin again.</summary>
    public static NftBatch ReleaseNewFlows(string table)
    {
        var batch = new NftBatch(table);
        batch.ClearChain(RuleNames.Hold);
        batch.DeleteChain(RuleNames.Hold);
        return batch;
    }

    /// <summary>Has rules in force, which no pattern tells devices, follow some that go and others that come.</summary>
    public static NftBatch ChangeDevices(string table, RuleNames names, IEnumerable<string> gone, IEnumerable<string> come)
    {
        var batch = new NftBatch(table);
        new RuleSets(batch, names).ChangeFoundDevices(gone, come);
        return batch;
    }

    /// <summary>Removes rules to which nothing leads any more.</summary>
    public static NftBatch RemoveRules(string table, IEnumerable<string> chains, IEnumerable<string> sets)
    {
        var batch = new NftBatch(table);
        string[] old = [.. chains];
        foreach (var chain in old)
            batch.ClearChain(chain);
        foreach (var set in sets)
            batch.DeleteSet(set);
        foreach (var chain in old)
            batch.DeleteChain(chain);
        return batch;
    }

    private static void AddVerdicts(RuleSets sets, RuleChains chains, MasqueradeState state)
    {
        MasqueradeVerdict[] verdicts = [.. state.Verdicts.Distinct()];
        foreach (var choice in verdicts.Where(static verdict => verdict.Action is MasqueradeAction.Translate).Select(static verdict => verdict.AddressChoice).Distinct())
        {
            foreach (var family in NftFamily.All)
            {
                if (AddressesOf(state, family, choice) is { Length: > 1 } several)
                    sets.AddAddresses(family, choice, several);
            }
        }

        foreach (var verdict in verdicts)
            chains.AddVerdict(verdict);
    }

    private static byte[][] AddressesOf(MasqueradeState state, NftFamily family, byte choice) =>
        [.. state.AddressChoices[choice].Addresses.Where(address => address.AddressFamily == family.Socket).Select(static address => address.GetAddressBytes())];
}
