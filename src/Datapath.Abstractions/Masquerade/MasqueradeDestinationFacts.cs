namespace Datapath;

/// <summary>What is known of where a packet goes. A prefix inside others has their facts too.</summary>
[Flags]
public enum MasqueradeDestinationFacts
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Of a family that is not masqueraded at all.</summary>
    FamilyOff = 1,

    /// <summary>An address of this node.</summary>
    OwnNode = 2,

    /// <summary>An address of another node of the cluster, internal or external.</summary>
    OtherNode = 4,

    /// <summary>In the range that sees the real addresses of pods: the native-routing range or, where it stands in for it, the pod network of this node.</summary>
    NativeRouting = 8,

    /// <summary>In the pod network of this node.</summary>
    OwnPodNetwork = 16,

    /// <summary>In the list of destinations that are not masqueraded, as link-local addresses may be.</summary>
    NonMasquerade = 32,

    /// <summary>In the list of destinations that alone are masqueraded.</summary>
    Masquerade = 64,

    /// <summary>Link-local: 169.254.0.0/16 or fe80::/10.</summary>
    LinkLocal = 128,

    /// <summary>Multicast (224.0.0.0/4 or ff00::/8) or the broadcast address 255.255.255.255.</summary>
    Multicast = 256,
}
