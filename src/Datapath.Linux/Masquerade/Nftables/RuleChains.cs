using System.Buffers.Binary;
using Datapath.Linux.Netlink;

namespace Datapath.Linux.Masquerade;

/// <summary>The chains of the rules: from packets to rows of the table of verdicts, from there to what is done.</summary>
internal sealed class RuleChains(NftBatch batch, RuleNames names, NftablesMasqueradeOptions options)
{
    /// <summary>RTN_LOCAL: an address of the device.</summary>
    private const int OwnAddress = 2;

    // An IPv6 address and a name take four registers.
    private static readonly NftRegister s_scratch = new(0);
    private static readonly NftRegister s_long = new(4);
    private static readonly NftRegister s_firstPort = new(8);
    private static readonly NftRegister s_lastPort = new(9);

    private readonly NftPorts _ports = new(s_firstPort, s_lastPort, options.RandomPorts);

    /// <summary>A rule by which packets go nowhere that leave by a device.</summary>
    public static void DropLeaving(NftBatch batch, string chain, string device) =>
        batch.AddRule(chain, new NftMeta(Nft.NFT_META_OIFNAME, s_long), new NftEqual(s_long, RuleSets.KeyOf(device)), new NftDecide(NftVerdict.Drop));

    /// <summary>The chain that packets enter leads to the rules to come, instead of those in force.</summary>
    public void SwitchEntry()
    {
        batch.ClearChain(RuleNames.Entry);
        foreach (var family in NftFamily.All)
        {
            batch.AddRule(
                RuleNames.Entry,
                new NftMeta(Nft.NFT_META_OIFNAME, s_long),
                new NftContains(s_long, names.Devices),
                new NftMeta(Nft.NFT_META_NFPROTO, s_scratch),
                new NftEqual(s_scratch, new[] { family.Number }),
                new NftDecide(NftVerdict.GoTo(names.Family(family.Name))));
        }
    }

    /// <summary>The chain of a family, which leads to rows. Make its sets first.</summary>
    public void AddFamily(NftFamily family)
    {
        var chain = names.Family(family.Name);
        batch.AddChain(chain);

        // The machine's own, from the address that others are translated to: connection tracking gives it another port if it has to.
        batch.AddRule(
            chain,
            new NftMeta(Nft.NFT_META_IIF, s_scratch),
            new NftEqual(s_scratch, BitConverter.GetBytes(0)),
            new NftSourceType(s_scratch),
            new NftEqual(s_scratch, BitConverter.GetBytes(OwnAddress)),
            new NftCount(nameof(MasqueradeReason.NatAddress)),
            new NftDecide(NftVerdict.Accept));
        batch.AddRule(chain, family.LoadSource(s_long), new NftMapped(s_long, names.Sources(family.Name), To: null));
        batch.AddRule(chain, new NftMeta(Nft.NFT_META_IIFNAME, s_long), new NftMapped(s_long, names.Interfaces, To: null));
    }

    /// <summary>The chain of a row, which leads to verdicts. Make its sets first.</summary>
    public void AddRow(int row)
    {
        batch.AddChain(names.Row(row));
        foreach (var family in NftFamily.All)
        {
            batch.AddRule(
                names.Row(row),
                new NftMeta(Nft.NFT_META_NFPROTO, s_scratch),
                new NftEqual(s_scratch, new[] { family.Number }),
                family.LoadDestination(s_long),
                new NftMapped(s_long, names.Destinations(family.Name, row), To: null));
        }
    }

    /// <summary>The chain of a verdict, without its rules.</summary>
    public void AddVerdict(MasqueradeVerdict verdict) => batch.AddChain(names.Verdict(verdict));

    /// <summary>The rules of the chain of a verdict. Make the sets of its addresses first.</summary>
    /// <param name="verdict">The verdict.</param>
    /// <param name="addressesOf">The addresses of a family of which a source gets one; none if it gets the device's.</param>
    public void FillVerdict(MasqueradeVerdict verdict, Func<NftFamily, byte[][]> addressesOf)
    {
        var chain = names.Verdict(verdict);
        if (verdict.Action is not MasqueradeAction.Translate)
        {
            batch.AddRule(chain, new NftCount(verdict.Reason.ToString()), new NftDecide(NftVerdict.Accept));
            return;
        }

        batch.AddRule(chain, new NftCount(RuleCounters.Flows), new NftCount(verdict.Reason.ToString()));
        foreach (var family in NftFamily.All)
        {
            batch.AddRule(chain,
            [
                new NftMeta(Nft.NFT_META_NFPROTO, s_scratch),
                new NftEqual(s_scratch, new[] { family.Number }),
                new NftValue(Port(options.FirstPort), s_firstPort),
                new NftValue(Port(options.LastPort), s_lastPort),
                .. Translate(family, verdict.AddressChoice, addressesOf(family)),
            ]);
        }
    }

    private static byte[] Port(ushort port)
    {
        var bytes = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, port);
        return bytes;
    }

    private NftExpression[] Translate(NftFamily family, byte choice, byte[][] addresses) => addresses switch
    {
        [] => [new NftMasquerade(_ports)],
        [var address] => [new NftValue(address, s_long), new NftSourceNat(family.Number, s_long, _ports)],
        _ =>
        [
            family.LoadSource(s_long),
            new NftHash(s_long, family.Address.Length, addresses.Length, s_scratch),
            new NftMapped(s_scratch, names.Addresses(family.Name, choice), s_long),
            new NftSourceNat(family.Number, s_long, _ports),
        ],
    };
}
