namespace Datapath.Policy;

/// <summary>Refuses inputs that have nothing where something must be: mistakes of the caller, not of whoever wrote a configuration.</summary>
internal static class MasqueradeInputsCheck
{
    public static void ThrowIfInvalid(MasqueradeInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        if (inputs.Configuration is null)
            throw new ArgumentException($"{nameof(inputs.Configuration)}: must not be null", nameof(inputs));
        NodeConfigurationCheck.ThrowIfInvalid(inputs.Node);
        ThrowIfInvalid(inputs.Nodes, nameof(inputs.Nodes));
        ThrowIfInvalid(inputs.Pods, nameof(inputs.Pods));
        ThrowIfInvalid(inputs.Namespaces, nameof(inputs.Namespaces));
    }

    private static void ThrowIfInvalid(IReadOnlyCollection<KubernetesObject> items, string name)
    {
        if (items is null)
            throw new ArgumentException($"{name}: must not be null; empty for none", nameof(items));
        foreach (var item in items)
        {
            if (item?.Metadata is null)
                throw new ArgumentException($"{name}: an object must not be null, nor its metadata", nameof(items));
        }
    }
}
