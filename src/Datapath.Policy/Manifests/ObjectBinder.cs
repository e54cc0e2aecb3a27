namespace Datapath.Policy;

/// <summary>Makes objects and diagnostics of the nodes of one document.</summary>
internal sealed class ObjectBinder(string file, List<Diagnostic> diagnostics)
{
    private readonly IssueList _issues = new();
    private readonly IssueList _found = new();

    public List<KubernetesObject> Objects { get; } = [];

    public List<int> Lines { get; } = [];

    public List<RefusedObject> Refused { get; } = [];

    /// <summary>Binds an object, or the objects of a list.</summary>
    /// <param name="root">The root of the document.</param>
    /// <param name="lineOffset">How many lines of the file come before the document.</param>
    public void Bind(ManifestNode root, int lineOffset)
    {
        if (root.Kind is NodeKind.Null)
            return;
        if (!ObjectSchema.IsList(Kind(root)))
        {
            BindObject(root, lineOffset, defaultKind: null);
            return;
        }

        var items = root.Find("items");
        if (items.IsAbsent)
            return;
        if (items.Kind is not NodeKind.List)
        {
            Report(new("items", null, $"must be a list, but is {items.Description}"), root, Kind(root), lineOffset);
            return;
        }

        // Items of a typed list need not say what they are.
        var itemKind = Kind(root) is "List" ? null : Kind(root)![..^"List".Length];
        foreach (var item in items.Items)
            BindObject(item, lineOffset, itemKind);
    }

    private void BindObject(ManifestNode node, int lineOffset, string? defaultKind)
    {
        _issues.Clear();
        var kind = Kind(node) ?? defaultKind;
        _issues.KnowsAllFields = kind is nameof(ObjectKind.ClusterLocalRedirectPolicy);
        var isMapping = node.Kind is NodeKind.Mapping;
        var item = isMapping ? Bind(node, kind, isTyped: Kind(node) is null) : null;
        if (!isMapping)
            _issues.Error("", null, $"an object must be a mapping, but this is {node.Description}");
        foreach (var issue in _issues.Issues)
            Report(issue, node, kind, lineOffset);
        if (_issues.HasErrors && ObjectSchema.KeyOf(node, kind) is { } key) // what it was before stays in force
            Refused.Add(new(key, _issues.ErrorText()));
        if (item is null || _issues.HasErrors)
            return;
        Objects.Add(item);
        Lines.Add(node.Line + lineOffset);
    }

    private KubernetesObject? Bind(ManifestNode node, string? kind, bool isTyped)
    {
        var fields = new FieldReader(node, _issues);
        var version = fields.String("apiVersion");
        switch (kind)
        {
            case null:
                fields.Require("kind");
                return null;
            case not null when ObjectSchema.Find(kind) is { } schema:
                return HasVersion(version, schema.ApiVersion, isTyped) ? Checked(schema.Bind(fields, _issues)) : null;
            case not null when ObjectSchema.IsList(kind):
                _issues.Error("kind", kind, "must not be a list inside a list");
                return null;
            case not null when ObjectSchema.FindMeant(kind, version) is { } meant:
                _issues.Error("kind", kind, $"is not a kind that is read: did you mean {meant.Name}?");
                return null;
            default:
                _issues.Note("kind", kind, "is not a kind that is read: the object is ignored");
                return null;
        }
    }

    private bool HasVersion(string? version, string expected, bool isTyped)
    {
        if (version == expected || (version is null && isTyped && !_issues.HasErrors))
            return true;
        if (!_issues.Covers("apiVersion"))
            _issues.Error("apiVersion", version, version is null ? $"is required: {expected}" : $"is not supported: must be {expected}");
        return false;
    }

    /// <summary>Adds what the validator finds, except about fields that could not even be read.</summary>
    private KubernetesObject Checked(KubernetesObject item)
    {
        _found.Clear();
        ObjectValidator.Validate(item, _found);
        OwnAnnotations.Warn(item, _found);
        foreach (var issue in _found.Issues)
        {
            if (_issues.Covers(issue.Field))
                continue;
            if (issue.Severity is DiagnosticSeverity.Error)
                _issues.Error(issue.Field, issue.Value, issue.Reason);
            else
                _issues.Warn(issue.Field, issue.Value, issue.Reason);
        }

        return item;
    }

    private void Report(FieldIssue issue, ManifestNode node, string? kind, int lineOffset)
    {
        var metadata = node.Find("metadata");
        var name = metadata.TextOf("name");
        var isNamespaced = name is not null && ObjectSchema.Find(kind) is { DefaultsNamespace: true };
        diagnostics.Add(new()
        {
            Severity = issue.Severity,
            File = file,
            Line = FieldLocator.Locate(node, issue.Field) + lineOffset,
            Kind = kind,
            Namespace = metadata.TextOf("namespace") ?? (isNamespaced ? "default" : null),
            Name = name,
            Field = issue.Field.Length == 0 ? null : issue.Field,
            Value = issue.Value,
            Reason = issue.Reason,
        });
    }

    private static string? Kind(ManifestNode node) => node.TextOf("kind");
}
