using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>Keeps what an engine logs.</summary>
internal sealed class LogLines : ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _lines = [];

    /// <summary>Warnings and errors.</summary>
    public IEnumerable<string> Bad => _lines.Where(static line => line.Level >= LogLevel.Warning).Select(static line => line.Text);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((logLevel, formatter(state, exception)));
}
