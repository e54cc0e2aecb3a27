namespace Datapath;

/// <summary>Whose dials a frontend is for, where a service treats its cluster and the world outside differently.</summary>
public enum FrontendScope : byte
{
    /// <summary>Everybody, unless the same address also exists with scope <see cref="Internal"/>; then those from outside.</summary>
    External = 0,

    /// <summary>Programs on the node and in the cluster.</summary>
    Internal = 1,
}
