namespace Datapath.Policy;

/// <summary>Something to say about a field of an object, before it is known where the object came from.</summary>
/// <param name="Field">The path of the field.</param>
/// <param name="Value">Its value, if it has one.</param>
/// <param name="Reason">What is wrong.</param>
/// <param name="Severity">How much it matters.</param>
internal readonly record struct FieldIssue(
    string Field, string? Value, string Reason, DiagnosticSeverity Severity = DiagnosticSeverity.Error)
{
    public override string ToString() => new Diagnostic { Severity = Severity, Field = Field, Value = Value, Reason = Reason }.ToString();
}
