namespace Datapath.BpfObjects.Layout;

/// <summary>What egress NAT counts, for each processor.</summary>
[KernelType("dp_nat_counter")]
public enum NatCounter
{
    /// <summary>Flows that were given a mapping.</summary>
    Flows = 0,

    /// <summary>Packets dropped: no port is free towards the peer.</summary>
    RefusedNoPort = 1,

    /// <summary>Packets dropped: the table of flows is full.</summary>
    RefusedFull = 2,

    /// <summary>Packets dropped: the device has no address of the family.</summary>
    RefusedNoAddress = 3,

    /// <summary>Packets dropped: a protocol without ports that can be changed.</summary>
    RefusedProtocol = 4,

    /// <summary>Packets dropped: fragments whose first has not been seen, and that could not wait for it.</summary>
    RefusedFragment = 5,

    /// <summary>Packets dropped: headers that cannot be changed.</summary>
    RefusedMalformed = 6,

    /// <summary>Incoming fragments left to the machine: their first has not been seen, and they could not wait for it.</summary>
    UnknownFragment = 7,

    /// <summary>TCP packets of connections that nobody knows, left alone.</summary>
    Orphan = 8,

    /// <summary>Mappings that took more than 16 tries.</summary>
    ManyTries = 9,

    /// <summary>Entries of flows that were missing and made anew.</summary>
    Repaired = 10,

    /// <summary>Flows of the machine itself, or of others with its addresses, that were given another port, because a pod had theirs.</summary>
    HostMoved = 11,

    /// <summary>Packets dropped: the first of a flow while flows moved to a table of another size.</summary>
    RefusedMoving = 12,

    /// <summary>Flows that got the address of the device, because the kernel did not tell that of their route.</summary>
    NoRouteSource = 13,

    /// <summary>Fragments that came before their first, and went on with it.</summary>
    Reordered = 14,

    /// <summary>Packets dropped: fragments whose first did not come within a second.</summary>
    RefusedFragmentExpired = 15,

    /// <summary>Packets dropped: fragments that had to make room for others before their first came.</summary>
    RefusedFragmentCrowded = 16,

    /// <summary>Packets dropped: behind more tags of VLANs and labels of MPLS than are read.</summary>
    RefusedTagged = 17,

    /// <summary>Flows that were given another port than the one that their source has for all peers, because it was taken towards theirs.</summary>
    MappedByPeer = 18,
}
