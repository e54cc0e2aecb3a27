using Datapath.Linux;

namespace Datapath.Agent.Output;

/// <summary>How parts of the datapath stand, in words.</summary>
internal static class FeatureWords
{
    public const string NotEffective = "not effective";

    public static string Of(FeatureState state) => state switch
    {
        FeatureState.Off => "off",
        FeatureState.On => "on",
        FeatureState.NotEffective => NotEffective,
        FeatureState.Unavailable => "unavailable",
        _ => $"state {(int)state}",
    };
}
