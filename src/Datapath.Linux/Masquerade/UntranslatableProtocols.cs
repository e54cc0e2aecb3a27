namespace Datapath.Linux;

/// <summary>What becomes of packets of protocols whose ports cannot be changed, or that have none: SCTP, GRE, ESP and others.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public enum UntranslatableProtocols
{
    /// <summary>They are dropped, and counted.</summary>
    Drop,

    /// <summary>They leave as they are, with the source's own address.</summary>
    Pass,

    /// <summary>Their address alone is translated: of each protocol, one source at a time for each peer.</summary>
    TranslateAddress,
}
