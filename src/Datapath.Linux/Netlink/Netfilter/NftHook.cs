namespace Datapath.Linux.Netlink;

/// <summary>Where packets enter a chain; those that no rule decides on go on.</summary>
/// <param name="Type">What the chain may do: <c>filter</c>, <c>nat</c> or <c>route</c>.</param>
/// <param name="Number">The hook.</param>
/// <param name="Priority">Chains of the same hook with lower ones come first.</param>
internal sealed record NftHook(string Type, uint Number, int Priority)
{
    internal void Write(ref NetlinkWriter writer)
    {
        var hook = writer.BeginNested(Nft.NFTA_CHAIN_HOOK);
        writer.AddBigEndian(Nft.NFTA_HOOK_HOOKNUM, Number);
        writer.AddBigEndian(Nft.NFTA_HOOK_PRIORITY, Priority);
        writer.EndNested(hook);
        writer.AddBigEndian(Nft.NFTA_CHAIN_POLICY, Nfnl.NF_ACCEPT);
        writer.Add(Nft.NFTA_CHAIN_TYPE, Type);
    }
}
