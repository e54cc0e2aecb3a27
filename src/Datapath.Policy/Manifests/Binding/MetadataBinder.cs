using System.Globalization;

namespace Datapath.Policy;

/// <summary>Binds <c>metadata</c>.</summary>
internal static class MetadataBinder
{
    public static ObjectMeta Bind(FieldReader root, IssueList issues) => Bind(root, issues, noNamespace: "default");

    /// <summary>Binds the metadata of an object of a kind that is in no namespace.</summary>
    public static ObjectMeta BindClusterwide(FieldReader root, IssueList issues)
    {
        if (root.Mapping("metadata").String("namespace") is { Length: > 0 } name)
            issues.Error("metadata.namespace", name, "must be absent: objects of this kind are in no namespace");
        return Bind(root, issues, noNamespace: "");
    }

    private static ObjectMeta Bind(FieldReader root, IssueList issues, string noNamespace)
    {
        var fields = root.Mapping("metadata");
        fields.Require("name");
        fields.NoteOthers(
            "name", "namespace", "labels", "annotations", "uid", "creationTimestamp", "resourceVersion", "generation", "generateName",
            "managedFields", "ownerReferences", "finalizers", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink");
        return new()
        {
            Name = fields.String("name") ?? "",
            Namespace = fields.String("namespace") is { Length: > 0 } value ? value : noNamespace,
            Labels = fields.StringMap("labels"),
            Annotations = fields.StringMap("annotations"),
            Uid = fields.String("uid"),
            CreationTimestamp = BindTime(fields, "creationTimestamp", issues),
            DeletionTimestamp = BindTime(fields, "deletionTimestamp", issues),
        };
    }

    /// <summary>RFC 3339, of which the API server writes <c>2024-05-01T10:00:00Z</c>.</summary>
    private static DateTimeOffset? BindTime(FieldReader fields, string name, IssueList issues)
    {
        var text = fields.String(name);
        if (string.IsNullOrEmpty(text))
            return null;
        ReadOnlySpan<string> forms = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];
        foreach (var form in forms)
        {
            if (DateTimeOffset.TryParseExact(text, form, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
                return time;
        }

        issues.Error("metadata." + name, text, "must be a time as in RFC 3339, for example 2024-05-01T10:00:00Z");
        return null;
    }
}
