namespace Datapath.Linux.Netlink;

/// <summary>Takes the messages of an answer. A struct, so that a long answer costs no allocation and no indirect call.</summary>
internal interface INetlinkMessageVisitor
{
    /// <summary>Takes one message, which must not be kept: the buffer is used again.</summary>
    void Visit(NetlinkMessage message);
}
