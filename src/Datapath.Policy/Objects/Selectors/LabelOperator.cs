namespace Datapath.Policy;

/// <summary>What a <see cref="LabelRequirement"/> asks of a label.</summary>
public enum LabelOperator
{
    /// <summary>It is there, with one of the values.</summary>
    In,

    /// <summary>It is not there, or has none of the values.</summary>
    NotIn,

    /// <summary>It is there.</summary>
    Exists,

    /// <summary>It is not there.</summary>
    DoesNotExist,
}
