using Datapath.Policy;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting;

/// <summary>The messages that tell of diagnostics, by how much these matter.</summary>
internal sealed record DiagnosticLog(Action<ILogger, Diagnostic> Refused, Action<ILogger, Diagnostic> Warned, Action<ILogger, Diagnostic> Ignored)
{
    /// <summary>Of objects.</summary>
    public static DiagnosticLog OfObjects { get; } = new(Log.Refused, Log.Warned, Log.Ignored);

    /// <summary>Of masquerading.</summary>
    public static DiagnosticLog OfMasquerade { get; } = new(Log.MasqueradeRefused, Log.MasqueradeWarned, Log.MasqueradeIgnored);

    /// <summary>Tells one.</summary>
    public void Write(ILogger logger, Diagnostic diagnostic) => MessageOf(diagnostic.Severity)(logger, diagnostic);

    private Action<ILogger, Diagnostic> MessageOf(DiagnosticSeverity severity) => severity switch
    {
        DiagnosticSeverity.Error => Refused,
        DiagnosticSeverity.Warning => Warned,
        _ => Ignored,
    };
}
