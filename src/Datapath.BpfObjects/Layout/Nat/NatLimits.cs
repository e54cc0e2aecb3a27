namespace Datapath.BpfObjects.Layout;

/// <summary>Sizes of what the rules are kept in.</summary>
[KernelType("dp_nat_limits")]
public enum NatLimits
{
    /// <summary>Classes of sources, and of destinations.</summary>
    Classes = 256,

    /// <summary>Sets of rules that are kept at the same time: one in force, one to come.</summary>
    Generations = 2,

#pragma warning disable CA1069 // it is the same by chance
    /// <summary>Choices of addresses of a set of rules.</summary>
    Choices = 256,
#pragma warning restore CA1069

    /// <summary>Addresses of each family of a choice.</summary>
    ChoiceAddresses = 16,

    /// <summary>Words of 64 bits for a bit for each port.</summary>
    PortWords = 1024,

    /// <summary>Beside the number of the class of forwarded packets: some are translated that have no class by their address.</summary>
    ByOrigin = 65536,
}
