namespace Datapath.Policy;

/// <summary>How much a <see cref="Diagnostic"/> matters.</summary>
public enum DiagnosticSeverity
{
    /// <summary>Something was left aside that is none of our business, such as an object of another kind.</summary>
    Debug,

    /// <summary>The input is in force, but part of it has no effect.</summary>
    Warning,

    /// <summary>The object or document was refused.</summary>
    Error,
}
