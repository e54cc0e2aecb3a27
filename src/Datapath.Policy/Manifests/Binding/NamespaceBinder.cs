namespace Datapath.Policy;

/// <summary>Binds a Namespace of v1.</summary>
internal static class NamespaceBinder
{
    public static Namespace Bind(FieldReader root, IssueList issues)
    {
        root.NoteOthers("apiVersion", "kind", "metadata", "spec", "status");
        return new() { Metadata = MetadataBinder.BindClusterwide(root, issues) };
    }
}
