namespace Datapath.Policy;

/// <summary>Collects everything that is wrong with an object, so that its author sees all of it at once.</summary>
internal sealed class IssueList
{
    /// <summary>An object that is wrong in very many places is reported in the first of them.</summary>
    private const int MostErrors = 50;

    private readonly List<FieldIssue> _issues = [];

    public int ErrorCount { get; private set; }

    public bool HasErrors => ErrorCount > 0;

    public IReadOnlyList<FieldIssue> Issues => _issues;

    /// <summary>Whether fields that are not read are mistakes. Kinds of others may have fields that are none of the datapath's business.</summary>
    public bool KnowsAllFields { get; set; }

    /// <summary>Whether another error would be listed, not only counted.</summary>
    public bool TakesErrors => ErrorCount <= MostErrors;

    /// <summary>Whether another note or warning would be listed. They are bounded too: a million unknown fields must not become a million messages.</summary>
    public bool TakesNotes => _issues.Count - Math.Min(ErrorCount, MostErrors + 1) < MostErrors;

    public void Error(string field, string? value, string reason)
    {
        ErrorCount++;
        if (ErrorCount <= MostErrors)
            _issues.Add(new(field, value, reason));
        else if (ErrorCount == MostErrors + 1)
            _issues.Add(new(field, value, reason + " (and there is more; the rest of the object is not reported)"));
    }

    public void Warn(string field, string? value, string reason) => Add(field, value, reason, DiagnosticSeverity.Warning);

    public void Note(string field, string? value, string reason) => Add(field, value, reason, DiagnosticSeverity.Debug);

    public void Clear()
    {
        _issues.Clear();
        ErrorCount = 0;
    }

    /// <summary>Whether something is already known to be wrong with the field or with a part of the object that contains it.</summary>
    public bool Covers(string field)
    {
        foreach (var issue in _issues)
        {
            if (issue.Severity is DiagnosticSeverity.Error && field.StartsWith(issue.Field, StringComparison.Ordinal)
                && (field.Length == issue.Field.Length || field[issue.Field.Length] is '.' or '['))
                return true;
        }

        return false;
    }

    /// <summary>All errors as one text.</summary>
    public string ErrorText() => string.Join("; ", _issues.Where(issue => issue.Severity is DiagnosticSeverity.Error));

    private void Add(string field, string? value, string reason, DiagnosticSeverity severity)
    {
        if (TakesNotes)
            _issues.Add(new(field, value, reason, severity));
    }
}
