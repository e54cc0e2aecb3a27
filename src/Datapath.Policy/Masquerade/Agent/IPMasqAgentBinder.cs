using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace Datapath.Policy;

/// <summary>Makes a list of the document of an ip-masq-agent file.</summary>
internal sealed class IPMasqAgentBinder(string file, List<Diagnostic> diagnostics)
{
    private const string Ranges = "nonMasqueradeCIDRs";
    private const string LinkLocal = "masqLinkLocal";
    private const string LinkLocalIPv6 = "masqLinkLocalIPv6";
    private const string Interval = "resyncInterval";

    private const string SaysNothing =
        "says nothing: only link-local destinations are excluded. The default list is for a file that is missing or empty to the last byte";

    private static readonly string[] s_fields = [Ranges, LinkLocal, LinkLocalIPv6, Interval];

    private readonly IssueList _issues = new() { KnowsAllFields = true };
    private NonMasqueradeList? _list;

    public void Bind(ManifestNode root, int lineOffset)
    {
        _issues.Clear();
        if (_list is not null)
            _issues.Error("", null, "must be one document, but another begins here");
        else if (root.Kind is NodeKind.Mapping)
            _list = Bind(root);
        else if (root.Kind is not NodeKind.Null)
            _issues.Error("", null, $"must be a mapping, but is {root.Description}");
        foreach (var issue in _issues.Issues)
            Report(issue, root, lineOffset);
    }

    /// <summary>The list; an empty one, with a warning, if there was no document, as from a file of comments.</summary>
    public NonMasqueradeList ListOrEmpty()
    {
        if (_list is null)
            diagnostics.Add(new() { Severity = DiagnosticSeverity.Warning, File = file, Reason = SaysNothing });
        return _list ?? new();
    }

    private NonMasqueradeList Bind(ManifestNode root)
    {
        var fields = new FieldReader(root, _issues);
        CheckNames(root);
        if (!_issues.HasErrors)
            fields.NoteOthers(s_fields);
        if (fields.Has(Interval))
            _issues.Note(Interval, null, "is not used: the file is watched");
        return new()
        {
            Cidrs = BindRanges(fields.Strings(Ranges)),
            MasqLinkLocal = fields.Boolean(LinkLocal) ?? false,
            MasqLinkLocalIPv6 = fields.Boolean(LinkLocalIPv6) ?? false,
        };
    }

    /// <summary>Other readers of the file take names in any case. To pass over a list for the sake of a letter would masquerade what it protects.</summary>
    private void CheckNames(ManifestNode root)
    {
        foreach (var field in root.Fields)
        {
            var meant = Array.Find(s_fields, known => known.Equals(field.Name, StringComparison.OrdinalIgnoreCase));
            if (meant is not null && meant != field.Name)
                _issues.Error(field.Name, null, $"must be written {meant}");
        }
    }

    private ImmutableArray<IPNetwork> BindRanges(ImmutableArray<string> texts)
    {
        var ranges = ImmutableArray.CreateBuilder<IPNetwork>(texts.Length);
        for (var i = 0; i < texts.Length; i++)
        {
            var field = string.Create(CultureInfo.InvariantCulture, $"{Ranges}[{i}]");
            if (!IPRange.TryParse(texts[i], out var range, out var isExact))
            {
                _issues.Error(field, texts[i], $"must be a range in CIDR form, for example {Example(texts[i])}");
                continue;
            }

            if (!isExact)
                _issues.Warn(field, texts[i], $"has bits beyond its prefix, and is read as {range}");
            ranges.Add(range.ToNetwork());
        }

        return ranges.DrainToImmutable();
    }

    private static string Example(string text) => IPRange.TryParseAny(text, out var range, out _) ? range.ToString() : "10.0.0.0/8";

    private void Report(FieldIssue issue, ManifestNode root, int lineOffset) => diagnostics.Add(new()
    {
        Severity = issue.Severity,
        File = file,
        Line = FieldLocator.Locate(root, issue.Field) + lineOffset,
        Field = issue.Field.Length == 0 ? null : issue.Field,
        Value = issue.Value,
        Reason = issue.Reason,
    });
}
