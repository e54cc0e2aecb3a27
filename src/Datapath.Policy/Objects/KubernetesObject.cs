namespace Datapath.Policy;

/// <summary>
/// An object as Kubernetes stores it, with the fields that matter to the datapath. Immutable, and equal by value. Nothing is checked
/// on construction: <see cref="PolicyCompiler"/> refuses an invalid object with a status that names field, value and reason.
/// </summary>
public abstract record KubernetesObject
{
    private protected KubernetesObject()
    {
    }

    /// <summary>Name, namespace, labels and the like.</summary>
    public required ObjectMeta Metadata { get; init; }

    /// <summary>The kind of the object.</summary>
    public abstract ObjectKind Kind { get; }

    /// <summary>What identifies the object. The namespace of a kind that is in none does not count.</summary>
    public ObjectKey Key => new(Kind, Kind.IsNamespaced ? Metadata.Namespace : "", Metadata.Name);
}
