namespace Datapath.Linux.Bpf;

/// <summary>What the verifier writes down of a program that it accepts. Every level costs load time.</summary>
/// <remarks>Minimum kernel: 3.19, unless told otherwise.</remarks>
[Flags]
public enum VerifierLogLevel : uint
{
    /// <summary>Nothing. Of a program that it refuses it always tells why (<see cref="VerifierException.Log"/>).</summary>
    None = 0,

    /// <summary>The path that the verifier is on. It forgets those that it found good, so that little of an accepted program is left.</summary>
    Paths = 1,

    /// <summary>Every instruction with its source line and what is known of the registers there.</summary>
    Instructions = 2,

    /// <summary>How much there was to verify: instructions, states, stack depth. Minimum kernel: 5.2.</summary>
    Statistics = 4,
}
