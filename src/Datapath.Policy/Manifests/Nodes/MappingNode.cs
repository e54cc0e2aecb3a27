namespace Datapath.Policy;

/// <summary>A field of a <see cref="MappingNode"/>.</summary>
internal readonly record struct MappingField(string Name, int Line, ManifestNode Value);

/// <summary>A mapping (JSON: object). No name occurs twice.</summary>
internal sealed record MappingNode : ManifestNode
{
    public MappingNode(int line, int column, IReadOnlyList<MappingField> fields)
        : base(line, column)
    {
        Fields = fields;
        foreach (var field in fields)
            Weight += field.Value.Weight;
    }

    public IReadOnlyList<MappingField> Fields { get; }

    public override string Description => "a mapping";

    /// <summary>Finds a field by its name; a null value counts as absent, as in Kubernetes.</summary>
    public ManifestNode? Find(string name)
    {
        foreach (var field in Fields)
        {
            if (field.Name == name)
                return field.Value is ScalarNode { Kind: ScalarKind.Null } ? null : field.Value;
        }

        return null;
    }
}
