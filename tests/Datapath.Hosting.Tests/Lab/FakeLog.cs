using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting.Tests.Lab;

/// <summary>Keeps what is logged.</summary>
internal sealed class FakeLog : ILoggerProvider
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _lines = [];

    public IEnumerable<string> At(LogLevel level) => _lines.Where(l => l.Level == level).Select(static l => l.Text);

    public IEnumerable<string> Bad => _lines.Where(static l => l.Level >= LogLevel.Warning).Select(static l => l.Text);

    public ILogger CreateLogger(string categoryName) => new Logger(_lines);

    public void Dispose()
    {
    }

    private sealed class Logger(ConcurrentQueue<(LogLevel, string)> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue((logLevel, formatter(state, exception) + (exception is null ? "" : $" [{exception.Message}]")));
    }
}
